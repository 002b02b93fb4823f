#include "exporter/host/netstat.hpp"

#include <map>
#include <string>

#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

struct Collected {
  std::map<std::string, double> values;
  NetstatField field = [this](std::size_t, std::string_view protocol, std::string_view name,
                              double value) {
    values[std::string(protocol) + "_" + std::string(name)] = value;
  };
};

}  // namespace

TEST_CASE("netstat: names over values become fields and minus one stays") {
  Collected got;
  REQUIRE(parse_netstat(
      "Tcp: MaxConn RetransSegs\nTcp: -1 7\nUdp: InErrors\nUdp: 18446744073709551615\n",
      got.field));
  CHECK(got.values["Tcp_MaxConn"] == -1);
  CHECK(got.values["Tcp_RetransSegs"] == 7);
  CHECK(got.values["Udp_InErrors"] == 18446744073709551615.0);
}

TEST_CASE("netstat: a truncated or odd file is an error and not a zero") {
  for (const auto* text :
       {"", "Tcp: A B\n", "Tcp: A B\nTcp: 1\n", "Tcp: A\nTcp: 1 2\n", "Tcp: A\nUdp: 1\n",
        "Tcp: A\nTcp: x\n", "Tcp: A\nTcp: 1", "\n\n", ": A\n: 1\n"}) {
    INFO(text);
    Collected got;
    const auto parsed = parse_netstat(text, got.field);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Errc::Malformed);
  }
}

TEST_CASE("netstat: snmp6 protocols end at their six") {
  Collected got;
  REQUIRE(parse_snmp6("Ip6InOctets\t128\nUdpLite6InErrors\t2\nOther\t3\n", got.field));
  CHECK(got.values ==
        std::map<std::string, double>{{"Ip6_InOctets", 128}, {"UdpLite6_InErrors", 2}});
  CHECK_FALSE(parse_snmp6("Ip6InOctets\n", got.field));
  CHECK_FALSE(parse_snmp6("Ip6InOctets 1", got.field));
}

TEST_CASE("netstat: the selection is that of node_exporter and TCPOrigDataSent") {
  CHECK(netstat_selects("Tcp", "RetransSegs"));
  CHECK(netstat_selects("TcpExt", "TCPOrigDataSent"));
  CHECK(netstat_selects("UdpLite6", "InErrors"));
  CHECK_FALSE(netstat_selects("TcpExt", "TCPHPHits"));
  CHECK_FALSE(netstat_selects("Tcp", "MaxConn"));
}

TEST_CASE("netstat: a host without IPv6 has no fields of it and no failure") {
  const TempTree host{{{"proc/net/netstat", "TcpExt: TCPTimeouts\nTcpExt: 4\n"},
                       {"proc/net/snmp", "Tcp: OutSegs\nTcp: 5\n"}}};
  const auto module = make_netstat_module(host_at(host.root));
  REQUIRE(module);
  const auto families = module->collect({});
  REQUIRE(families);
  CHECK(families->size() == 2);
  CHECK(value_of(*families, "node_netstat_Tcp_OutSegs") == 5);
  CHECK(find_family(*families, "node_netstat_Tcp_OutSegs")->type ==
        prometheus::MetricType::Untyped);
}

TEST_CASE("netstat: fields that move between two scrapes keep their names") {
  const TempTree host{{{"proc/net/netstat", "TcpExt: TCPTimeouts X\nTcpExt: 4 0\n"},
                       {"proc/net/snmp", "Tcp: OutSegs InSegs\nTcp: 5 6\n"}}};
  const auto module = make_netstat_module(host_at(host.root));
  REQUIRE(module->collect({}));
  host.write("proc/net/snmp", "Tcp: InSegs OutSegs\nTcp: 60 50\n");
  const auto families = module->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_netstat_Tcp_OutSegs") == 50);
  CHECK(value_of(*families, "node_netstat_Tcp_InSegs") == 60);
}
