#include "exporter/host/sockstat.hpp"

#include <unistd.h>

#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

TEST_CASE("sockstat: pairs after a protocol are read") {
  const auto counts = parse_sockstat("sockets: used 16\nTCP: inuse 1 mem -3\n");
  REQUIRE(counts);
  CHECK(*counts ==
        std::vector<SocketCount>{{"sockets", "used", 16}, {"TCP", "inuse", 1}, {"TCP", "mem", -3}});
}

TEST_CASE("sockstat: a truncated or odd file is an error and not a zero") {
  for (const auto* text :
       {"", "TCP: inuse 1", "TCP:\n", "TCP: inuse\n", "TCP: inuse x\n", "TCP inuse 1\n",
        "T{P: inuse 1\n", ": inuse 1\n", "TCP: in\"use 1\n", "TCP: inuse 1 mem\n", "\n"}) {
    INFO(text);
    const auto counts = parse_sockstat(text);
    REQUIRE_FALSE(counts);
    CHECK(counts.error().code == Errc::Malformed);
  }
}

TEST_CASE("sockstat: the module uses the names of node_exporter") {
  const auto families = make_sockstat_module(host_at(fixture_host()))->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_sockstat_sockets_used") == 229);
  CHECK(value_of(*families, "node_sockstat_TCP_tw") == 17);
  CHECK(value_of(*families, "node_sockstat_TCP6_inuse") == 17);
  CHECK(value_of(*families, "node_sockstat_FRAG6_memory") == 0);
  CHECK(value_of(*families, "node_sockstat_TCP_mem_bytes") ==
        212 * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

TEST_CASE("sockstat: a field that node_exporter does not know is left out, and IPv6 may be off") {
  const TempTree host{{{"proc/net/sockstat", "TCP: inuse 1 later 2\n"}}};
  const auto families = make_sockstat_module(host_at(host.root))->collect({});
  REQUIRE(families);
  CHECK(families->size() == 1);
  CHECK(make_sockstat_module(host_at("/nonexistent")) == nullptr);
}
