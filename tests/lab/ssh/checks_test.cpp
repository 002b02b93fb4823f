// The checks process and port on a host over SSH, against a real sshd.
#include "remediator/checks/checks.hpp"

#include <signal.h>

#include <filesystem>
#include <iostream>

#include "remediator/reach/ssh_connection.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/ssh_host.hpp"

namespace fieldmedic {

namespace {

using core::Verdict;

struct Lab {
  SshHost host;
  FakeHttp http;
  SystemClock clock;
  CollectorSpec collector;
  std::shared_ptr<SshConnection> connection = std::make_shared<SshConnection>(host.access, clock);

  // This machine's own processes cannot be looked at.
  core::CheckAnswer ask(const std::string& type, const std::string& arguments) {
    const CheckTools tools{
        http, far_inventory_of(collector), {}, {"/nowhere", "/sys", "/"}, far_hosts_of(connection)};
    return make_check({type, arguments}, tools).value()->run(kOrders, {});
  }
  core::CheckAnswer ask_ports() { return ask("port", R"({"addresses": [], "timeout_ms": 60000})"); }
  // Unknown: a busy machine has not answered in time.
  bool ports_come_to(Verdict wanted) {
    core::CheckAnswer answer;
    const bool came = eventually([&] {
      answer = ask_ports();
      return answer.verdict != Verdict::Unknown;
    });
    UNSCOPED_INFO(answer.evidence);
    return came && answer.verdict == wanted;
  }
};

bool skipped() {
  const std::string why = SshHost::why_not();
  if (!why.empty()) std::cout << "SKIP: " << why << '\n';
  return !why.empty();
}

}  // namespace

TEST_CASE("the check process over SSH passes, fails and does not know") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  const std::string program = lab.host.path("orders");
  std::filesystem::copy_file("/bin/sleep", program);
  const std::string pid_file = lab.host.path("orders.pid");
  lab.collector.process = {.pid_file = {}, .executable = {}, .command_line = program + " 86400"};
  CHECK(lab.ask("process", "{}").verdict == Verdict::Fail);
  {
    const ChildProgram orders({program, "86400"});
    REQUIRE(eventually([&] { return lab.ask("process", "{}").verdict == Verdict::Pass; }));
    CHECK(lab.ask("process", "{}").evidence == "1 running: pid " + std::to_string(orders.pid));
    lab.collector.process.executable = program;
    CHECK(lab.ask("process", "{}").verdict == Verdict::Pass);

    lab.collector.process.pid_file = pid_file;
    CHECK(lab.ask("process", "{}").verdict == Verdict::Fail);  // it is not there
    lab.host.tree().write("orders.pid", std::to_string(orders.pid) + "\n");
    CHECK(lab.ask("process", "{}").verdict == Verdict::Pass);
    lab.host.tree().write("orders.pid", "1\n");
    CHECK(lab.ask("process", "{}").verdict == Verdict::Fail);
    lab.collector.process.pid_file = {};

    kill(orders.pid, SIGSTOP);
    REQUIRE(eventually([&] { return lab.ask("process", "{}").verdict == Verdict::Fail; }));
    kill(orders.pid, SIGCONT);
  }
  lab.host.stop();
  CHECK(lab.ask("process", "{}").verdict == Verdict::Unknown);
}

TEST_CASE("the check port over SSH tells who listens over there") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  lab.collector.ports = {"127.0.0.1:" + std::to_string(lab.host.access.port)};
  CHECK(lab.ports_come_to(Verdict::Pass));
  // Its sshd listens on that address alone.
  lab.collector.ports = {"127.0.0.2:" + std::to_string(lab.host.access.port)};
  CHECK(lab.ports_come_to(Verdict::Fail));
  lab.collector.ports.push_back("127.0.0.1:" + std::to_string(lab.host.access.port));
  CHECK(lab.ports_come_to(Verdict::Fail));
  lab.host.stop();
  CHECK(lab.ask_ports().verdict == Verdict::Unknown);
}

}  // namespace fieldmedic
