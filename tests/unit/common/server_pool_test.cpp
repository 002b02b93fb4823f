#include "common/server_pool.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

ServerPool three() {
  return ServerPool({{.url = "http://a:1"}, {.url = "http://b:1"}, {.url = "http://c:1"}});
}

HttpRequest question() {
  HttpRequest question;
  question.method = "POST";
  question.body = "query=up";
  question.timeout = milliseconds(9'000);
  return question;
}

std::vector<std::string> asked(const FakeHttp& http) {
  std::vector<std::string> urls;
  for (const HttpRequest& request : http.sent()) urls.push_back(request.url);
  return urls;
}

TEST_CASE("server pool: the first that answers is taken, and asked first the next time") {
  FakeHttp http;
  http.answer(fail(Errc::Unavailable, "http://a:1/q: refused"));
  http.answer(503, "starts");
  http.answer(200, "here");
  http.answer(200, "again");
  const ServerPool pool = three();
  const auto first = pool.ask(http, "/q", question(), {});
  REQUIRE(first);
  CHECK(first->body == "here");
  CHECK(pool.ask(http, "/q", question(), {})->body == "again");
  CHECK(asked(http) ==
        std::vector<std::string>{"http://a:1/q", "http://b:1/q", "http://c:1/q", "http://c:1/q"});
  for (const HttpRequest& request : http.sent()) {
    CHECK(request.timeout == milliseconds(3'000));  // all of them together stay within it
    CHECK(request.method == "POST");
    CHECK(request.body == "query=up");
  }
  const auto counts = pool.counts();
  REQUIRE(counts.size() == 3);
  CHECK(counts[0].address == "http://a:1");
  CHECK((counts[0].answered == 0 && counts[0].failed == 1));
  CHECK((counts[1].answered == 0 && counts[1].failed == 1));
  CHECK((counts[2].answered == 2 && counts[2].failed == 0));
}

TEST_CASE("server pool: what the other side says no to, another would refuse as well") {
  FakeHttp http;
  http.answer(400, "parse error");
  const auto answer = three().ask(http, "/q", question(), {});
  REQUIRE(answer);
  CHECK(answer->status == 400);
  CHECK(http.sent().size() == 1);
}

TEST_CASE("server pool: when nobody answers, each is named") {
  FakeHttp http;
  http.answer(fail(Errc::Timeout, "http://a:1/q: no answer"));
  http.answer(502, "");
  http.answer(fail(Errc::Unavailable, "http://c:1/q: refused"));
  const auto answer = three().ask(http, "/q", question(), {});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message ==
        "http://a:1/q: no answer; http://b:1 answers 502; http://c:1/q: refused");
}

TEST_CASE("server pool: of one address also its own trouble is an answer to read") {
  FakeHttp http;
  http.answer(503, "query timed out");
  const ServerPool one({{.url = "http://a:1"}});
  const auto answer = one.ask(http, "/q", question(), {});
  REQUIRE(answer);
  CHECK(answer->body == "query timed out");
  CHECK(http.sent().front().timeout == milliseconds(9'000));
  CHECK(one.counts().front().failed == 1);
}

TEST_CASE("server pool: a question that is given up goes to nobody else and counts for nothing") {
  FakeHttp http;
  http.answer(fail(Errc::Cancelled, "stopped"));
  const ServerPool pool = three();
  const auto answer = pool.ask(http, "/q", question(), {});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::Cancelled);
  CHECK(http.sent().size() == 1);
  CHECK(pool.counts().front().failed == 0);
}

TEST_CASE("server pool: each is asked, whatever the others say") {
  FakeHttp http;
  http.answer(200, "a");
  http.answer(fail(Errc::Unavailable, "refused"));
  http.answer(200, "c");
  const auto answers = three().ask_all(http, "/q", question(), {});
  REQUIRE(answers.size() == 3);
  CHECK(answers[0]->body == "a");
  CHECK_FALSE(answers[1]);
  CHECK(answers[2]->body == "c");
}

TEST_CASE("server pool: with no address nothing is asked") {
  FakeHttp http;
  CHECK_FALSE(ServerPool{}.ask(http, "/q", question(), {}));
  CHECK(ServerPool{}.ask_all(http, "/q", question(), {}).empty());
  CHECK(ServerPool{}.counts().empty());
}

}  // namespace
}  // namespace fieldmedic
