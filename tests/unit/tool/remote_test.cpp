// How the remediator is asked, and what its refusals come to.
#include "tool/remote.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/temp_tree.hpp"
#include "tool/connection.hpp"
#include "tool/exit_code.hpp"

namespace fieldmedic::tool {
namespace {

Error refused(int status, std::string body) {
  FakeHttp http;
  http.answer(status, std::move(body));
  const auto answer = ask_remediator(http, {.url = kDefaultUrl}, show_incident(17));
  REQUIRE_FALSE(answer);
  return answer.error();
}

TEST_CASE("tool: a request carries the credentials of the file") {
  const TempTree tree(
      {{"password", "geheim\n"},
       {"fieldmedic.yml", "url: https://medic:9988\nusername: alice\npassword_file: password\n"}});
  const auto access = read_connection(tree.root / "fieldmedic.yml");
  REQUIRE(access);
  FakeHttp http;
  http.answer(200, "{}");
  CHECK(ask_remediator(http, *access, pause("all", "")) == "{}");
  const auto sent = http.sent();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].method == "POST");
  CHECK(sent[0].url == "https://medic:9988/api/v1/pause");
  CHECK(sent[0].body == R"({"reason":"","scope":"all"})");
  REQUIRE(sent[0].basic_auth);
  CHECK(sent[0].basic_auth->username == "alice");
  CHECK(sent[0].basic_auth->password.reveal() == "geheim");
}

TEST_CASE("tool: without a file the remediator of this host is asked") {
  const auto access = read_connection({});
  REQUIRE(access);
  CHECK(access->url == kDefaultUrl);
  CHECK_FALSE(access->basic_auth);
  CHECK(connection_file("mine.yml") == "mine.yml");
}

TEST_CASE("tool: every fault of its file is told with its place") {
  const TempTree tree;
  tree.write("f.yml", "url: ftp://x\nusername: alice\npasword_file: x\n");
  const auto access = read_connection(tree.root / "f.yml");
  REQUIRE_FALSE(access);
  CHECK(access.error().message.find("f.yml:1:6: 'url'") != std::string::npos);
  CHECK(access.error().message.find("f.yml:3:1: unknown key 'pasword_file'") != std::string::npos);
  CHECK_FALSE(read_connection(tree.root / "absent.yml"));
}

TEST_CASE("tool: a refusal says what the remediator said and how the tool ends") {
  const struct {
    int status;
    const char* body;
    const char* message;
    ExitCode code;
  } cases[] = {
      {400, R"({"error":"no scope"})", "no scope", ExitCode::Usage},
      {401, "", "http://127.0.0.1:9988 wants a user", ExitCode::Denied},
      {403, R"({"error":"yours is viewer"})", "yours is viewer", ExitCode::Denied},
      {404, R"({"error":"no incident 17"})", "no incident 17", ExitCode::No},
      {409, R"({"error":"not \u001b paused"})", "not \\x1b paused", ExitCode::No},
      {503, R"({"error":"disk full"})", "http://127.0.0.1:9988: disk full", ExitCode::Unavailable},
      {302, "<html>", "http://127.0.0.1:9988: it answered HTTP 302", ExitCode::Unavailable},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.status) {
      const Error error = refused(c.status, c.body);
      CHECK(error.message.starts_with(c.message));
      CHECK(exit_code_of(error.code) == c.code);
    }
}

TEST_CASE("tool: a remediator that is away is told as that") {
  FakeHttp http;
  const auto answer = ask_remediator(http, {.url = kDefaultUrl}, list_brakes());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message.starts_with("the remediator does not answer: "));
  CHECK(exit_code_of(answer.error().code) == ExitCode::Unavailable);
}

}  // namespace
}  // namespace fieldmedic::tool
