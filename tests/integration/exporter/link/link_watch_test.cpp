// Links against the kernel: real connections between two network namespaces.
#include "exporter/link/link_watch.hpp"

#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <array>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/network_lab.hpp"

namespace fieldmedic {
namespace {

constexpr std::uint16_t kPort = 5514;

LinkConfig by_interface(const char* name) {
  return {name, InterfaceLink{name}};
}

const LinkConfig kTelecom = by_interface("telecom");
const LinkConfig kUnicom = by_interface("unicom");

LinkTotals counted(const tcp_info& info) {
  return {.sent_bytes = info.tcpi_bytes_sent,
          .retransmitted_bytes = info.tcpi_bytes_retrans,
          .sent_segments = info.tcpi_data_segs_out,
          .retransmitted_segments = info.tcpi_total_retrans,
          .connections = 1};
}

// From then on its kernel has no reason to send anything.
bool is_acknowledged(const LabConnection& connection) {
  return eventually([&] { return connection.info().tcpi_unacked == 0; });
}

// A lab with a watch whose first look has been taken.
struct WatchedLab {
  explicit WatchedLab(std::vector<LinkConfig> which) : links(std::move(which)) {
    if (!lab.ready()) return;
    listener = lab.listen_far(kPort);
    (void)look();
  }
  [[nodiscard]] LinkReport look() {
    const auto report = watch.look(links);
    REQUIRE(report);
    return *report;
  }
  [[nodiscard]] LinkReport::Link link(std::size_t place = 0) { return look().links[place]; }

  NetworkLab lab;
  FileDescriptor listener;
  SystemClock clock;
  LinkWatch watch{clock};
  std::vector<LinkConfig> links;
};

}  // namespace

TEST_CASE("link watch: connections that end between two looks are counted whole") {
  WatchedLab site({kTelecom});
  if (!site.lab.ready()) return;
  constexpr std::uint64_t kConnections = 300;
  for (std::uint64_t i = 0; i < kConnections; ++i) {
    LabConnection(site.listener, "10.78.0.1", kPort).send(1500);
  }
  CHECK(eventually([&] { return site.link().totals.connections == kConnections; }));
  // A busy machine acknowledges late at times, for which its TCP sends again.
  const auto totals = site.link().totals;
  CHECK(totals.sent_bytes - totals.retransmitted_bytes == 1500 * kConnections);
  CHECK(totals.sent_segments - totals.retransmitted_segments == 2 * kConnections);
  CHECK(site.link().now.connections == 0);
  CHECK_FALSE(site.link().now.smoothed_rtt);
  CHECK(site.look().ended == kConnections);
  CHECK(site.look().lost == 0);
}

TEST_CASE("link watch: what an open connection sends is counted as it goes, its end adds nothing") {
  WatchedLab site({kTelecom});
  if (!site.lab.ready()) return;
  {
    const LabConnection connection(site.listener, "10.78.0.1", kPort);
    for (const std::size_t bytes : {10'000UL, 5'000UL}) {
      connection.send(bytes);
      REQUIRE(is_acknowledged(connection));
      CHECK(site.link().totals == counted(connection.info()));
    }
    CHECK(site.link().now.connections == 1);
    CHECK(site.link().now.smoothed_rtt);
  }
  CHECK(eventually([&] { return site.look().ended == 1; }));
  const auto totals = site.link().totals;
  CHECK(totals.sent_bytes - totals.retransmitted_bytes == 15'000);
  CHECK(totals.connections == 1);
  CHECK(site.link().now.connections == 0);
}

TEST_CASE("link watch: lost packets are counted on the link that loses them") {
  WatchedLab site({kTelecom, kUnicom});
  if (!site.lab.ready()) return;
  if (!site.lab.lose_packets()) {
    puts("SKIP: packet loss needs nftables");
    return;
  }
  const LabConnection bad(site.listener, "10.78.0.1", kPort);
  const LabConnection good(site.listener, "10.79.0.1", kPort);
  bad.send(2'000'000);
  good.send(2'000'000);
  CHECK(is_acknowledged(bad));
  CHECK(is_acknowledged(good));
  REQUIRE(site.lab.heal());
  const auto report = site.look();
  CHECK(report.links[0].totals == counted(bad.info()));
  CHECK(report.links[0].totals.retransmitted_bytes > 0);
  CHECK(report.links[0].totals.sent_bytes > 2'000'000);
  CHECK(report.links[1].totals == counted(good.info()));
  CHECK(report.links[1].totals.retransmitted_bytes < report.links[0].totals.retransmitted_bytes);
}

TEST_CASE("link watch: a connection belongs to the first link that matches") {
  WatchedLab site({{"branch", PeerLink{*parse_ip_network("10.9.0.0/16")}},
                   {"second", SourceLink{*parse_ip_address("10.79.0.2")}},
                   kTelecom,
                   kUnicom});
  if (!site.lab.ready()) return;
  const LabConnection to_branch(site.listener, "10.9.0.1", kPort);  // by telecom, by its default
  const LabConnection from_second(site.listener, "10.79.0.1", kPort);
  const LabConnection by_telecom(site.listener, "10.78.0.1", kPort);
  to_branch.send(1000);
  from_second.send(2000);
  by_telecom.send(3000);
  const auto report = site.look();
  CHECK(report.links[0].totals.sent_bytes == 1000);
  CHECK(report.links[1].totals.sent_bytes == 2000);
  CHECK(report.links[2].totals.sent_bytes == 3000);
  CHECK(report.links[3].totals == LinkTotals{});
}

TEST_CASE("link watch: a switch of routes takes the traffic of a connection along") {
  WatchedLab site({kTelecom, kUnicom});
  if (!site.lab.ready()) return;
  const LabConnection connection(site.listener, "10.9.0.1", kPort);
  connection.send(4000);
  auto report = site.look();
  CHECK(report.links[0].default_route);
  CHECK_FALSE(report.links[1].default_route);
  CHECK(report.links[0].now.connections == 1);

  REQUIRE(site.lab.run({"ip", "route", "del", "default", "metric", "100"}));
  report = site.look();
  CHECK_FALSE(report.links[0].default_route);
  CHECK(report.links[1].default_route);
  CHECK(report.links[0].totals.sent_bytes == 4000);
  CHECK(report.links[1].now.connections == 1);
  connection.send(3000);
  report = site.look();
  CHECK(report.links[0].totals.sent_bytes == 4000);
  CHECK(report.links[1].totals.sent_bytes == 3000);
  CHECK(report.links[1].totals.connections == 0);  // it began on the other
}

TEST_CASE("link watch: a link is down with its interface, and up again with it") {
  WatchedLab site({kTelecom,
                   {"source", SourceLink{*parse_ip_address("10.78.0.2")}},
                   {"peer", PeerLink{*parse_ip_network("10.78.0.0/24")}},
                   kUnicom,
                   by_interface("none")});
  if (!site.lab.ready()) return;
  const auto ups = [&] {
    std::string text;
    for (const auto& link : site.look().links) text += link.up ? '1' : '0';
    return text;
  };
  CHECK(eventually([&] { return ups() == "11110"; }));
  REQUIRE(site.lab.run({"ip", "link", "set", "telecom", "down"}));
  // Its peers are reached by the default route that is left.
  CHECK(eventually([&] { return ups() == "00110"; }));
  REQUIRE(site.lab.run({"ip", "route", "del", "default", "metric", "200"}));
  CHECK(ups() == "00010");
  REQUIRE(site.lab.run({"ip", "link", "set", "telecom", "up"}));
  CHECK(eventually([&] { return ups() == "11110"; }));
}

TEST_CASE("link watch: totals go on when other links are asked for") {
  WatchedLab site({kTelecom});
  if (!site.lab.ready()) return;
  const LabConnection connection(site.listener, "10.78.0.1", kPort);
  connection.send(1000);
  CHECK(site.link().totals.sent_bytes == 1000);
  site.links = {kUnicom, kTelecom};
  CHECK(site.link(1).totals.sent_bytes == 1000);
  connection.send(500);
  CHECK(site.link(1).totals.sent_bytes == 1500);
  CHECK(site.link(0).totals == LinkTotals{});
}

TEST_CASE("connection ends: events that are not read in time are counted as lost") {
  const NetworkLab lab;
  if (!lab.ready()) return;
  const auto listener = lab.listen_far(kPort);
  auto ends = ConnectionEnds::subscribe(4096);
  REQUIRE(ends);
  constexpr std::uint64_t kConnections = 100;
  for (std::uint64_t i = 0; i < kConnections; ++i) {
    LabConnection(listener, "10.78.0.1", kPort).send(10);
  }
  // The kernel tells of an end when it gets to it: reading before it has dropped one loses none.
  REQUIRE(eventually([&] {
    std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
    socklen_t size = sizeof info;
    getsockopt(ends->descriptor(), SOL_SOCKET, SO_MEMINFO, info.data(), &size);
    return info[SK_MEMINFO_DROPS] > 0;
  }));
  std::uint64_t events = 0;
  std::uint64_t lost = 0;
  CHECK(eventually([&] {
    const auto read = ends->read([](const InetSocket&) {});
    REQUIRE(read);
    events += read->events;
    lost += read->lost;
    return events + lost == kConnections;
  }));
  CHECK(lost > 0);
  CHECK(events > 0);
}

}  // namespace fieldmedic
