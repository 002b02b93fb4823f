// The real fieldmedic-exporter on a host with links.
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/network_lab.hpp"
#include "tests/fakes/running_exporter.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

TEST_CASE("exporter: links are there from the first scrape on, and go on over a reload") {
  const NetworkLab lab;
  if (!lab.ready()) return;
  const TempTree tree{{{"exporter.yml", R"(
links:
  - {name: first, interface: telecom}
  - {name: gone, interface: eth9}
)"}}};
  RunningExporter exporter({"--config.file=" + (tree.root / "exporter.yml").native()});
  const auto first = exporter.metrics("").samples;
  CHECK(first.at("link_up{link=\"first\"}") == 1);
  CHECK(first.at("link_default_route{link=\"first\"}") == 1);
  CHECK(first.at("link_up{link=\"gone\"}") == 0);
  CHECK(first.at("link_default_route{link=\"gone\"}") == 0);
  for (const char* family :
       {"sent_bytes_total", "retransmitted_bytes_total", "sent_segments_total",
        "retransmitted_segments_total", "connections_total", "open_connections"}) {
    CHECK(first.at("link_tcp_" + std::string(family) + "{link=\"first\"}") == 0);
    CHECK(first.at("link_tcp_" + std::string(family) + "{link=\"gone\"}") == 0);
  }
  CHECK_FALSE(first.contains("link_tcp_smoothed_rtt_seconds{link=\"first\"}"));

  const auto listener = lab.listen_far(5514);
  const LabConnection connection(listener, "10.78.0.1", 5514);
  connection.send(2500);
  auto metrics = exporter.metrics("").samples;
  CHECK(metrics.at("link_tcp_sent_bytes_total{link=\"first\"}") == 2500);
  CHECK(metrics.at("link_tcp_open_connections{link=\"first\"}") == 1);
  CHECK(metrics.contains("link_tcp_smoothed_rtt_seconds{link=\"first\"}"));

  tree.write("exporter.yml", "links: [{name: first, source: 10.78.0.2}]\n");
  REQUIRE(exporter.request("/-/reload", {}, "POST").status == 200);
  metrics = exporter.metrics("").samples;
  CHECK(metrics.at("link_tcp_sent_bytes_total{link=\"first\"}") == 2500);
  CHECK(metrics.at("link_tcp_connections_total{link=\"first\"}") == 1);
  CHECK_FALSE(metrics.contains("link_up{link=\"gone\"}"));
}

TEST_CASE("exporter: without links nothing is watched") {
  RunningExporter exporter;
  const auto metrics = exporter.metrics();
  CHECK_FALSE(metrics.types.contains("link_up"));
  CHECK_FALSE(metrics.types.contains("fieldmedic_link_lost_events_total"));
}
