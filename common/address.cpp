#include "common/address.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstddef>

#include <fmt/core.h>

#include "common/quote.hpp"

namespace fieldmedic {
namespace {

bool is_number_of(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  return inet_pton(family, host.c_str(), binary.data()) == 1;
}

bool read_port(std::string_view text, std::uint16_t& port) {
  if (text.empty() || text.front() == '-') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  const auto refuse = [text] {
    return fail(
        Errc::Invalid,
        fmt::format("wants an address such as 127.0.0.1:5514 or [::1]:5514, got {}", quote(text)));
  };
  const std::size_t colon = text.rfind(':');
  Address address;
  if (colon == std::string_view::npos || !read_port(text.substr(colon + 1), address.port))
    return refuse();
  const std::string_view host = text.substr(0, colon);
  if (host.empty()) return address;
  const bool bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  address.host = bracketed ? host.substr(1, host.size() - 2) : host;
  // inet_pton stops at a NUL, which no address may hold.
  if (address.host.find('\0') != std::string::npos) return refuse();
  if (!is_number_of(bracketed ? AF_INET6 : AF_INET, address.host)) return refuse();
  return address;
}

}  // namespace fieldmedic
