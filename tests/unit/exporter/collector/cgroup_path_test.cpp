#include "exporter/collector/cgroup_path.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

TEST_CASE("cgroup path: the hierarchy of systemd is found in every layout") {
  struct Case {
    const char* name;
    const char* text;
    const char* managed;
    std::size_t paths;
  };
  const Case cases[] = {
      {"v2", "0::/system.slice/orders.service\n", "/system.slice/orders.service", 1},
      {"v1", "2:cpu,cpuacct:/\n1:name=systemd:/system.slice/orders.service\n",
       "/system.slice/orders.service", 2},
      {"hybrid", "1:name=systemd:/system.slice/orders.service\n0::/elsewhere\n",
       "/system.slice/orders.service", 2},
      {"without systemd", "3:pids:/docker/1\n2:cpu:/docker/1\n", "", 2},
      {"a colon in the path", "0::/system.slice/a:b.service\n", "/system.slice/a:b.service", 1},
      {"of a zombie", "0::/system.slice/orders.service (deleted)\n", "/system.slice/orders.service",
       1},
      {"without a newline at its end", "0::/", "/", 1},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto paths = parse_cgroup(c.text);
    REQUIRE(paths);
    CHECK(paths->managed == c.managed);
    CHECK(paths->all.size() == c.paths);
  }
}

TEST_CASE("cgroup path: another shape is malformed") {
  std::string many;
  for (int i = 0; i < 65; ++i) many += "1:cpu:/\n";
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("0:/"), std::string("0::"),
        std::string("0::relative\n"), std::string("0::/\nrubbish\n"), many}) {
    CAPTURE(text);
    const auto paths = parse_cgroup(text);
    REQUIRE_FALSE(paths);
    CHECK(paths.error().code == Errc::Malformed);
  }
}

TEST_CASE("cgroup path: the root of the units is where pid 1 stands") {
  CHECK(units_root("0::/init.scope\n").empty());
  CHECK(units_root("1:name=systemd:/machine.slice/sh01.scope/payload/init.scope\n0::/\n") ==
        "/machine.slice/sh01.scope/payload");
  CHECK(units_root("0::/\n").empty());  // no systemd
  CHECK(units_root("0::/docker/1234\n").empty());
  CHECK(units_root("rubbish").empty());
}

TEST_CASE("cgroup path: a unit is where its control group is") {
  struct Case {
    const char* path;
    const char* unit;
    bool want;
    const char* root = "";
  };
  const Case cases[] = {
      {"/system.slice/orders.service", "orders.service", true},
      {"/system.slice/orders.service/worker/1", "orders.service", true},
      {"/system.slice/system-orders.slice/orders@1.service", "orders@1.service", true},
      {"/system.slice/system-orders.slice/orders@1.service", "orders@2.service", false},
      {"/system.slice/orders.service", "orders", false},
      {"/system.slice/orders.service", "ders.service", false},
      {"/system.slice/orders.service.d", "orders.service", false},
      {"/system.slice/orders.service", "system.slice", true},
      {"/user.slice/user-1000.slice/user@1000.service/app.slice/orders.service", "orders.service",
       true},
      {"/user.slice/user-1000.slice/user@1000.service/app.slice/orders.service",
       "user@1000.service", true},
      {"/system.slice/_tasks.service", "tasks.service", true},
      {"/system.slice/docker-1.scope/system.slice/orders.service", "orders.service", false},
      {"/system.slice/docker.service/docker/1/orders.service", "orders.service", false},
      {"/../system.slice/orders.service", "orders.service", true},
      {"/", "orders.service", false},
      {"/payload/system.slice/orders.service", "orders.service", true, "/payload"},
      {"/payload2/system.slice/orders.service", "orders.service", false, "/payload"},
      {"/system.slice/orders.service", "orders.service", false, "/payload"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.path, c.unit, c.root);
    CHECK(in_unit(c.path, c.root, c.unit) == c.want);
  }
}

TEST_CASE("cgroup path: a container is where its id is") {
  struct Case {
    std::string path;
    std::string container;
    bool want;
  };
  const Case cases[] = {
      {"/docker/" + kId, kId, true},
      {"/docker/" + kId, kId.substr(0, 12), true},
      {"/docker/" + kId, kId.substr(0, 11), false},
      {"/docker/" + kId + "/inner", kId.substr(0, 12), true},
      {"/system.slice/docker-" + kId + ".scope", kId.substr(0, 12), true},
      {"/machine.slice/libpod-" + kId + ".scope/container", kId.substr(0, 12), true},
      {"/machine.slice/libpod-conmon-" + kId + ".scope", kId.substr(0, 12), false},
      {"/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + kId + ".scope", kId, true},
      {"/kubepods/burstable/pod1/" + kId, kId.substr(0, 20), true},
      {"/docker/" + kId, kId.substr(1, 12), false},
      {"/default/orders", "orders", true},
      {"/default/orders-2", "orders", false},
      {"/orders/" + kId, "orders", true},  // docker run --cgroup-parent=/orders
      {"/", "orders", false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.path, c.container);
    CHECK(in_container(c.path, c.container) == c.want);
  }
}

}  // namespace
}  // namespace fieldmedic
