#include "remediator/reach/etcd_keys.hpp"

#include <filesystem>

#include <fmt/core.h>

#include "remediator/reach/etcd.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace fs = std::filesystem;

TEST_CASE("etcd_keys: int64 as text or as numbers, and what is 0 left out") {
  const auto sight = parse_key_sight(
      R"({"header":{},"responses":[
           {"response_range":{"kvs":[{"key":"L2E=","mod_revision":"12","value":"b3du"}]}},
           {"response_range":{"kvs":[{"key":"L2E=","mod_revision":13,"lease":"77"}]}}]})");
  REQUIRE(sight);
  CHECK(sight->key.there);
  CHECK(sight->key.value == "own");
  CHECK(sight->key.version == 12);
  CHECK_FALSE(sight->key.of_session);
  CHECK(sight->record.value.empty());
  CHECK(sight->record.revision == 13);
  CHECK(sight->record.of_session);
  const auto none = parse_key_sight(
      R"({"responses":[{"response_range":{"header":{}}},{"response_range":{"kvs":[]}}]})");
  REQUIRE(none);
  CHECK_FALSE(none->key.there);
  CHECK_FALSE(none->record.there);
}

TEST_CASE("etcd_keys: what is no answer is not taken for an absent key") {
  for (const char* body : {"", "[]", "{}", R"({"responses":[]})", R"({"responses":[{},{}]})",
                           R"({"responses":[{"response_range":{}}]})",
                           R"({"responses":[{"response_range":{"kvs":[{"value":"b3du"}]}},
                                            {"response_range":{}}]})",
                           R"({"responses":[{"response_range":{"kvs":[{"mod_revision":"x"}]}},
                                            {"response_range":{}}]})",
                           R"({"responses":[{"response_range":{"kvs":[{"mod_revision":"1",
                                            "value":"***"}]}},{"response_range":{}}]})"}) {
    INFO(body);
    const auto sight = parse_key_sight(body);
    REQUIRE_FALSE(sight);
    CHECK(sight.error().code == Errc::Malformed);
  }
}

TEST_CASE("etcd_keys: members are asked in turn, and what is unclear stays so") {
  constexpr const char* kDone =
      R"({"header":{"cluster_id":"1","member_id":"2","raft_term":"3"},"succeeded":true})";
  constexpr const char* kNot = R"({"header":{"cluster_id":"1","member_id":"2","raft_term":"3"}})";
  FakeHttp http;
  EtcdKeys keys(http, {{"http://a:1", "http://b:1"}, {}, {}, {}}, "/k", "/k.r");
  const auto exchange = [&] {
    const Status done = keys.exchange({}, {"v", "r"}, std::chrono::seconds(2), {});
    return done ? std::string("done") : std::string(to_string(done.error().code));
  };
  SECTION("the second where the first is not there") {
    http.answer(fail(Errc::Unavailable, "refused"));
    http.answer(200, kDone);
    CHECK(exchange() == "done");
    CHECK(http.sent().at(1).url == "http://b:1/v3/kv/txn");
  }
  SECTION("none is there") {
    CHECK(exchange() == "unavailable");
  }
  SECTION("another version") {
    http.answer(200, kNot);
    CHECK(exchange() == "conflict");
  }
  SECTION("a refusal ends it") {
    http.answer(403, "{}");
    CHECK(exchange() == "denied");
    CHECK(http.sent().size() == 1);
  }
  SECTION("one that may have done it is not made good by one that says no") {
    http.answer(fail(Errc::Timeout, "no answer"));
    http.answer(403, "{}");
    CHECK(exchange() == "timeout");
  }
  SECTION("without a quorum") {
    http.answer(503, "{}");
    CHECK(exchange() == "timeout");
  }
  SECTION("a page that is not of etcd") {
    http.answer(200, "{}");
    http.answer(200, "<html>");
    CHECK(exchange() == "timeout");
  }
}

TEST_CASE("etcd: a user logs in at each member, and no password is told") {
  constexpr const char* kHeader = R"("header":{"cluster_id":"1","member_id":"2","raft_term":"3"})";
  const std::string login = fmt::format(R"({{{},"token":"tok.1"}})", kHeader);
  const std::string done = fmt::format(R"({{{}}})", kHeader);
  const TempTree tree{{{"password", "hunter2\n"}}};
  const std::string file = (tree.root / "password").string();
  FakeHttp http;
  const auto ask = [&] {
    const auto answer = ask_etcd(http, {{"http://a:1", "http://b:1"}, {}, {}, {}, "medic", file},
                                 "/v3/kv/range", "{}", std::chrono::seconds(2), {});
    if (answer) return std::string("done");
    CHECK_THAT(answer.error().message, !Catch::Contains("hunter2"));
    return std::string(to_string(answer.error().code));
  };
  SECTION("by its token") {
    http.answer(200, login);
    http.answer(200, done);
    CHECK(ask() == "done");
    REQUIRE(http.sent().size() == 2);
    CHECK(http.sent()[0].url == "http://a:1/v3/auth/authenticate");
    CHECK(http.sent()[0].body == R"({"name":"medic","password":"hunter2"})");
    CHECK(http.sent()[0].timeout == std::chrono::milliseconds(500));
    CHECK(http.sent()[1].headers.back() ==
          std::pair<std::string, std::string>("Authorization", "tok.1"));
  }
  SECTION("where users are not asked for") {
    http.answer(412, R"({"error":"etcdserver: authentication is not enabled","code":9})");
    http.answer(200, done);
    CHECK(ask() == "done");
    CHECK(http.sent().at(1).headers.size() == 1);
  }
  SECTION("a wrong password is wrong at the others too") {
    http.answer(400, R"({"error":"etcdserver: authentication failed","code":3})");
    CHECK(ask() == "denied");
    CHECK(http.sent().size() == 1);
  }
  SECTION("a login that got lost changed nothing") {
    http.answer(fail(Errc::Timeout, "no answer"));
    http.answer(fail(Errc::Io, "no TLS"));
    CHECK(ask() == "unavailable");
    CHECK(http.sent().size() == 2);
  }
  SECTION("an order that may have got there stays unclear, whoever says no after it") {
    http.answer(200, login);
    http.answer(fail(Errc::Timeout, "no answer"));
    http.answer(400, R"({"error":"etcdserver: authentication failed","code":3})");
    CHECK(ask() == "timeout");
  }
  SECTION("a page that is not of etcd logs nobody in") {
    http.answer(200, R"({"token":"tok.1"})");
    http.answer(200, done);
    CHECK(ask() == "unavailable");
  }
  SECTION("without its password") {
    fs::remove(file);
    CHECK(ask() == "denied");
    CHECK(http.sent().empty());
  }
}

}  // namespace fieldmedic
