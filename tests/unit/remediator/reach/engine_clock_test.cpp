#include "remediator/reach/engine_clock.hpp"

#include <fmt/chrono.h>

#include "remediator/reach/docker_engine.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace fieldmedic {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Sun, 06 Nov 1994 08:49:37 GMT, as RFC 9110 has it.
const WallTime kExample{seconds(784'111'777)};

HttpResponse ping(std::string date) {
  return {200, "OK", {{"api-version", "1.41"}, {"date", std::move(date)}}};
}

std::string stop_event(std::int64_t second) {
  return R"({"Type":"container","Action":"kill","Actor":{"ID":"aec5"},"timeNano":)" +
         std::to_string(second) + "000000000}\n";
}

struct Lab {
  FakeHttp http;
  ManualClock clock;
  std::int64_t now = std::chrono::floor<seconds>(clock.wall()).time_since_epoch().count();

  std::shared_ptr<ContainerEngine> engine(EngineAccess access) {
    return make_docker_engine(std::move(access), http, clock);
  }
};

EngineAccess elsewhere() {
  EngineAccess access{.socket = {}, .server = {}};
  access.server.url = "https://10.0.0.11:2376";
  return access;
}

}  // namespace

TEST_CASE("engine clock: the header is compared with ours") {
  const std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";
  CHECK(clock_ahead(date, kExample).value() == milliseconds(0));
  CHECK(clock_ahead(date, kExample + milliseconds(2'900)).value() == milliseconds(0));
  CHECK(clock_ahead(date, kExample + seconds(3'600)).value() == seconds(-3'600));
  CHECK(clock_ahead(date, kExample - seconds(3'600)).value() == seconds(3'600));
  for (const char* text : {"", "now", "Sun, 06 Nov 1994 08:49:37", "784111777",
                           "Sun, 06 Nov 1994 08:49:37 GMT and more"})
    CHECK(clock_ahead(text, kExample).error().code == Errc::Malformed);
}

TEST_CASE("engine clock: what an engine an hour behind was told is found, by our time") {
  Lab lab;
  const std::int64_t there = lab.now - 3'600;
  lab.http.answer(ping(fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(there))));
  lab.http.answer(200, stop_event(there - 5));
  const auto planned = WallTime(seconds(lab.now - 10));
  const auto told = lab.engine(elsewhere())->last_stop("aec5", planned, {});
  REQUIRE(told);
  REQUIRE(*told);
  CHECK(std::chrono::abs(**told - WallTime(seconds(lab.now - 5))) <= seconds(1));
  const auto sent = lab.http.sent();
  REQUIRE(sent.size() == 2);
  CHECK(sent.back().url.contains("until=" + std::to_string(there + 3)));
}

TEST_CASE("engine clock: of an engine that does not tell its time nothing is known") {
  Lab lab;
  lab.http.answer(ping("soon"));
  CHECK(lab.engine(elsewhere())->last_stop("aec5", lab.clock.wall(), {}).error().code ==
        Errc::Malformed);
}

}  // namespace fieldmedic
