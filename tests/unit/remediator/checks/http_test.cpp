#include "remediator/checks/http.hpp"

#include "common/url_host.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

namespace {

using core::Verdict;

core::CheckAnswer ask(FakeHttp& http, const std::string& arguments,
                      std::vector<std::string> health = {}) {
  CollectorSpec collector;
  collector.health = std::move(health);
  const CheckTools tools{http, inventory_of(collector), {}, {}};
  return (*make_http_check(arguments, tools))->run(kOrders, {});
}

constexpr const char* kDefaults = R"({"status":200,"timeout_ms":2000,"urls":[]})";

}  // namespace

TEST_CASE("an http check judges each kind of answer") {
  struct Case {
    const char* name;
    Result<HttpResponse> answer;
    Verdict want;
  };
  const Case cases[] = {
      {"the status wanted", HttpResponse{200, "", {}}, Verdict::Pass},
      {"another status", HttpResponse{503, "", {}}, Verdict::Fail},
      {"a redirect", HttpResponse{302, "", {}}, Verdict::Fail},
      {"refused", fail(Errc::Unavailable, "refused"), Verdict::Fail},
      {"silent", fail(Errc::Timeout, "no answer"), Verdict::Fail},
      {"no such name", fail(Errc::NotFound, "no address"), Verdict::Unknown},
      {"out of descriptors", fail(Errc::Io, "none left"), Verdict::Unknown},
      {"told to stop", fail(Errc::Cancelled, "stopped"), Verdict::Unknown},
      {"too large", fail(Errc::TooLarge, "too large"), Verdict::Unknown},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    FakeHttp http;
    http.answer(c.answer);
    CHECK(ask(http, kDefaults, {"http://127.0.0.1:8080/health"}).verdict == c.want);
  }
}

TEST_CASE("an http check of a host over SSH asks nothing on this machine") {
  const auto ask_about_far = [](const std::string& url) {
    FakeHttp http;
    http.answer(200, "");
    const CheckTools tools{http, far_inventory_of({}), {}, {}};
    const std::string arguments = R"({"status":200,"timeout_ms":2000,"urls":[")" + url + "\"]}";
    return (*make_http_check(arguments, tools))->run(kOrders, {}).verdict;
  };
  for (const char* url : {"http://127.0.0.1:8080/health", "http://localhost/", "https://[::1]:1/x",
                          "http://127.1.2.3", "http://0.0.0.0:80/", "http://LOCALHOST/",
                          "http://127.1:80/", "http://[::ffff:127.0.0.1]/"}) {
    INFO(url);
    CHECK(ask_about_far(url) == Verdict::Unknown);
  }
  CHECK(ask_about_far("http://" + own_host_name() + "/") == Verdict::Unknown);
  for (const char* url : {"http://10.0.0.11:8080/health", "http://localhost.example/",
                          "http://[fe80::1]/", "http://sh-01/127.0.0.1"}) {
    INFO(url);
    CHECK(ask_about_far(url) == Verdict::Pass);
  }
}

TEST_CASE("an http check asks its own URLs before the collector's and gives each its whole time") {
  FakeHttp http;
  http.answer(204, "");
  http.answer(204, "");
  const auto answer = ask(
      http, R"({"status":204,"timeout_ms":2000,"urls":["http://a/","http://b/"]})", {"http://c/"});
  CHECK(answer.verdict == Verdict::Pass);
  const auto sent = http.sent();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].url == "http://a/");
  CHECK(sent[1].url == "http://b/");
  CHECK(sent[1].timeout == std::chrono::milliseconds(2000));
}

TEST_CASE("an http check ends at the first URL that does not pass and shows no secret") {
  FakeHttp http;
  http.answer(500, "");
  const auto answer = ask(http, kDefaults, {"http://u:hunter2@a/x?key=hunter2", "http://b/"});
  CHECK(answer.verdict == Verdict::Fail);
  CHECK(answer.evidence.find("hunter2") == std::string::npos);
  CHECK(http.sent().size() == 1);
}

TEST_CASE("an http check without URLs is unknown") {
  FakeHttp http;
  CHECK(ask(http, kDefaults).verdict == Verdict::Unknown);
}

}  // namespace fieldmedic
