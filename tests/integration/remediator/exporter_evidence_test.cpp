// What the remediator reads of the real exporter's /diagnose.
#include "remediator/exporter_evidence.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/free_port.hpp"
#include "tests/fakes/running_exporter.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

TEST_CASE("exporter evidence: of the real exporter, about a collector that is down") {
  const TempTree tree;
  tree.write("orders.log", "ERROR gone\n\tat com.example.Orders.send(Orders.java:42)\n");
  const auto config =
      tree.write("exporter.yml",
                 "collectors:\n  - name: orders\n    process: {command_line: 'no such 0911'}\n"
                 "    log: {files: [" +
                     (tree.root / "orders.log").native() + "]}\n");
  RunningExporter exporter({"--config.file=" + config.native()});
  ServerAccess access;
  access.url = "http://127.0.0.1:" + std::to_string(exporter.port);
  CurlHttpClient http;
  const auto said = ask_exporter(access, http, "orders", {});
  REQUIRE(said);
  CHECK(said->starts_with("D1 process suspect (no process lives), D2 network unknown ("));
  CHECK(said->find("D4 log suspect (1 error stack") != std::string::npos);

  CHECK(evidence_about("strangers", access, http, {}) ==
        "its exporter says nothing: the exporter answers 404");
  access.url = "http://127.0.0.1:" + std::to_string(free_port());
  CHECK(evidence_about("orders", access, http, {}).starts_with("its exporter says nothing: "));
}
