#include "remediator/reach/supervisor.hpp"

#include <unistd.h>

#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

struct Case {
  const char* name;
  const char* cgroup;
  const char* own;
  std::optional<Supervisor> want;
};

Supervisor unit(std::string name) {
  return {SupervisorKind::SystemdUnit, std::move(name)};
}
Supervisor container(std::string name) {
  return {SupervisorKind::Container, std::move(name)};
}

std::string stat_line(int pid, int parent) {
  return std::to_string(pid) + " (x) S " + std::to_string(parent) +
         " 41 41 0 -1 4194304 0 0 0 0 1 1 0 0 20 0 1 0 1234 100 10 0 0 0 0 0 0 0 0 0 0 0 0 0 17 0 "
         "0 "
         "0 0 0 0\n";
}

}  // namespace

TEST_CASE("a cgroup path names the unit or the container that owns a process") {
  const Case cases[] = {
      {"no systemd", "9:name=systemd:/\n4:memory:/api/78fa\n0::/\n", "0::/\n", std::nullopt},
      {"a unit", "0::/system.slice/orders.service\n", "0::/\n", unit("orders.service")},
      {"a unit on hybrid cgroups",
       "9:name=systemd:/system.slice/orders.service\n8:pids:/\n0::/system.slice/orders.service\n",
       "9:name=systemd:/\n8:pids:/\n0::/\n", unit("orders.service")},
      {"below a unit that delegates", "0::/system.slice/orders.service/workers\n", "0::/\n",
       unit("orders.service")},
      {"a login session", "0::/user.slice/user-0.slice/session-3.scope\n", "0::/\n", std::nullopt},
      {"a user's own manager", "0::/user.slice/user-0.slice/user@0.service/init.scope\n", "0::/\n",
       std::nullopt},
      {"a user's unit", "0::/user.slice/user-0.slice/user@0.service/app.slice/orders.service\n",
       "0::/\n", unit("orders.service")},
      {"started by us inside our unit", "0::/system.slice/fieldmedic-remediator.service\n",
       "0::/system.slice/fieldmedic-remediator.service\n", std::nullopt},
      {"another unit than ours", "0::/system.slice/orders.service\n",
       "0::/system.slice/fieldmedic-remediator.service\n", unit("orders.service")},
      {"docker by systemd", "0::/system.slice/docker-3f2a.scope\n", "0::/\n",
       container("docker-3f2a.scope")},
      {"docker by cgroupfs", "4:memory:/docker/3f2a\n", "4:memory:/\n", container("docker/3f2a")},
      {"docker below a unit", "0::/system.slice/docker.service/docker/3f2a\n", "0::/\n",
       container("docker/3f2a")},
      {"the docker daemon", "0::/system.slice/docker.service\n", "0::/\n", unit("docker.service")},
      {"kubernetes", "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-3f2a.scope\n", "0::/\n",
       container("kubepods.slice")},
      {"podman", "0::/machine.slice/libpod-3f2a.scope/container\n", "0::/\n",
       container("libpod-3f2a.scope")},
      {"beside us in one container", "4:memory:/docker/3f2a\n", "4:memory:/docker/3f2a\n",
       std::nullopt},
      {"nothing readable", "\n::\nx\n", "", std::nullopt},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(supervisor_in_cgroup(c.cgroup, c.own) == c.want);
  }
}

TEST_CASE("an explanation says which action fits") {
  CHECK(explain(unit("a.service")).find("systemd_restart fits") != std::string::npos);
  CHECK(explain(container("docker-1.scope")).find("container_restart fits") != std::string::npos);
  CHECK(explain({SupervisorKind::SessionSupervisor, "runsv"}).find("exec") != std::string::npos);
}

TEST_CASE("a session supervisor is told by its parent's names") {
  CHECK(session_supervisor({"runsv", "orders"}).has_value());
  CHECK(session_supervisor({"python3.11", "python3", "supervisord"}).has_value());
  CHECK_FALSE(session_supervisor({"bash", "-bash"}).has_value());
  CHECK_FALSE(session_supervisor({}).has_value());
}

TEST_CASE("the parent of a process is looked at when its cgroup says nothing") {
  const TempTree host({{"self/cgroup", "0::/\n"},
                       {"41/cgroup", "0::/\n"},
                       {"41/stat", stat_line(41, 40)},
                       {"40/stat", stat_line(40, 1)},
                       {"40/comm", "supervisord\n"},
                       {"40/cmdline", ""}});
  ProcessInfo process;
  process.identity.pid = 41;
  process.parent = 40;
  const auto found = find_supervisor(host.root, process);
  REQUIRE(found.has_value());
  CHECK(*found == Supervisor{SupervisorKind::SessionSupervisor, "supervisord"});
  process.parent = 1;
  CHECK(*find_supervisor(host.root, process) == std::nullopt);
  process.parent = 39;  // has ended
  CHECK(*find_supervisor(host.root, process) == std::nullopt);
  process.identity.pid = 42;
  CHECK(find_supervisor(host.root, process).error().code == Errc::NotFound);
}

TEST_CASE("pid 1 and we and our ancestors are untouchable") {
  const std::string own = std::to_string(getpid());
  const TempTree host({{own + "/stat", stat_line(getpid(), 40)},
                       {"40/stat", stat_line(40, 39)},
                       {"39/stat", stat_line(39, 1)}});
  for (const pid_t pid : {pid_t{0}, pid_t{1}, getpid(), pid_t{40}, pid_t{39}}) {
    INFO(pid);
    CHECK(untouchable(host.root, pid).has_value());
  }
  CHECK_FALSE(untouchable(host.root, 38).has_value());
}

TEST_CASE("our own unit is read from our own cgroup") {
  const TempTree host{{{"self/cgroup", "0::/system.slice/fieldmedic-remediator.service\n"}}};
  CHECK(own_unit(host.root) == "fieldmedic-remediator.service");
  const TempTree plain{{{"self/cgroup", "0::/user.slice/session-1.scope\n"}}};
  CHECK(own_unit(plain.root) == std::nullopt);
}

}  // namespace fieldmedic
