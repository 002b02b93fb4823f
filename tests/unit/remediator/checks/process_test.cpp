#include "remediator/checks/process.hpp"

#include "remediator/checks/checks.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Verdict;

std::string stat_line(int pid, char state) {
  return std::to_string(pid) + " (orders) " + state +
         " 1 41 41 0 -1 4194304 0 0 0 0 1 1 0 0 20 0 1 0 1234 100 10 18446744073709551615 0 0 0 0 "
         "0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n";
}

core::CheckAnswer ask(const std::filesystem::path& procfs, const ProcessPattern& pattern,
                      const core::Target& target = kOrders) {
  FakeHttp http;
  CollectorSpec collector;
  collector.process = pattern;
  const CheckTools tools{http, inventory_of(collector), {}, {procfs, "/sys", "/"}};
  return (*make_process_check("{}", tools))->run(target, {});
}

void add_process(const TempTree& host, int pid, char state) {
  const std::string folder = std::to_string(pid) + "/";
  host.write(folder + "stat", stat_line(pid, state));
  host.write(folder + "cmdline", std::string("/opt/orders\0-f\0", 15));
  std::filesystem::create_symlink("/opt/orders", host.root / folder / "exe");
}

const ProcessPattern kPattern{"", "/opt/orders", ""};

}  // namespace

TEST_CASE("of a host over SSH that is not connected to nothing is looked up here") {
  const TempTree host;
  add_process(host, 41, 'S');
  FakeHttp http;
  CollectorSpec collector;
  collector.process = kPattern;
  collector.ports = {"127.0.0.1:1"};
  const CheckTools tools{http, far_inventory_of(collector), {}, {host.root, "/sys", "/"}};
  const std::pair<const char*, const char*> cases[] = {
      {"process", "{}"}, {"port", R"({"addresses":[],"timeout_ms":100})"}};
  for (const auto& [name, arguments] : cases) {
    INFO(name);
    CHECK(check_serves({name, "{}"}, HostSpec{"lab", Reach::Ssh}));
    CHECK_FALSE(check_serves({name, "{}"}, HostSpec{"lab", Reach::Kubernetes}));
    const auto answer = make_check({name, arguments}, tools).value()->run(kOrders, {});
    CHECK(answer.verdict == Verdict::Unknown);
    CHECK(answer.evidence.find("lab is reached over SSH") != std::string::npos);
  }
}

TEST_CASE("a process check passes when one matching process runs") {
  const TempTree host;
  add_process(host, 41, 'T');
  add_process(host, 42, 'S');
  const auto answer = ask(host.root, kPattern);
  CHECK(answer.verdict == Verdict::Pass);
  CHECK(answer.evidence == "1 running: pid 42");
}

TEST_CASE("a process check fails when all are stopped or none matches") {
  const TempTree host;
  add_process(host, 41, 'T');
  const auto stopped = ask(host.root, kPattern);
  CHECK(stopped.verdict == Verdict::Fail);
  CHECK(stopped.evidence == "pid 41 is stopped (state T)");
  const auto none = ask(host.root, {"", "/opt/other", ""});
  CHECK(none.verdict == Verdict::Fail);
}

TEST_CASE("a process check that cannot look is unknown") {
  const TempTree host;
  CHECK(ask(host.root / "nowhere", kPattern).verdict == Verdict::Unknown);
  CHECK(ask(host.root, {}).verdict == Verdict::Unknown);
  core::Target other = kOrders;
  other.name = "payments";
  CHECK(ask(host.root, kPattern, other).verdict == Verdict::Unknown);
}

}  // namespace fieldmedic
