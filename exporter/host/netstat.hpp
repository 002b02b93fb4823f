// Protocol counters from /proc/net/netstat, snmp and snmp6, as node_exporter names them
// (node_netstat_Tcp_RetransSegs …): its default selection of fields, and TcpExt_TCPOrigDataSent,
// which the kernel's documentation names as the base of the retransmission rate. They are those of
// the network namespace this program runs in.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// Called for each field in the order of the file; `index` counts them within one text from 0.
using NetstatField = std::function<void(std::size_t index, std::string_view protocol,
                                        std::string_view name, double value)>;

// netstat and snmp: pairs of lines, names over values. Errc::Malformed when a pair does not fit.
[[nodiscard]] Status parse_netstat(std::string_view text, const NetstatField& field);
// snmp6: "Ip6InReceives 12", a field a line; the protocol ends at the first 6.
[[nodiscard]] Status parse_snmp6(std::string_view text, const NetstatField& field);

// Whether this field is published.
[[nodiscard]] bool netstat_selects(std::string_view protocol, std::string_view name);

// nullptr: this host has no /proc/net/snmp. snmp6 is missing where IPv6 is switched off.
[[nodiscard]] std::unique_ptr<Module> make_netstat_module(const HostRoot& host);

}  // namespace fieldmedic
