#include "common/process_table.hpp"

#include <filesystem>

#include "common/process_files.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

struct Entry {
  int pid = 0;
  std::string name = "prog";
  char state = 'S';
  std::string executable = "/usr/bin/prog";
  std::vector<std::string> argv = {"/usr/bin/prog"};
  int start = 100;
  unsigned flags = 0x400000;
};

std::string stat_text(const Entry& e) {
  return std::to_string(e.pid) + " (" + e.name + ") " + e.state + " 7 8 9 0 -1 " +
         std::to_string(e.flags) + " 1 0 0 0 250 50 0 0 20 0 3 0 " + std::to_string(e.start) +
         " 10485760 512 18446744073709551615 1 1 0 0 0 0 0 0 0\n";
}

// A /proc of its own.
struct FakeProc {
  TempTree tree{{{"proc/version", "Linux"}, {"proc/uptime", "1 1"}}};
  std::filesystem::path procfs = tree.root / "proc";

  void add(const Entry& e) const {
    const std::string folder = "proc/" + std::to_string(e.pid) + "/";
    tree.write(folder + "stat", stat_text(e));
    std::string line;
    for (const auto& argument : e.argv) line += argument + '\0';
    tree.write(folder + "cmdline", line);
    if (!e.executable.empty()) {
      std::filesystem::create_symlink(e.executable, tree.root / (folder + "exe"));
    }
  }
  [[nodiscard]] std::vector<int> pids(const ProcessPattern& pattern) const {
    const auto matcher = ProcessMatcher::compile(pattern);
    REQUIRE(matcher);
    const auto found = matcher->find(procfs);
    REQUIRE(found);
    std::vector<int> pids;
    for (const auto& process : *found) pids.push_back(process.identity.pid);
    return pids;
  }
};

TEST_CASE("process table: a pid file names its first number") {
  CHECK(parse_pid_file("42\n") == 42);
  CHECK(parse_pid_file("pid: 42 43") == 42);
  CHECK(parse_pid_file("2147483647") == 2147483647);
  CHECK(parse_pid_file("PID=42") == 42);
  CHECK(parse_pid_file(std::string_view("42\0", 3)) == 42);
  CHECK(parse_pid_file("  rsyslogd 8.2302 2026-11-27 12:00 42\n/var/lib/x\n5432\n") == 42);
  for (const char* nobody : {"", "\n", "none", "0", "2147483648", "99999999999999999999", "-1",
                             "-1 42", "12:00", "v2", "8.2302", "2026-11-27", "0x10"}) {
    CAPTURE(nobody);
    CHECK(parse_pid_file(nobody) == 0);
  }
}

TEST_CASE("process table: a stat line is read whatever the name holds") {
  for (const std::string name :
       {"prog", "a b", ") (", "x) R 1 2 3 (", "new\nline) S 1", "", "))"}) {
    DYNAMIC_SECTION("name '" << name << "'") {
      const auto process = parse_process_stat(stat_text({.pid = 42, .name = name, .start = 4711}));
      REQUIRE(process);
      CHECK(process->identity == ProcessIdentity{42, 4711});
      CHECK(process->parent == 7);
      CHECK(process->process_group == 8);
      CHECK(process->session == 9);
      CHECK(process->state == 'S');
    }
  }
}

TEST_CASE("process table: the counters of a stat line are read too") {
  const auto stat = parse_process_stat_fields(stat_text({.pid = 42}));
  REQUIRE(stat);
  CHECK(stat->user_ticks == 250);
  CHECK(stat->system_ticks == 50);
  CHECK(stat->threads == 3);
  CHECK(stat->resident_pages == 512);
  CHECK(stat->living_program());
  CHECK_FALSE(
      parse_process_stat_fields(stat_text({.pid = 2, .flags = 0x208040}))->living_program());
  CHECK_FALSE(parse_process_stat_fields(stat_text({.pid = 2, .state = 'Z'}))->living_program());
}

TEST_CASE("process table: every truncation of a stat line is malformed or keeps its fields") {
  const std::string whole = stat_text({.pid = 42, .name = "a) S 1 (b", .start = 4711});
  const auto needed = whole.find(" 512 ") + 4;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto process = parse_process_stat(whole.substr(0, length));
    CAPTURE(length);
    if (length <= needed) {
      REQUIRE_FALSE(process);
      CHECK(process.error().code == Errc::Malformed);
    } else {
      REQUIRE(process);
      CHECK(process->identity == ProcessIdentity{42, 4711});
    }
  }
}

TEST_CASE("process table: text that is no stat line is malformed") {
  for (const char* text : {"", "\n", "42", "42 (a", "42 a) S 1 2", "x (a) S 1 2 3", ") (",
                           "42 (a) S one two three four five six seven eight nine ten"}) {
    CAPTURE(text);
    const auto process = parse_process_stat(text);
    REQUIRE_FALSE(process);
    CHECK(process.error().code == Errc::Malformed);
  }
}

TEST_CASE("process table: all parts of a pattern that are set must hold") {
  const FakeProc host;
  host.add({.pid = 10, .argv = {"/usr/bin/prog", "-f", "/etc/orders.conf"}, .start = 300});
  host.add({.pid = 11, .argv = {"/usr/bin/prog", "-f", "/etc/other.conf"}, .start = 200});
  host.add({.pid = 12, .executable = "/bin/vi", .argv = {"vi", "/etc/orders.conf"}, .start = 100});
  const auto pid_file = host.tree.write("orders.pid", "10\n").native();
  const auto other_file = host.tree.write("other.pid", "11\n").native();

  CHECK(host.pids({}).empty());
  CHECK(host.pids({.executable = "/usr/bin/prog"}) == std::vector{11, 10});  // by start time
  CHECK(host.pids({.executable = "/usr/bin/pro"}).empty());
  CHECK(host.pids({.command_line = "orders\\.conf$"}) == std::vector{12, 10});
  CHECK(host.pids({.command_line = "^/usr/bin/prog -f /etc/o"}) == std::vector{11, 10});
  CHECK(host.pids({.executable = "/usr/bin/prog", .command_line = "orders"}) == std::vector{10});
  CHECK(host.pids({.pid_file = pid_file}) == std::vector{10});
  CHECK(host.pids({.pid_file = pid_file, .executable = "/bin/vi"}).empty());
  CHECK(host.pids({.pid_file = other_file, .command_line = "orders"}).empty());
  CHECK(
      host.pids({.pid_file = pid_file, .executable = "/usr/bin/prog", .command_line = "orders"}) ==
      std::vector{10});
}

TEST_CASE("process table: what a match says about its process") {
  const FakeProc host;
  host.add({.pid = 10, .executable = "/usr/bin/prog (deleted)", .argv = {"prog", "", "a b"}});
  const auto found = ProcessMatcher::compile({.executable = "/usr/bin/prog"})->find(host.procfs);
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().executable == "/usr/bin/prog");
  CHECK(found->front().argv == std::vector<std::string>{"prog", "", "a b"});
  CHECK(found->front().identity == ProcessIdentity{10, 100});
}

TEST_CASE("process table: the dead and the kernel's own do not match") {
  const FakeProc host;
  host.add({.pid = 10, .state = 'Z', .executable = "", .argv = {}});
  host.add({.pid = 11, .name = "kworker/0:1", .executable = "", .argv = {}, .flags = 0x4208060});
  host.add({.pid = 12, .state = 'X'});
  host.add({.pid = 13, .state = 'T'});
  for (const int pid : {10, 11, 12}) {
    const auto file = host.tree.write("pid", std::to_string(pid)).native();
    CAPTURE(pid);
    CHECK(host.pids({.pid_file = file}).empty());
  }
  CHECK(host.pids({.executable = "/usr/bin/prog"}) == std::vector{13});
  CHECK(host.pids({.command_line = ".*"}) == std::vector{13});
}

TEST_CASE("process table: a pid file that names nobody is no error") {
  const FakeProc host;
  host.add({.pid = 10});
  for (const char* content : {"", "\n", "none", "0", "99999999999999999999", "4711"}) {
    CAPTURE(content);
    const auto file = host.tree.write("pid", content).native();
    CHECK(host.pids({.pid_file = file}).empty());
  }
  CHECK(host.pids({.pid_file = host.tree.root / "missing"}).empty());
  CHECK(host.pids({.pid_file = host.tree.write("pid", "  10 and more\n").native()}) ==
        std::vector{10});
}

TEST_CASE("process table: what cannot be read is an error and never none") {
  const FakeProc host;
  const auto matcher = ProcessMatcher::compile({.executable = "/usr/bin/prog"});
  const auto missing = matcher->find(host.tree.root / "no-proc");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::Io);
  const auto empty = matcher->find(host.procfs);  // no process at all: not a procfs
  REQUIRE_FALSE(empty);
  CHECK(empty.error().code == Errc::Io);

  host.add({.pid = 10});
  host.tree.write("proc/10/stat", "10 (prog) S 1");
  const auto truncated = matcher->find(host.procfs);
  REQUIRE_FALSE(truncated);
  CHECK(truncated.error().code == Errc::Malformed);

  const auto folder = ProcessMatcher::compile({.pid_file = host.tree.root})->find(host.procfs);
  REQUIRE_FALSE(folder);
  CHECK(folder.error().code == Errc::Io);
}

TEST_CASE("process table: a process that vanishes while it is looked at is no error") {
  const FakeProc host;
  host.add({.pid = 10});
  std::filesystem::create_directories(host.procfs / "11");  // every file of it is gone
  std::filesystem::create_directories(host.procfs / "12");
  std::filesystem::create_symlink("/usr/bin/prog", host.procfs / "12/exe");
  CHECK(host.pids({.executable = "/usr/bin/prog"}) == std::vector{10});
  CHECK(host.pids({.command_line = "prog"}) == std::vector{10});
}

TEST_CASE("process table: a wrong regular expression is refused with its text") {
  const auto matcher = ProcessMatcher::compile({.command_line = "(orders"});
  REQUIRE_FALSE(matcher);
  CHECK(matcher.error().code == Errc::Invalid);
  CHECK(matcher.error().message.find("(orders") != std::string::npos);
}

TEST_CASE("process table: a variable of the environment is found by its whole name") {
  const FakeProc host;
  host.add({.pid = 10});
  using namespace std::string_literals;
  host.tree.write("proc/10/environ", "LANGUAGE=en\0LANG=C=x\0EMPTY=\0"s);
  CHECK(read_environment(host.procfs, 10, "LANG") == Result<std::string>("C=x"));
  CHECK(read_environment(host.procfs, 10, "EMPTY") == Result<std::string>(""));
  CHECK(read_environment(host.procfs, 10, "LAN").error().code == Errc::NotFound);
  CHECK(read_environment(host.procfs, 11, "LANG").error().code == Errc::NotFound);
}

}  // namespace
}  // namespace fieldmedic
