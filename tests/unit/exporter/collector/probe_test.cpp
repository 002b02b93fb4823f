#include "exporter/collector/probe.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace fieldmedic {

TEST_CASE("probe: what an answer means") {
  struct Case {
    const char* name;
    Result<HttpResponse> answer;
    std::optional<bool> up;
    std::optional<int> status;
  };
  const Case cases[] = {
      {"well", HttpResponse{200, "status: up", {}}, true, 200},
      {"another status that is expected", HttpResponse{204, "up", {}}, true, 204},
      {"a status that is not", HttpResponse{503, "up", {}}, false, 503},
      {"a redirect", HttpResponse{302, "up", {}}, false, 302},
      {"another body", HttpResponse{200, "down", {}}, false, 200},
      {"a binary body", HttpResponse{200, std::string("\0\xff\xfe up", 6), {}}, true, 200},
      {"refused", fail(Errc::Unavailable, "refused"), false, {}},
      {"silent", fail(Errc::Timeout, "silent"), false, {}},
      {"no descriptor", fail(Errc::Io, "none left"), {}, {}},
      {"no such name", fail(Errc::NotFound, "name"), {}, {}},
      {"told to stop", fail(Errc::Cancelled, "stop"), {}, {}},
  };
  const auto probe =
      Probe::compile({.url = "http://127.0.0.1/", .expect = {200, 204}, .body = "up"});
  REQUIRE(probe);
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      const auto sample = probe->judge(c.answer);
      CHECK(sample.up == c.up);
      CHECK(sample.status == c.status);
      CHECK(sample.reason.empty() == (c.up == true));
    }
}

TEST_CASE("probe: a pattern that RE2 refuses is told") {
  const auto probe = Probe::compile({.url = "http://127.0.0.1/", .body = "("});
  REQUIRE_FALSE(probe);
  CHECK(probe.error().code == Errc::Invalid);
}

TEST_CASE("probe: the request is bounded, and no secret is in the reason") {
  FakeHttp http;
  http.answer(500, "");
  const ManualClock clock;
  const auto probe = Probe::compile({.url = "http://127.0.0.1/health?key=secret",
                                     .timeout = std::chrono::milliseconds(1500),
                                     .ca_file = "/ca.pem"});
  REQUIRE(probe);
  const auto sample = probe->ask(http, clock, {});
  CHECK(sample.up == false);
  CHECK(sample.reason == "http://127.0.0.1/health: answered 500");
  CHECK(sample.at == clock.wall());
  REQUIRE(http.sent().size() == 1);
  const auto request = http.sent().front();
  CHECK(request.url == "http://127.0.0.1/health?key=secret");
  CHECK(request.timeout == std::chrono::milliseconds(1500));
  CHECK(request.tls.ca_file == "/ca.pem");
  CHECK(request.body_limit == 1 << 20);
}

}  // namespace fieldmedic
