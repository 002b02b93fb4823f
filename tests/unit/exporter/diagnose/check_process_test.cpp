#include "tests/catch.hpp"
#include "tests/fakes/findings.hpp"

using namespace fieldmedic;
using Lines = std::vector<std::string>;

namespace {

CollectorConfig watched() {
  CollectorConfig config;
  config.process.unit = "orders.service";
  return config;
}

FakeModules living(double number) {
  FakeModules fake;
  fake.add("process", "collector_processes", number);
  return fake;
}

}  // namespace

TEST_CASE("D1: what is said of processes") {
  struct Case {
    const char* name;
    FakeModules after;
    Verdict verdict;
    Lines lines;
  };
  const Case cases[] = {
      {"one lives",
       living(1).add("process", "collector_process_start_time_seconds", kFindingsAt - 7200),
       Verdict::Ok,
       {"ok: 1 process lives, the oldest for 2 h"}},
      {"none lives", living(0), Verdict::Suspect, {"suspect: no process lives"}},
      {"one is stopped",
       living(2).add("process", "collector_process_states", 1, {"state", "stopped"}),
       Verdict::Suspect,
       {"ok: 2 processes live", "suspect: 1 process stopped (SIGSTOP, or a debugger)"}},
      {"a zombie and a wait judge nothing",
       living(2)
           .add("process", "collector_process_states", 1, {"state", "zombie"})
           .add("process", "collector_process_states", 2, {"state", "waiting"})
           .add("process", "collector_process_states", 0, {"state", "stopped"})
           .add("process", "collector_process_states", 2, {"state", "running"}),
       Verdict::Ok,
       {"ok: 2 processes live", "-: 1 process ended and not waited for (zombie)",
        "-: 2 processes waiting for a device (state D)"}},
      {"something is left over",
       living(1)
           .add("process", "collector_residual_processes", 1)
           .remark("process", "left over: pid 7 (x)", "collector_residual_processes"),
       Verdict::Suspect,
       {"ok: 1 process lives",
        "suspect: 1 process of an older instance is left; left over: pid 7 (x)"}},
      {"nothing is left over",
       living(1).add("process", "collector_residual_processes", 0),
       Verdict::Ok,
       {"ok: 1 process lives", "ok: nothing of an older instance is left"}},
      {"restarts are told",
       living(1).add("process", "collector_process_restarts_total", 3),
       Verdict::Ok,
       {"ok: 1 process lives", "-: 3 restarts since this exporter first looked"}},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto check = check_process(findings_of(watched(), {}, {}, c.after));
      CHECK(check.id == "D1");
      CHECK(check.verdict() == c.verdict);
      CHECK(lines_of(check) == c.lines);
    }
  }
}

TEST_CASE("D1: what cannot be told is unknown, with the reason, never sick") {
  const auto why = [](CollectorConfig config, const FakeModules& before, const FakeModules& after) {
    const auto check = check_process(findings_of(std::move(config), {}, before, after));
    CHECK(check.verdict() == Verdict::Unknown);
    return check.evidence.front().text;
  };
  CHECK(why({}, living(0), living(0)).find("not configured") != std::string::npos);
  CHECK(why(watched(), {}, {}).find("switched off") != std::string::npos);
  CHECK(why(watched(), {}, FakeModules().lose("process", Errc::Io, "no /proc"))
            .find("switched off") != std::string::npos);
  FakeModules hidden;
  hidden.add("process", "collector_threads_of_another", 1);
  hidden.remark("process", "may not be seen", "collector_up");
  CHECK(why(watched(), {}, hidden) == "whether a process lives cannot be told: may not be seen");
  FakeModules other;
  other.collector = "another";
  other.add("process", "collector_processes", 5);
  CHECK(why(watched(), {}, other).find("nothing was read") != std::string::npos);
}

TEST_CASE("D1: the second reading counts, and the first where there is no second") {
  CHECK(check_process(findings_of(watched(), {}, living(1), living(0))).verdict() ==
        Verdict::Suspect);
  FakeModules late;
  late.lose("process", Errc::Timeout, "late");
  CHECK(check_process(findings_of(watched(), {}, living(1), late)).verdict() == Verdict::Ok);
}
