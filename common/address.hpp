// Socket addresses as configurations write them: 127.0.0.1:5514, [::1]:9987, :9988.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

struct Address {
  std::string host;  // an IPv4 or IPv6 number without brackets; empty: all addresses
  std::uint16_t port = 0;

  friend bool operator==(const Address&, const Address&) = default;
};

// Names are refused: what a name stands for changes, and asking takes time. Errc::Invalid with what
// was wanted and found.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

}  // namespace fieldmedic
