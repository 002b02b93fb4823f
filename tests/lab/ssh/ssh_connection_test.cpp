// Commands over a kept connection, against a real sshd.
#include "remediator/reach/ssh_connection.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <thread>

#include "tests/catch.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/ssh_host.hpp"

using fieldmedic::Command;
using fieldmedic::Errc;
using fieldmedic::eventually;
using fieldmedic::SshAccess;
using fieldmedic::SshConnection;
using fieldmedic::SshHost;
using fieldmedic::SystemClock;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const SystemClock kClock;

Command sh(const std::string& script, milliseconds timeout = seconds(120)) {
  Command command;
  command.argv = {"/bin/sh", "-c", script};
  command.timeout = timeout;
  return command;
}

// A command that goes on when we are gone, until the end of the test.
class Endless {
 public:
  explicit Endless(const SshHost& host) : pid_file_(host.path("pid")) {}
  ~Endless() {
    pid_t pid = 0;
    if (std::ifstream(pid_file_) >> pid) kill(pid, SIGKILL);
  }
  Endless(const Endless&) = delete;
  Endless& operator=(const Endless&) = delete;
  [[nodiscard]] Command command(milliseconds timeout = seconds(120)) const {
    return sh("echo $$ >" + pid_file_ + "; exec sleep 600", timeout);
  }
  [[nodiscard]] bool runs() const {
    return eventually([&] {
      pid_t pid = 0;
      return bool(std::ifstream(pid_file_) >> pid);
    });
  }

 private:
  std::string pid_file_;
};

bool skipped() {
  const std::string why = SshHost::why_not();
  if (!why.empty()) std::cout << "SKIP: " << why << '\n';
  return !why.empty();
}

}  // namespace

TEST_CASE("ssh: a command's words, environment, output and end come through") {
  if (skipped()) return;
  const SshHost host;
  REQUIRE(host.up);
  SshConnection connection(host.access, kClock);

  Command command;
  command.argv = {"printf", "%s|", "a b", "'$(id)'", "", "*", "空"};
  const auto printed = connection.run(command, {});
  REQUIRE(printed);
  CHECK(printed->out == "a b|'$(id)'||*|空|");
  CHECK(printed->exit_code == 0);
  CHECK(printed->term_signal == 0);

  command.argv = {"env"};
  command.environment = {"ONE=1 '2'", "LANG=de"};
  const auto environment = connection.run(command, {});
  REQUIRE(environment);
  CHECK(environment->out ==
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nLANG=de\nONE=1 '2'\n");

  const auto failed = connection.run(sh("echo no >&2; exit 7"), {});
  REQUIRE(failed);
  CHECK(failed->exit_code == 7);
  CHECK(failed->err == "no\n");
  CHECK(failed->out.empty());

  const auto killed = connection.run(sh("kill -TERM $$"), {});
  REQUIRE(killed);
  CHECK(killed->term_signal == SIGTERM);

  const auto no_input = connection.run(sh("cat; echo end"), {});
  REQUIRE(no_input);
  CHECK(no_input->out == "end\n");

  const auto missing = connection.run({.argv = {"/no/such/program"}, .environment = {}}, {});
  REQUIRE(missing);
  CHECK(missing->exit_code == 127);
  CHECK(host.sessions().size() == 1);  // one connection served them all
}

TEST_CASE("ssh: what no far side could be given is refused before anything is sent") {
  SshConnection connection({}, kClock);  // reaches nobody
  const std::vector<std::vector<std::string>> wrong{{},
                                                    {""},
                                                    {"a=b"},
                                                    {"-i"},
                                                    {"echo", std::string("a\0b", 3)},
                                                    {"echo", std::string(131'072, 'x')}};
  for (const auto& argv : wrong) {
    const auto ran = connection.run({.argv = argv, .environment = {}}, {});
    REQUIRE_FALSE(ran);
    CHECK(ran.error().code == Errc::Invalid);
  }
  CHECK(connection.run({.argv = {"echo"}, .environment = {"=x"}}, {}).error().code ==
        Errc::Invalid);
}

TEST_CASE("ssh: a host whose key is another than the known one is not talked to") {
  if (skipped()) return;
  SshHost host;
  REQUIRE(host.up);
  host.know("other.pub");
  const auto changed = SshConnection(host.access, kClock).run(sh("touch " + host.path("ran")), {});
  REQUIRE_FALSE(changed);
  CHECK(changed.error().code == Errc::Denied);
  CHECK(changed.error().message.find("is another than in " + host.path("known_hosts")) !=
        std::string::npos);
  CHECK(changed.error().message.find("SHA256:") != std::string::npos);

  host.tree().write("known_hosts", "# nobody\n");
  const auto unknown = SshConnection(host.access, kClock).run(sh("touch " + host.path("ran")), {});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::Denied);
  CHECK(unknown.error().message.find("is not in " + host.path("known_hosts")) != std::string::npos);
  // Never learnt by itself.
  CHECK(std::filesystem::file_size(host.path("known_hosts")) == 9);

  std::filesystem::remove(host.path("known_hosts"));
  const auto no_file = SshConnection(host.access, kClock).run(sh("touch " + host.path("ran")), {});
  REQUIRE_FALSE(no_file);
  CHECK(no_file.error().code == Errc::Denied);
  CHECK_FALSE(std::filesystem::exists(host.path("known_hosts")));
  CHECK_FALSE(std::filesystem::exists(host.path("ran")));
}

TEST_CASE("ssh: a host that gets another key is refused when it is connected to again") {
  if (skipped()) return;
  SshHost host;
  REQUIRE(host.up);
  SshConnection connection(host.access, kClock);
  REQUIRE(connection.run(sh("true"), {}));
  host.stop();
  host.start("other");
  REQUIRE(host.up);
  const auto changed = connection.run(sh("true"), {});
  REQUIRE_FALSE(changed);
  CHECK(changed.error().code == Errc::Denied);
}

TEST_CASE("ssh: credentials that are refused say whose and where") {
  if (skipped()) return;
  const SshHost host;
  REQUIRE(host.up);
  SshAccess access = host.access;
  access.key_file = host.path("stranger");
  const auto refused = SshConnection(access, kClock).run(sh("true"), {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::Denied);
  CHECK(refused.error().message.find(access.name() + ": the key " + host.path("stranger")) !=
        std::string::npos);

  access.key_file = host.path("gone");
  const auto gone = SshConnection(access, kClock).run(sh("true"), {});
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == Errc::Denied);
}

TEST_CASE("ssh: endless output is read, and cut where it was said to be") {
  if (skipped()) return;
  const SshHost host;
  REQUIRE(host.up);
  SshConnection connection(host.access, kClock);
  Command command = sh("head -c 30000000 /dev/zero; head -c 100000 /dev/zero >&2; exit 3");
  command.output_limit = 1'000;
  const auto much = connection.run(command, {});
  REQUIRE(much);
  CHECK(much->exit_code == 3);
  CHECK(much->out.size() == 1'000);
  CHECK(much->err.size() == 1'000);

  command = sh("exec cat /dev/zero", seconds(3));
  const auto endless = connection.run(command, {});
  REQUIRE_FALSE(endless);
  CHECK(endless.error().code == Errc::Timeout);
  CHECK(connection.run(sh("true"), {}));  // and the connection is of use afterwards
}

TEST_CASE("ssh: a command that never ends is given up when its time is over") {
  if (skipped()) return;
  const SshHost host;
  REQUIRE(host.up);
  SshConnection connection(host.access, kClock);
  const Endless endless(host);
  REQUIRE(connection.run(sh("true"), {}));
  const auto slow = connection.run(endless.command(seconds(3)), {});
  REQUIRE_FALSE(slow);
  CHECK(slow.error().code == Errc::Timeout);
  CHECK(slow.error().message.find("may still run") != std::string::npos);
  CHECK(connection.run(sh("true"), {}));
  CHECK(host.sessions().size() == 1);
}

TEST_CASE("ssh: what a child of the program keeps open is not waited for") {
  if (skipped()) return;
  const SshHost host;
  REQUIRE(host.up);
  SshConnection connection(host.access, kClock);
  const auto left = connection.run(sh("sleep 600 & echo $!; exit 4"), {});
  REQUIRE(left);
  CHECK(left->exit_code == 4);
  CHECK(kill(std::stoi(left->out), SIGKILL) == 0);
}

TEST_CASE("ssh: output that comes in pieces after the end is read to its own") {
  if (skipped()) return;
  const SshHost host;
  REQUIRE(host.up);
  SshConnection connection(host.access, kClock);
  // Far longer than a moment in all. Where this machine stalls for one, it is tried again.
  const auto late = sh("(for i in 1 2 3 4 5; do sleep 0.2; printf $i; done) & exit 4");
  CHECK(eventually([&] {
    const auto read = connection.run(late, {});
    return read && read->exit_code == 4 && read->out == "12345";
  }));
}

TEST_CASE("ssh: a stop in the middle ends the wait, and its outcome is unknown") {
  if (skipped()) return;
  const SshHost host;
  REQUIRE(host.up);
  SshConnection connection(host.access, kClock);
  std::stop_source source;
  const Endless endless(host);
  auto running = std::async(std::launch::async,
                            [&] { return connection.run(endless.command(), source.get_token()); });
  REQUIRE(endless.runs());
  source.request_stop();
  const auto stopped = running.get();
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == Errc::Cancelled);

  const auto never = connection.run(sh("touch " + host.path("never")), source.get_token());
  REQUIRE_FALSE(never);
  CHECK(never.error().code == Errc::Unavailable);
  CHECK_FALSE(std::filesystem::exists(host.path("never")));
}

TEST_CASE("ssh: a connection that is lost in the middle is no success, and is made anew") {
  if (skipped()) return;
  const SshHost host;
  REQUIRE(host.up);
  SshConnection connection(host.access, kClock);
  const Endless endless(host);
  auto running =
      std::async(std::launch::async, [&] { return connection.run(endless.command(), {}); });
  REQUIRE(endless.runs());
  for (const pid_t pid : host.sessions()) kill(pid, SIGKILL);
  const auto lost = running.get();
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == Errc::Io);
  CHECK(connection.run(sh("true"), {}));  // at once: nothing failed before

  // While nothing runs, too.
  for (const pid_t pid : host.sessions()) kill(pid, SIGKILL);
  REQUIRE(eventually([&] { return host.sessions().empty(); }));
  CHECK(connection.run(sh("true"), {}));
}

TEST_CASE("ssh: a host that hangs costs the time that was given, and nothing was run") {
  if (skipped()) return;
  const SshHost host;
  REQUIRE(host.up);
  SshConnection connection(host.access, kClock);
  REQUIRE(connection.run(sh("true"), {}));
  const auto sessions = host.sessions();
  for (const pid_t pid : sessions) kill(pid, SIGSTOP);
  const auto hung = connection.run(sh("touch " + host.path("ran"), milliseconds(300)), {});
  REQUIRE_FALSE(hung);
  CHECK(hung.error().code == Errc::Unavailable);
  CHECK(connection.run(sh("true"), {}));  // over another connection
  for (const pid_t pid : sessions) kill(pid, SIGCONT);
  REQUIRE(eventually([&] { return host.sessions().size() == 1; }));
  CHECK_FALSE(std::filesystem::exists(host.path("ran")));
}

TEST_CASE("ssh: a host that is away is not asked again at once") {
  if (skipped()) return;
  SshHost host;
  REQUIRE(host.up);
  host.stop();
  fieldmedic::ManualClock clock;
  SshConnection connection(host.access, clock);
  const auto away = connection.run(sh("true"), {});
  REQUIRE_FALSE(away);
  CHECK(away.error().code == Errc::Unavailable);
  CHECK(away.error().message == "SSH to " + host.access.name() + ": Connection refused");
  host.start("host");
  REQUIRE(host.up);
  const auto too_soon = connection.run(sh("true"), {});
  REQUIRE_FALSE(too_soon);
  CHECK(too_soon.error().code == Errc::Unavailable);
  clock.advance(milliseconds(250));
  CHECK(connection.run(sh("true"), {}));
}

TEST_CASE("ssh: commands of many threads share one connection, a slow one holds up no other") {
  if (skipped()) return;
  const SshHost host;
  REQUIRE(host.up);
  SshConnection connection(host.access, kClock);
  auto slow = std::async(std::launch::async, [&] {
    return connection.run(
        sh("while ! test -e " + host.path("go") + "; do sleep 0.01; done; echo slow"), {});
  });
  std::atomic<int> right = 0;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 10; ++i) {
        const std::string said = std::to_string(thread) + "-" + std::to_string(i);
        const auto ran = connection.run({.argv = {"echo", said}, .environment = {}}, {});
        if (ran && ran->exit_code == 0 && ran->out == said + "\n") ++right;
      }
    });
  threads.clear();
  CHECK(right == 80);
  host.tree().write("go", "");
  const auto ended = slow.get();
  REQUIRE(ended);
  CHECK(ended->out == "slow\n");
  CHECK(host.sessions().size() == 1);
}
