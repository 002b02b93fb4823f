#include "exporter/host/netstat.hpp"

#include <map>
#include <string>
#include <vector>

#include "exporter/host/name_filter.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

struct Collected {
  std::map<std::string, double> values;
  std::vector<NetstatLayout> known;
  NameFilter fields{{.exclude = "", .include = NetstatConfig{}.fields}};
  NetstatSelects selects = [this](std::string_view field) { return !fields.leaves_out(field); };
  NetstatValue value = [this](const NetstatField& field, double number) {
    values[field.metric] = number;
  };
};

}  // namespace

TEST_CASE("netstat: published names over values become fields and the rest is left out") {
  Collected got;
  REQUIRE(
      parse_netstat("Tcp: MaxConn RetransSegs X OutSegs\nTcp: -1 7 0 -2\n"
                    "Udp: InErrors\nUdp: 18446744073709551615\n",
                    got.known, got.selects, got.value));
  CHECK(got.values ==
        std::map<std::string, double>{{"node_netstat_Tcp_RetransSegs", 7},
                                      {"node_netstat_Tcp_OutSegs", -2},
                                      {"node_netstat_Udp_InErrors", 18446744073709551615.0}});
}

TEST_CASE("netstat: a truncated or odd file is an error and not a zero") {
  for (const auto* text :
       {"", "Tcp: InSegs B\n", "Tcp: InSegs B\nTcp: 1\n", "Tcp: B InSegs\nTcp: 1\n",
        "Tcp: InSegs\nTcp: 1 2\n", "Tcp: InSegs\nUdp: 1\n", "Tcp: InSegs\nTcp: x\n",
        "Tcp: InSegs\nTcp: 1", "Tcp: InSegs\nTcp: 99999999999999999999\n", "\n\n", ": A\n: 1\n"}) {
    INFO(text);
    Collected got;
    const auto parsed = parse_netstat(text, got.known, got.selects, got.value);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Errc::Malformed);
  }
}

TEST_CASE("netstat: snmp6 protocols end at their six") {
  Collected got;
  REQUIRE(parse_snmp6("Ip6InOctets\t128\nUdpLite6InErrors\t2\nIp6X 1\nOther\t3\n", got.known,
                      got.selects, got.value));
  CHECK(got.values == std::map<std::string, double>{{"node_netstat_Ip6_InOctets", 128},
                                                    {"node_netstat_UdpLite6_InErrors", 2}});
  for (const auto* text : {"", "Ip6InOctets\n", "Ip6InOctets 1", "Ip6InOctets x\n", "\n"}) {
    INFO(text);
    CHECK_FALSE(parse_snmp6(text, got.known, got.selects, got.value));
  }
}

TEST_CASE("netstat: the selection is that of node_exporter and TCPOrigDataSent") {
  Collected got;
  CHECK(got.selects("Tcp_RetransSegs"));
  CHECK(got.selects("TcpExt_TCPOrigDataSent"));
  CHECK(got.selects("UdpLite6_InErrors"));
  CHECK_FALSE(got.selects("TcpExt_TCPHPHits"));
  CHECK_FALSE(got.selects("Tcp_MaxConn"));
}

TEST_CASE("netstat: a name that cannot be a metric's is not published") {
  Collected got;
  REQUIRE(parse_netstat("X{}: InErrors\nX{}: 1\n", got.known, got.selects, got.value));
  CHECK(got.values.empty());
}

TEST_CASE("netstat: a host without IPv6 has no fields of it and no failure") {
  const TempTree host{{{"proc/net/netstat", "TcpExt: TCPTimeouts\nTcpExt: 4\n"},
                       {"proc/net/snmp", "Tcp: OutSegs\nTcp: 5\n"}}};
  const auto module = make_netstat_module(host_at(host.root), {});
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
  const auto module = make_netstat_module(host_at(host.root), {});
  REQUIRE(module->collect({}));
  host.write("proc/net/snmp", "Tcp: InSegs OutSegs\nTcp: 60 50\n");
  const auto families = module->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_netstat_Tcp_OutSegs") == 50);
  CHECK(value_of(*families, "node_netstat_Tcp_InSegs") == 60);
}
