#include "common/url_host.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <curl/curl.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kLongestName = 256;
constexpr std::uint8_t kLoopbackNet = 127;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool is_own_ipv4(const std::uint8_t* bytes) {
  constexpr std::array<std::uint8_t, 4> kAny{};
  return bytes[0] == kLoopbackNet || std::equal(kAny.begin(), kAny.end(), bytes);
}

bool is_own_ipv6(const in6_addr& address) {
  const auto* bytes = static_cast<const std::uint8_t*>(address.s6_addr);
  constexpr std::size_t kIpv4At = 12;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return is_own_ipv4(bytes + kIpv4At);
  return IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address);
}

std::string_view without_domain(std::string_view name) {
  return name.substr(0, name.find('.'));
}

}  // namespace

std::string host_of_url(const std::string& url) {
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
  char* text = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_HOST, &text, CURLU_URLDECODE) != CURLUE_OK) return {};
  std::string host = lower(text);
  curl_free(text);
  if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
  in_addr address{};
  std::array<char, INET_ADDRSTRLEN> shown{};
  if (inet_aton(host.c_str(), &address) != 0 &&
      inet_ntop(AF_INET, &address, shown.data(), shown.size()) != nullptr)
    return shown.data();
  return host;
}

bool names_this_machine(std::string_view host, std::string_view own_name) {
  if (host.ends_with('.')) host.remove_suffix(1);          // the same name, said in full
  const std::string text(host.substr(0, host.find('%')));  // without a zone
  in_addr four{};
  in6_addr six{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) {
    std::array<std::uint8_t, sizeof(four)> bytes{};
    std::memcpy(bytes.data(), &four, sizeof(four));
    return is_own_ipv4(bytes.data());
  }
  if (inet_pton(AF_INET6, text.c_str(), &six) == 1) return is_own_ipv6(six);
  if (host == "localhost" || host.ends_with(".localhost") || host == "ip6-localhost" ||
      host == "ip6-loopback")
    return true;
  const std::string own = lower(own_name);
  if (own.empty()) return false;
  return host == own || host == without_domain(own) ||
         (own.find('.') == std::string::npos && without_domain(host) == own);
}

std::string own_host_name() {
  std::array<char, kLongestName> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

}  // namespace fieldmedic
