#include "common/process_table.hpp"

#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <sched.h>
#include <spawn.h>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/own_child.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

// What is looked for on the whole host: another run of these tests may be beside this one.
const std::string kOwn = std::to_string(getpid());

// /bin/sleep with a tell-tale argument, ended by its destructor.
class Sleeper {
 public:
  explicit Sleeper(const std::string& seconds, const char* name = "/bin/sleep") {
    const char* argv[] = {name, "600", seconds.c_str(), nullptr};
    const char* env[] = {"FIELDMEDIC_INCIDENT=i-1", "LANG=C", nullptr};
    REQUIRE(posix_spawn(&pid, "/bin/sleep", nullptr, nullptr, const_cast<char**>(argv),
                        const_cast<char**>(env)) == 0);
  }
  ~Sleeper() {
    kill();
    reap();
  }
  void kill() const {
    if (pid > 0) ::kill(pid, SIGKILL);
  }
  void reap() {
    if (pid > 0) waitpid(pid, nullptr, 0);
    pid = 0;
  }
  pid_t pid = 0;
};

std::vector<pid_t> find(const ProcessPattern& pattern) {
  const auto found = ProcessMatcher::compile(pattern)->find("/proc");
  REQUIRE(found);
  std::vector<pid_t> pids;
  for (const auto& process : *found) pids.push_back(process.identity.pid);
  return pids;
}

TEST_CASE("process table: a real child is found until it dies and its zombie is not") {
  Sleeper child("0.4711" + kOwn);
  const auto executable = std::filesystem::canonical("/bin/sleep").native();
  const ProcessPattern pattern{.executable = executable,
                               .command_line = "^/bin/sleep 600 0\\.4711" + kOwn + "$"};
  REQUIRE(eventually([&] { return find(pattern) == std::vector{child.pid}; }));

  const auto info = read_process("/proc", child.pid);
  REQUIRE(info);
  CHECK(info->parent == getpid());
  CHECK(info->session == getsid(0));
  CHECK(info->executable == executable);
  CHECK(info->argv == std::vector<std::string>{"/bin/sleep", "600", "0.4711" + kOwn});
  CHECK(info->identity.start_ticks > 0);

  const TempTree tree;
  const auto pid_file = tree.write("pid", std::to_string(child.pid)).native();
  CHECK(find({.pid_file = pid_file}) == std::vector{child.pid});

  child.kill();
  REQUIRE(eventually([&] { return is_zombie(child.pid); }));
  CHECK(find(pattern).empty());
  CHECK(find({.pid_file = pid_file}).empty());
  const pid_t dead = child.pid;
  child.reap();
  CHECK(find({.pid_file = pid_file}).empty());
  const auto gone = read_process("/proc", dead);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == Errc::NotFound);
}

TEST_CASE("process table: the environment of a real child is read") {
  const Sleeper child("0.4712" + kOwn);
  REQUIRE(eventually([&] { return !find({.command_line = "sleep 600 0\\.4712" + kOwn}).empty(); }));
  CHECK(read_environment("/proc", child.pid, "FIELDMEDIC_INCIDENT") == Result<std::string>("i-1"));
  CHECK(read_environment("/proc", child.pid, "PATH").error().code == Errc::NotFound);
}

TEST_CASE("process table: kernel threads never match") {
  for (const pid_t pid : find({.command_line = "."})) {
    CAPTURE(pid);
    const auto process = read_process("/proc", pid);
    CHECK((!process || !process->argv.empty() || process->state == 'Z'));  // others end meanwhile
  }
  CHECK_FALSE(find({.command_line = "."}).empty());  // at least this test
}

// Runs `look` in a child as nobody; answers its exit code.
template <class Look>
int as_nobody(Look look) {
  const pid_t pid = fork();
  if (pid == 0) {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(99);
    _exit(look());
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("process table: another user's process is found by its first argument") {
  if (geteuid() != 0) {
    puts("SKIP: needs root to become another user");
    return;
  }
  const Sleeper child("0.4713" + kOwn);
  REQUIRE(eventually([&] { return !find({.command_line = "sleep 600 0\\.4713" + kOwn}).empty(); }));
  const ProcessPattern pattern{.executable = "/bin/sleep", .command_line = "0\\.4713" + kOwn};
  CHECK(as_nobody([&] {
          const auto found = ProcessMatcher::compile(pattern)->find("/proc");
          if (!found || found->size() != 1) return 1;
          return found->front().identity.pid == child.pid && found->front().executable.empty() ? 0
                                                                                               : 2;
        }) == 0);
  CHECK(as_nobody([&] {
          const auto value = read_environment("/proc", child.pid, "LANG");
          return !value && value.error().code == Errc::Denied ? 0 : 1;
        }) == 0);
}

TEST_CASE("process table: what another user's process hides is not taken for nothing") {
  if (geteuid() != 0) {
    puts("SKIP: needs root to become another user");
    return;
  }
  const Sleeper child("0.4714" + kOwn, "slumber");  // its first argument does not tell its program
  REQUIRE(
      eventually([&] { return !find({.command_line = "slumber 600 0\\.4714" + kOwn}).empty(); }));
  const auto executable = std::filesystem::canonical("/bin/sleep").native();
  const TempTree tree;
  const auto pid_file = tree.write("pid", std::to_string(child.pid));
  std::filesystem::permissions(tree.root, std::filesystem::perms::others_all,
                               std::filesystem::perm_options::add);
  struct Case {
    const char* name;
    ProcessPattern pattern;
    std::optional<Errc> want;  // none: found nothing, and that is sure
  };
  const Case cases[] = {
      {"by its program",
       {.executable = executable, .command_line = "0\\.4714" + kOwn},
       Errc::Denied},
      {"by its pid", {.pid_file = pid_file, .executable = "/opt/orders"}, Errc::Denied},
      {"another command line", {.executable = executable, .command_line = "0\\.9999"}, {}},
      {"another program", {.executable = "/opt/orders", .command_line = "0\\.4714" + kOwn}, {}},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(as_nobody([&] {
            const auto found = ProcessMatcher::compile(c.pattern)->find("/proc");
            if (found) return c.want || !found->empty() ? 1 : 0;
            return found.error().code == c.want ? 0 : 2;
          }) == 0);
    const auto as_root = ProcessMatcher::compile(c.pattern)->find("/proc");
    CHECK(as_root.has_value());
  }
}

TEST_CASE("process table: hidden processes are not taken for none") {
  const TempTree tree;
  const pid_t child = fork();
  if (child == 0) {
    const auto* const place = tree.root.c_str();
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("proc", place, "proc", 0, "hidepid=2") != 0)
      _exit(77);
    const auto find_there = [&] {
      return ProcessMatcher::compile({.executable = "/opt/orders"})->find(tree.root);
    };
    if (!find_there()) _exit(1);  // root sees all of them
    if (chdir("/") != 0 || setgid(65534) != 0 || setuid(65534) != 0) _exit(77);
    const auto hidden = find_there();
    _exit(!hidden && hidden.error().code == Errc::Denied ? 0 : 2);
  }
  int status = -1;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
    puts("SKIP: mounting a procfs needs root");
    return;
  }
  CHECK(status == 0);
}

}  // namespace
}  // namespace fieldmedic
