// The real fieldmedic-exporter is killed while a collector goes on writing its log.
#include <signal.h>

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/fakes/running_exporter.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

struct Site {
  TempTree tree{{{"orders.log", "ERROR before anybody looked\n"}}};
  std::vector<std::string> flags;

  Site() {
    std::filesystem::create_directory(tree.root / "state");
    const auto config =
        tree.write("exporter.yml", "collectors:\n  - name: orders\n    log: {files: [" +
                                       (tree.root / "orders.log").native() + "]}\n");
    flags = {"--config.file=" + config.native(),
             "--storage.path=" + (tree.root / "state").native()};
  }
};

double errors(RunningExporter& exporter) {
  return exporter.metrics("?collect[]=log")
      .samples.at("collector_log_messages_total{collector=\"orders\",severity=\"error\"}");
}

}  // namespace

TEST_CASE("exporter: killed, it goes on in the logs where it was, also in what was rotated") {
  const Site site;
  {
    RunningExporter exporter(site.flags);
    CHECK(errors(exporter) == 0);
    site.tree.append("orders.log", "ERROR one\nERROR two\nERROR half of");
    CHECK(errors(exporter) == 2);
    kill(exporter.program.pid, SIGKILL);
    REQUIRE(exporter.program.exit_code() == 128 + SIGKILL);
  }
  site.tree.append("orders.log", " the third\nERROR four\n");
  std::filesystem::rename(site.tree.root / "orders.log", site.tree.root / "orders.log.1");
  site.tree.write("orders.log", "ERROR five\n");
  {
    RunningExporter exporter(site.flags);
    CHECK(errors(exporter) == 5);
    kill(exporter.program.pid, SIGKILL);
    REQUIRE(exporter.program.exit_code() == 128 + SIGKILL);
  }
  RunningExporter exporter(site.flags);
  CHECK(errors(exporter) == 5);
}

TEST_CASE("exporter: a state file that is damaged is said, and begun anew") {
  const Site site;
  site.tree.write("state/state.json", "fieldmedic-exporter-state 1 0123456789abcdef\n{}\n");
  RunningExporter exporter(site.flags);
  CHECK(exporter.program.prints("state.json: cut off or changed by somebody else"));
  CHECK(errors(exporter) == 0);
  site.tree.append("orders.log", "ERROR one\n");
  CHECK(errors(exporter) == 1);
}

TEST_CASE("exporter: a state folder of another exporter is not shared") {
  const Site site;
  const RunningExporter first(site.flags);
  RunningExporter second(site.flags);
  CHECK(second.program.prints("another exporter keeps its state here"));
  CHECK(errors(second) == 0);
}
