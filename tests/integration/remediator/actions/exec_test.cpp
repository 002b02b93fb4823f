#include "remediator/actions/exec.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using Json = nlohmann::json;

struct Lab {
  TempTree tree;
  LocalProcessRunner runner;
  FakeSystemd systemd;
  SystemClock clock;

  ApplyAnswer run(const std::string& script, std::chrono::milliseconds timeout) {
    const auto file = tree.write("fix", "#!/bin/bash\n" + script);
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    const ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
    const Json arguments{{"argv", {file.string(), "{{ target.name }}", "$(id)"}},
                         {"environment", Json::array()}};
    const auto exec = make_exec(arguments.dump(), tools).value();
    const auto plan = exec->plan({kOrders, {}}, {}).value();
    return exec->apply({own_attempt(), kOrders, plan, 0, timeout}, {});
  }
};

}  // namespace

TEST_CASE("exec hands its arguments to a real program as they are") {
  Lab lab;
  const auto answer = lab.run("echo \"$1|$2|$FIELDMEDIC_ATTEMPT\" >\"${0%/*}/out\"",
                              std::chrono::milliseconds(60'000));
  INFO(answer.evidence);
  CHECK(answer.outcome == Applied::Done);
  std::ifstream out(lab.tree.root / "out");
  std::string line;
  std::getline(out, line);
  CHECK(line == "orders|$(id)|" + own_attempt());
}

TEST_CASE("exec reports a program that failed or did not end") {
  Lab lab;
  const auto failed = lab.run("echo broken >&2; exit 4", std::chrono::milliseconds(60'000));
  CHECK(failed.outcome == Applied::Refused);
  CHECK(failed.evidence == "exited with 4 and printed at its end: \"broken\\n\"");
  CHECK(lab.run("exec sleep 300", std::chrono::milliseconds(200)).outcome == Applied::Unknown);
}

}  // namespace fieldmedic
