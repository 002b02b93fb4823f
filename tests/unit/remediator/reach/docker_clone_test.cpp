#include "remediator/reach/docker_clone.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

// As Docker 20.10 describes one, shortened.
Json inspect() {
  return Json::parse(R"({
    "Id": "c0ffee0123456789aaaa", "Image": "sha256:1111", "Name": "/orders",
    "Config": {"Hostname": "c0ffee012345", "Image": "orders:latest", "Env": ["A=1"],
               "Cmd": ["/bin/collect"], "MacAddress": "02:42:ac:11:00:02",
               "Labels": {"team": "data", "com.docker.compose.project": "x"}},
    "HostConfig": {"Binds": ["/data:/data"], "NetworkMode": "back", "ContainerIDFile": "/run/id",
                   "PortBindings": {}, "Memory": 64},
    "NetworkSettings": {"Networks": {"back": {"IPAMConfig": {"IPv4Address": "10.0.0.5"},
      "Aliases": ["orders", "c0ffee012345"], "IPAddress": "10.0.0.5",
      "MacAddress": "02:42:ac:11:00:02", "Links": null, "DriverOpts": null}}}})");
}

}  // namespace

TEST_CASE("a clone has all of a container but what no two can have") {
  const auto body = clone_body(inspect().dump(), {"c0ffee0123456789aaaa", "j-1-1"});
  REQUIRE(body.has_value());
  CHECK(Json::parse(*body) == Json::parse(R"({
    "Image": "sha256:1111", "Env": ["A=1"], "Cmd": ["/bin/collect"],
    "Labels": {"team": "data", "fieldmedic.clone-of": "c0ffee0123456789aaaa",
               "fieldmedic.attempt": "j-1-1"},
    "HostConfig": {"Binds": ["/data:/data"], "NetworkMode": "back", "PortBindings": {},
                   "Memory": 64},
    "NetworkingConfig": {"EndpointsConfig": {"back": {"Aliases": ["orders"]}}}})"));
}

TEST_CASE("a container with the network of another, or none, has no networks of its own") {
  for (const char* mode : {"host", "none", "container:c0ffee"}) {
    Json container = inspect();
    container["HostConfig"]["NetworkMode"] = mode;
    const auto body = clone_body(container.dump(), {"c", "j"});
    REQUIRE(body.has_value());
    CHECK_FALSE(Json::parse(*body).contains("NetworkingConfig"));
  }
}

TEST_CASE("limits that Podman names as the kernel does are named as engines take them") {
  Json container = inspect();
  container["HostConfig"]["Ulimits"] = Json::parse(
      R"([{"Name": "RLIMIT_NOFILE", "Soft": 1, "Hard": 2}, {"Name": "core", "Soft": 0}, 7])");
  const auto body = clone_body(container.dump(), {"c", "j"});
  REQUIRE(body.has_value());
  CHECK(
      Json::parse(*body)["HostConfig"]["Ulimits"] ==
      Json::parse(R"([{"Name": "nofile", "Soft": 1, "Hard": 2}, {"Name": "core", "Soft": 0}, 7])"));
}

TEST_CASE("what publishes a port of the host cannot be cloned") {
  struct Case {
    const char* bindings;
    bool can;
  };
  const Case cases[] = {
      {R"({"80/tcp": [{"HostIp": "", "HostPort": "8080"}]})", false},
      {R"({"80/tcp": [{"HostIp": "", "HostPort": ""}]})", true},
      {R"({"80/tcp": [{"HostIp": "", "HostPort": "0"}]})", true},
      {R"({"80/tcp": null})", true},
  };
  for (const Case& c : cases) {
    INFO(c.bindings);
    Json container = inspect();
    container["HostConfig"]["PortBindings"] = Json::parse(c.bindings);
    const auto body = clone_body(container.dump(), {"c", "j"});
    CHECK(body.has_value() == c.can);
    if (!body) CHECK(body.error().code == Errc::Conflict);
  }
}

TEST_CASE("an answer that describes no container makes no clone") {
  for (const char* text : {"", "[]", "{}", R"({"Id":7,"Image":"a","Config":{},"HostConfig":{}})",
                           R"({"Id":"a","Image":"b","Config":{}})"}) {
    INFO(text);
    const auto body = clone_body(text, {"c", "j"});
    REQUIRE_FALSE(body.has_value());
    CHECK(body.error().code == Errc::Malformed);
  }
  // Parts of another shape are left out, not trusted.
  const auto odd = clone_body(
      R"({"Id":"a","Image":"b","Config":[],"HostConfig":7,"NetworkSettings":[]})", {"c", "j"});
  CHECK(odd.has_value());
}

}  // namespace fieldmedic
