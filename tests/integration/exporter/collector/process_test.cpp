// The process module on real processes and the kernel's own procfs.
#include "exporter/collector/process.hpp"

#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <sched.h>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/own_child.hpp"
#include "tests/fakes/samples.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

namespace fs = std::filesystem;

const SystemClock kClock;
// What is looked for on the whole host: another run of these tests may be beside this one.
const std::string kOwn = std::to_string(getpid());

std::vector<CollectorConfig> orders(ProcessConfig process) {
  CollectorConfig config;
  config.name = "orders";
  config.process = std::move(process);
  return {config};
}

std::vector<CollectorConfig> by_command_line(const std::string& pattern) {
  return orders({.pattern = {.command_line = pattern}});
}

std::ptrdiff_t descriptors_of(const std::string& pid) {
  return std::distance(fs::directory_iterator("/proc/" + pid + "/fd"), fs::directory_iterator());
}

TEST_CASE("process module: a real death is seen at once and costs no descriptor") {
  ProcessModule module(by_command_line("^/bin/sleep 60[01]\\.0815" + kOwn), {}, kClock,
                       std::make_shared<FakeFiles>());
  const auto value = [&](const char* name) { return sample(module.collect({}), name, "orders"); };
  REQUIRE(value("collector_up") == 0);
  const auto before = descriptors_of("self");
  {
    OwnChild first({"/bin/sleep", "600.0815" + kOwn});
    OwnChild second({"/bin/sleep", "601.0815" + kOwn});
    REQUIRE(first.running);
    REQUIRE(second.running);
    CHECK(value("collector_processes") == 2);
    CHECK(value("collector_process_open_fds") ==
          static_cast<double>(descriptors_of(std::to_string(first.pid())) +
                              descriptors_of(std::to_string(second.pid()))));
    CHECK(descriptors_of("self") == before + 2);  // one a process, kept

    kill(first.pid(), SIGKILL);
    REQUIRE(eventually([&] { return is_zombie(first.pid()); }));
    const auto families = module.collect({});
    CHECK(sample(families, "collector_processes", "orders") == 1);
    CHECK(sample(families, "collector_process_states", "orders", "zombie") == 1);
    first.reap();
    CHECK(sample(module.collect({}), "collector_process_states", "orders", "zombie") == 0);
  }
  CHECK(value("collector_up") == 0);
  CHECK(descriptors_of("self") == before);
}

TEST_CASE("process module: children that a killed leader leaves behind are residue") {
  OwnChild leader(
      {"/bin/sh", "-c",
       "sleep 600.0816" + kOwn + " & sleep 600.0817" + kOwn + " & wait; : orders-0816" + kOwn});
  REQUIRE(leader.running);
  ProcessModule module(by_command_line("^/bin/sh .*: orders-0816" + kOwn), {}, kClock,
                       std::make_shared<FakeFiles>());
  const auto value = [&](const char* name) { return sample(module.collect({}), name, "orders"); };
  ProcessModule children(by_command_line("^sleep 600\\.081[67]" + kOwn), {}, kClock,
                         std::make_shared<FakeFiles>());
  REQUIRE(eventually(
      [&] { return sample(children.collect({}), "collector_processes", "orders") == 2; }));
  CHECK(value("collector_residual_processes") == 0);
  CHECK(value("collector_processes") == 1);

  kill(leader.pid(), SIGKILL);
  leader.reap();
  CHECK(value("collector_residual_processes") == 2);
  CHECK(value("collector_up") == 0);
  REQUIRE_FALSE(module.remarks().empty());
  CHECK(module.remarks()[0].text.find("(sleep)") != std::string::npos);

  kill(-leader.pid(), SIGKILL);
  CHECK(eventually([&] { return value("collector_residual_processes") == 0; }));
}

// A control group of our own in the hierarchy that systemd would keep.
class OwnGroup {
 public:
  explicit OwnGroup(const std::string& path) {
    for (const char* mount : {"/sys/fs/cgroup/systemd", "/sys/fs/cgroup"}) {
      std::error_code error;
      if (!fs::exists(fs::path(mount) / "cgroup.procs", error)) continue;
      folder_ = fs::path(mount) / path;
      fs::create_directories(folder_, error);
      made = !error;
      return;
    }
  }
  ~OwnGroup() {
    rmdir(folder_.c_str());
    rmdir(folder_.parent_path().c_str());  // stays when others use it
  }
  OwnGroup(const OwnGroup&) = delete;
  OwnGroup& operator=(const OwnGroup&) = delete;
  [[nodiscard]] bool take(pid_t pid) const {
    return static_cast<bool>(std::ofstream(folder_ / "cgroup.procs") << pid << std::flush);
  }

  bool made = false;

 private:
  fs::path folder_;
};

TEST_CASE("process module: a unit is found by the kernel's control groups") {
  const std::string name = "orders0818-" + kOwn + ".service";
  const std::string around = "fieldmedictest" + kOwn + ".slice";
  const OwnGroup group(around + "/" + name);
  OwnChild child({"/bin/sleep", "600.0818"});
  REQUIRE(child.running);
  if (!group.made || !group.take(child.pid())) {
    puts("SKIP: control groups cannot be made here");
    return;
  }
  ProcessModule unit(orders({.unit = name}), {}, kClock, std::make_shared<FakeFiles>());
  CHECK(sample(unit.collect({}), "collector_processes", "orders") == 1);
  ProcessModule slice(orders({.unit = around}), {}, kClock, std::make_shared<FakeFiles>());
  CHECK(sample(slice.collect({}), "collector_processes", "orders") == 1);
  ProcessModule other(orders({.unit = "orders0819.service"}), {}, kClock,
                      std::make_shared<FakeFiles>());
  CHECK(sample(other.collect({}), "collector_processes", "orders") == 0);
  kill(child.pid(), SIGKILL);
  child.reap();
}

// Runs `look` in a child of its own mount namespace, as nobody, with a procfs at `place`; answers
// its exit code, 77 when that cannot be made.
template <class Look>
int as_nobody_with_procfs(const fs::path& place, const char* options, Look look) {
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("proc", place.c_str(), "proc", 0, options) != 0 || chdir("/") != 0 ||
        setgid(65534) != 0 || setuid(65534) != 0) {
      _exit(77);
    }
    _exit(look());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("process module: what may not be seen is unknown and never down") {
  const OwnChild child({"/bin/sleep", "600.0820" + kOwn});
  REQUIRE(child.running);
  const TempTree tree;
  fs::permissions(tree.root, fs::perms::others_all, fs::perm_options::add);
  for (const char* options : {"hidepid=2", "hidepid=1"}) {
    CAPTURE(options);
    const int answer = as_nobody_with_procfs(tree.root, options, [&] {
      HostRoot host;
      host.procfs = tree.root;
      ProcessModule module(by_command_line("^/bin/sleep 600\\.0820" + kOwn), host, kClock,
                           std::make_shared<FakeFiles>());
      const auto families = module.collect({});
      if (families) return sample(families, "collector_up", "orders") ? 1 : 2;
      if (families.error().code != Errc::Denied) return 3;
      return module.remarks().size() == 1 ? 0 : 4;
    });
    if (answer == 77) {
      puts("SKIP: mounting a procfs needs root");
      return;
    }
    CHECK(answer == 0);
  }
}

TEST_CASE("process module: another user's process is seen without privileges") {
  const OwnChild child({"/bin/sleep", "600.0821" + kOwn});
  REQUIRE(child.running);
  const TempTree tree;
  fs::permissions(tree.root, fs::perms::others_all, fs::perm_options::add);
  const int answer = as_nobody_with_procfs(tree.root, "", [&] {
    HostRoot host;
    host.procfs = tree.root;
    ProcessModule module(by_command_line("^/bin/sleep 600\\.0821" + kOwn), host, kClock,
                         std::make_shared<FakeFiles>());
    const auto families = module.collect({});
    return sample(families, "collector_up", "orders") == 1 &&
                   sample(families, "collector_process_max_fds", "orders") > 3
               ? 0
               : 1;
  });
  if (answer == 77) {
    puts("SKIP: mounting a procfs needs root");
    return;
  }
  CHECK(answer == 0);
}

}  // namespace
}  // namespace fieldmedic
