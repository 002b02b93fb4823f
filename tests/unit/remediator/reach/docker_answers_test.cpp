#include "remediator/reach/docker_answers.hpp"

#include <fmt/core.h>

#include "remediator/reach/docker_log.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

using namespace std::string_literals;

constexpr const char* kContainer = R"({
  "Id": "aec5", "Name": "/orders", "Image": "sha256:16f3", "RestartCount": 2,
  "State": {"Status": "exited", "Running": false, "ExitCode": 137,
            "StartedAt": "2026-11-27T15:12:34.874294439Z", "Health": {"Status": "unhealthy"}},
  "Config": {"Tty": true, "Labels": {}}})";

std::string event(const char* id, const char* action, std::int64_t nanoseconds,
                  const char* type = "container") {
  return fmt::format(R"({{"Type":"{}","Action":"{}","Actor":{{"ID":"{}"}},"timeNano":{}}})", type,
                     action, id, nanoseconds) +
         "\n";
}

constexpr WallTime kPlanned{std::chrono::milliseconds(1'000)};

TEST_CASE("docker: the older API version is spoken, compared as numbers") {
  struct Case {
    const char* header;
    std::optional<ApiVersion> version;
    Errc error = Errc::Malformed;
  };
  const auto& one =
      GENERATE(Case{"1.41", ApiVersion{1, 41}}, Case{"1.40", ApiVersion{1, 40}},
               Case{"1.60", ApiVersion{1, 51}}, Case{"2.0", ApiVersion{1, 51}},
               Case{"1.9", std::nullopt, Errc::Invalid}, Case{"1.39", std::nullopt, Errc::Invalid},
               Case{"", std::nullopt}, Case{"1", std::nullopt}, Case{"1.", std::nullopt},
               Case{"1.41x", std::nullopt}, Case{"x.41", std::nullopt});
  INFO(one.header);
  const auto version = negotiate(one.header);
  REQUIRE(version.has_value() == one.version.has_value());
  if (version)
    CHECK(*version == *one.version);
  else
    CHECK(version.error().code == one.error);
}

TEST_CASE("docker: a container is read from its description") {
  const auto container = read_container(kContainer);
  REQUIRE(container);
  CHECK(container->id == "aec5");
  CHECK(container->name == "orders");
  CHECK(container->status == "exited");
  CHECK_FALSE(container->running);
  CHECK(container->exit_code == 137);
  CHECK(container->restarts == 2);
  CHECK(container->health == "unhealthy");
  CHECK(container->tty);
  CHECK(container->owner.empty());
  CHECK(container->inspect == kContainer);
}

TEST_CASE("docker: what else starts a container is its owner") {
  struct Case {
    const char* label;
    const char* owner;
  };
  const auto& one = GENERATE(Case{"PODMAN_SYSTEMD_UNIT", "the systemd unit x"},
                             Case{"com.docker.swarm.service.name", "the swarm service x"},
                             Case{"io.kubernetes.pod.name", "the Kubernetes pod x"},
                             Case{"com.docker.compose.project", ""});
  const auto container = read_container(fmt::format(
      R"({{"Id":"a","State":{{"Running":true,"StartedAt":"t"}},"Config":{{"Labels":{{"{}":"x"}}}}}})",
      one.label));
  REQUIRE(container);
  CHECK(container->owner == one.owner);
}

TEST_CASE("docker: an answer of another shape is malformed and never a container") {
  const auto body = GENERATE("", "null", "[]", "7", "{", R"({"Id":"a"})",
                             R"({"Id":7,"State":{"Running":true,"StartedAt":"t"}})",
                             R"({"Id":"a","State":{"Running":"yes","StartedAt":"t"}})",
                             R"({"Id":"a","State":[true]})");
  INFO(body);
  const auto container = read_container(body);
  REQUIRE_FALSE(container);
  CHECK(container.error().code == Errc::Malformed);
}

TEST_CASE("docker: the last end of a container is the newest since the plan") {
  const auto events = event("aec5", "kill", 500'000'000) + event("aec5", "start", 1'100'000'000) +
                      event("b0b", "die", 1'200'000'000) + event("aec5", "kill", 1'300'000'000) +
                      event("aec5", "die", 1'400'000'000) +
                      event("aec5", "die", 1'500'000'000, "network");
  const auto stop = read_last_stop(events, "aec5", kPlanned);
  REQUIRE(stop);
  REQUIRE(*stop);
  CHECK(**stop == WallTime(std::chrono::milliseconds(1'400)));
  CHECK_FALSE(read_last_stop(events, "cafe", kPlanned).value());
  CHECK_FALSE(read_last_stop("", "aec5", kPlanned).value());
}

TEST_CASE(
    "docker: events that begin after the plan prove nothing once they are as many as are kept") {
  std::string events;
  for (int i = 0; i < 256; ++i) events += event("b0b", "exec_start", 2'000'000'000 + i);
  const auto lost = read_last_stop(events, "aec5", kPlanned);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == Errc::Unavailable);
  // One that is older than the plan shows that all since then are there.
  CHECK_FALSE(read_last_stop(event("b0b", "die", 1) + events, "aec5", kPlanned).value());
  CHECK_FALSE(read_last_stop("{\"Type\":1}\n", "aec5", kPlanned));
}

TEST_CASE("docker: an error is its message, one line and cut") {
  CHECK(read_message(R"({"message":"No such container: x"})") == "No such container: x");
  CHECK(read_message("plain\n\x1b[31m") == "plain  [31m");
  CHECK(read_message(std::string(5'000, 'x')).size() == 300);
}

TEST_CASE("docker: the log's frames are taken apart") {
  const auto hello = "\x01\0\0\0\0\0\0\x06hello\n"s;
  const auto oops = "\x02\0\0\0\0\0\0\x05oops\n"s;
  CHECK(demultiplex("") == "");
  CHECK(demultiplex(hello) == "hello\n");
  CHECK(demultiplex(hello + oops + hello) == "hello\noops\nhello\n");
  const auto engines =
      "\x03\0\0\0\0\0\0\x03"
      "bad"s;
  CHECK(demultiplex(engines + hello) == "hello\n");
  CHECK(demultiplex(hello.substr(0, 11)) == "hel");             // cut in its text
  CHECK(demultiplex(hello + hello.substr(0, 5)) == "hello\n");  // cut in its header
  CHECK(demultiplex("\x01\0\0\0\xff\xff\xff\xffxy"s) == "xy");
  CHECK(demultiplex("no frame at all") == "");
}

}  // namespace
}  // namespace fieldmedic
