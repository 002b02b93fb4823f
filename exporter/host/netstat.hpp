// Protocol counters from /proc/net/netstat, snmp and snmp6, as node_exporter names them
// (node_netstat_Tcp_RetransSegs …): by default its selection of fields, and TcpExt_TCPOrigDataSent,
// which the kernel's documentation names as the base of the retransmission rate. They are those of
// the network namespace this program runs in.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "exporter/host/host_config.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

struct NetstatField {
  std::size_t column = 0;  // 0 is the first number
  std::string metric;      // "node_netstat_Tcp_RetransSegs"
  std::string help;
};

// A heading and which of its columns are published. The files hold some 500 fields of which 40 are
// published, and a kernel lists them in one order: so each heading is looked at once.
struct NetstatLayout {
  std::string heading;  // netstat and snmp: "Tcp: RtoAlgorithm …"; snmp6: "Ip6InReceives"
  std::size_t columns = 0;
  std::vector<NetstatField> published;
};

using NetstatValue = std::function<void(const NetstatField& field, double value)>;
// Whether "Tcp_RetransSegs" is published.
using NetstatSelects = std::function<bool(std::string_view field)>;

// netstat and snmp: pairs of lines, a heading over its numbers. `known` keeps the layouts between
// calls. Errc::Malformed when a pair does not fit, or a published value is no number.
[[nodiscard]] Status parse_netstat(std::string_view text, std::vector<NetstatLayout>& known,
                                   const NetstatSelects& selects, const NetstatValue& value);
// snmp6: "Ip6InReceives 12", a field a line; the protocol ends at the first 6.
[[nodiscard]] Status parse_snmp6(std::string_view text, std::vector<NetstatLayout>& known,
                                 const NetstatSelects& selects, const NetstatValue& value);

// nullptr: this host has no /proc/net/snmp. snmp6 is missing where IPv6 is switched off.
[[nodiscard]] std::unique_ptr<Module> make_netstat_module(const HostRoot& host,
                                                          const NetstatConfig& config);

}  // namespace fieldmedic
