#include "remediator/reach/far_processes.hpp"

#include <fmt/core.h>

#include "remediator/reach/far_processes_reading.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"

namespace fieldmedic {

namespace {

// The fields that count: state, parent, group, session, start time.
std::string stat(int pid, const std::string& name, char state, int parent, int start) {
  std::string text = fmt::format("{} ({}) {} {} {} {}", pid, name, state, parent, pid, pid);
  for (int field = 7; field <= 52; ++field) text += field == 22 ? fmt::format(" {}", start) : " 0";
  return text + "\n";
}

std::string piece(const std::string& name, const std::string& value) {
  return name + ":" + value + std::string(1, '\0');
}

std::string process(int pid, const std::string& name, int parent, const std::string& exe,
                    const std::vector<std::string>& argv,
                    const std::string& cgroup = "0::/session") {
  const std::string folder = std::to_string(pid) + "/";
  std::string text = piece(folder + "stat", stat(pid, name, 'S', parent, 100 + pid));
  for (const std::string& argument : argv) text += piece(folder + "cmdline", argument);
  return text + piece(folder + "cgroup", cgroup + "\n") + piece(folder + "exe", exe) +
         piece(folder + "ns/pid", "pid:[1]");
}

const std::string kHost = piece("boot", "b-1") + piece("self", "90") +
                          piece("self/cgroup", "0::/session\n") + piece("self/ns/pid", "pid:[1]") +
                          process(1, "systemd", 0, "/sbin/init", {"init"}, "0::/init.scope") +
                          process(90, "sshd", 1, "/usr/sbin/sshd", {"sshd: medic"});

FarProcesses read(const std::string& more) {
  auto parsed = parse_processes(kHost + more + piece("again", "") + piece("end", ""));
  REQUIRE(parsed);
  return std::move(*parsed);
}

std::vector<pid_t> pids(const Result<std::vector<ProcessInfo>>& found) {
  REQUIRE(found);
  std::vector<pid_t> pids;
  for (const ProcessInfo& each : *found) pids.push_back(each.identity.pid);
  return pids;
}

const ProcessPattern kPattern{
    .pid_file = {}, .executable = "/opt/orders", .command_line = "-f a b"};

}  // namespace

TEST_CASE("far processes: a collector is told as here") {
  auto host = read(process(7, "or) (ders", 1, "/opt/orders (deleted)", {"orders", "-f", "a b"}) +
                   process(8, "orders", 7, "/opt/orders", {"orders", "-g"}));
  CHECK(host.boot_id == "b-1");
  CHECK(pids(find_matching(host, kPattern)) == std::vector<pid_t>{7});
  CHECK(host.all.at(7).files.stat()->info.identity == ProcessIdentity{7, 107});
  CHECK(host.all.at(7).files.stat()->info.parent == 1);
  CHECK(living_programs(host).size() == 4);
}

TEST_CASE("far processes: what is not known is not taken for none") {
  // Another user's executable, whose name fits.
  auto hidden = read(process(7, "orders", 1, "", {"orders", "-f", "a b"}));
  const auto denied = find_matching(hidden, kPattern);
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Errc::Denied);

  CHECK(parse_processes(kHost).error().code == Errc::Unavailable);  // cut off
  CHECK(parse_processes(piece("boot", "b") + piece("self", "9") + piece("end", "")).error().code ==
        Errc::Unavailable);  // no grep
  CHECK(parse_processes("x" + std::string(1, '\0')).error().code == Errc::Malformed);
  CHECK(parse_processes(piece("7/stat", "7 (x) S 1")).error().code == Errc::Malformed);

  // hidepid: not even pid 1 is listed.
  auto own_only = parse_processes(piece("boot", "b") + piece("self", "90") +
                                  process(90, "sshd", 1, "/s", {"sshd"}) + piece("end", ""));
  REQUIRE(own_only);
  CHECK(find_matching(*own_only, kPattern).error().code == Errc::Denied);
}

TEST_CASE("far processes: the pid file picks, and one that cannot be read is an error") {
  const ProcessPattern pattern{
      .pid_file = "/run/o.pid", .executable = {}, .command_line = "orders"};
  const std::string two =
      process(7, "orders", 1, "/o", {"orders"}) + process(8, "orders", 1, "/o", {"orders"});
  auto named = read(piece("pidfile", "8\n") + two);
  CHECK(pids(find_matching(named, pattern)) == std::vector<pid_t>{8});
  auto none = read(two);
  CHECK(pids(find_matching(none, pattern)).empty());
  auto gone = read(piece("pidfile", "9") + two);
  CHECK(pids(find_matching(gone, pattern)).empty());
  auto denied = read(piece("nopidfile", "head: Permission denied") + two);
  CHECK(find_matching(denied, pattern).error().code == Errc::Denied);
}

TEST_CASE("far processes: a pid that was reused meanwhile and our own commands are left out") {
  const std::string reused = process(7, "orders", 1, "/opt/orders", {"orders", "-f", "a b"}) +
                             piece("again", "") + piece("7/stat", stat(7, "cat", 'R', 1, 999));
  auto host =
      read(reused + process(8, "sh", 90, "/bin/sh", {"sh", "-c", "x", kOwnCommand, "-f a b"}));
  CHECK(pids(find_matching(host, {.pid_file = {}, .executable = {}, .command_line = "-f a b"}))
            .empty());
}

TEST_CASE("far processes: files that cannot be read for want of descriptors are no answer") {
  const std::string out = kHost + piece("end", "");
  const auto answer = [&](const std::string& err) {
    FakeRunner runner;
    runner.answer(ProcessResult{.out = out, .err = err});
    return read_far_processes(runner, {}, {});
  };
  CHECK(
      answer("grep: 7/stat: No such file or directory\ngrep: 8/stat: No such process\n"
             "grep: 9/stat: Permission denied\nfind: '9/exe': Input/output error\n"));
  const auto unread = answer(
      "grep: 7/stat: No such process\n"
      "grep: 8/cmdline: Too many open files in system\n");
  REQUIRE_FALSE(unread);
  CHECK(unread.error().code == Errc::Unavailable);
  CHECK(unread.error().message.contains("8/cmdline"));
}

TEST_CASE("far processes: who started it is told by the attempt, where it shows") {
  auto host =
      read(process(7, "a", 1, "/a", {"a"}) + piece("7/environ", "PATH=") +
           piece("7/environ", "FIELDMEDIC_ATTEMPT=i-1-2") + process(8, "b", 1, "/b", {"b"}) +
           piece("8/environ", "PATH=") + process(9, "c", 1, "/c", {"c"}));
  CHECK(host.all.at(7).attempt == "i-1-2");
  CHECK_FALSE(host.all.at(8).attempt);
  CHECK(host.all.at(8).shows_environment);
  CHECK_FALSE(host.all.at(9).shows_environment);
}

TEST_CASE("far processes: what is to become a program is told by the attempt") {
  const std::string attempt = "FIELDMEDIC_ATTEMPT=i-1-2";
  auto host = read(
      process(7, "setsid", 1, "/usr/bin/setsid",
              {"setsid", "-f", "env", fmt::format("{}=start", kOwnCommand), attempt, "/o"}) +
      process(8, "env", 1, "/usr/bin/env", {"env", fmt::format("{}=start", kOwnCommand), "/o"}) +
      piece("8/environ", attempt) +
      process(9, "sh", 1, "/bin/sh", {"sh", "-c", "x", kOwnCommand, "not " + attempt}) +
      process(10, "o", 1, "/o", {"o", attempt}));
  CHECK(host.starting == std::map<pid_t, std::string>{{7, "i-1-2"}, {8, "i-1-2"}});
  CHECK(host.all.contains(10));
}

TEST_CASE("far processes: an owner and our own way in are told") {
  auto host =
      read(process(7, "a", 1, "/a", {"a"}, "0::/system.slice/a.service") +
           process(8, "runsv", 1, "/usr/bin/runsv", {"runsv", "b"}) +
           process(9, "b", 8, "/b", {"b"}) + process(10, "c", 1, "/c", {"c"}) +
           process(11, "d", 1, "/d", {"d"}, "0::/docker/3f") + piece("11/ns/pid", "pid:[2]"));
  const auto owner = [&](pid_t pid) {
    return find_supervisor(host, host.all.at(pid).files.stat()->info);
  };
  CHECK(owner(7)->name == "a.service");
  CHECK(owner(9)->kind == SupervisorKind::SessionSupervisor);
  CHECK_FALSE(owner(10));
  CHECK(owner(11)->kind == SupervisorKind::Container);
  CHECK(untouchable(host, 1));
  CHECK(untouchable(host, 90));
  // What read them runs below a timeout(1) of its own, which is left out.
  auto below = read(piece("self", "92") +
                    process(92, "timeout", 90, "/usr/bin/timeout", {"timeout", kOwnCommand}));
  CHECK(untouchable(below, 90));
  CHECK_FALSE(untouchable(host, 7));
}

}  // namespace fieldmedic
