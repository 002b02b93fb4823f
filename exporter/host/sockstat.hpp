// Sockets in use from /proc/net/sockstat and sockstat6, as node_exporter names them
// (node_sockstat_TCP_inuse …). They are those of the network namespace this program runs in; TCP's
// `alloc` and `mem` are the whole machine's.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

struct SocketCount {
  std::string_view protocol;  // "TCP6"; "sockets" for the one that counts all
  std::string_view field;     // "inuse", "mem" …
  std::int64_t value = 0;     // sockets; `mem` in pages, `memory` in bytes

  friend bool operator==(const SocketCount&, const SocketCount&) = default;
};

// "TCP: inuse 4 orphan 0": in the order of the file. Errc::Malformed.
[[nodiscard]] Result<std::vector<SocketCount>> parse_sockstat(std::string_view text);

// nullptr: this host has no /proc/net/sockstat. sockstat6 is missing where IPv6 is switched off.
[[nodiscard]] std::unique_ptr<Module> make_sockstat_module(const HostRoot& host);

}  // namespace fieldmedic
