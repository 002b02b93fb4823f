// HAProxy's runtime API (management guide, 9.3): one command a connection over its Unix socket.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

// What is set by people or by us, as a mask: srv_admin_state.
inline constexpr unsigned kForcedMaintenance = 0x01;
inline constexpr unsigned kForcedDrain = 0x08;

struct HaproxyServer {
  std::string name;
  int operational = 0;  // 0 stopped, 1 starting, 2 running, 3 stopping
  unsigned administrative = 0;

  // Takes new connections.
  [[nodiscard]] bool in_balance() const { return operational == 2 && administrative == 0; }
};

// What `show servers state BACKEND` answers. Columns are found by their names. Pure.
// Errc::NotFound: there is no such backend. Errc::Malformed.
[[nodiscard]] Result<std::vector<HaproxyServer>> parse_servers_state(std::string_view text);

// Whether it may stand in a command: [A-Za-z0-9_.:-], 1 to 128 of them. Pure.
[[nodiscard]] bool is_haproxy_name(std::string_view name);

// Not thread-safe, and needs not be: it holds nothing open. The names are checked.
class Haproxy {
 public:
  explicit Haproxy(std::string socket) : socket_(std::move(socket)) {}

  [[nodiscard]] Result<std::vector<HaproxyServer>> servers(const std::string& backend,
                                                           const std::stop_token& stop) const;
  // `state`: drain or ready. Errc::Invalid, Denied, NotFound: it said no, nothing was changed.
  // Unavailable: it was not reached. Timeout, Io, Cancelled: whether it was done is not known.
  [[nodiscard]] Status set_state(const std::string& backend, const std::string& server,
                                 const std::string& state, const std::stop_token& stop) const;

 private:
  [[nodiscard]] Result<std::string> ask(const std::string& command,
                                        const std::stop_token& stop) const;

  std::string socket_;
};

}  // namespace fieldmedic
