// What may be shown of a URL: apart from http_client.cpp, so that it needs no curl.
#include "common/http_client.hpp"

namespace fieldmedic {
namespace {

// host, host:port or [address]:port. Anything else may be a password that holds a '/'.
bool is_host(std::string_view text) {
  constexpr std::string_view kName =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_";
  const bool bracketed = text.starts_with('[');
  const auto end = bracketed ? text.find(']') : text.find(':');
  const auto host = text.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
  auto port = end == text.npos ? std::string_view{} : text.substr(end + (bracketed ? 1 : 0));
  if (port.starts_with(':')) port.remove_prefix(1);
  const auto allowed = bracketed ? std::string_view("0123456789abcdefABCDEF:.") : kName;
  return !host.empty() && host.find_first_not_of(allowed) == host.npos &&
         port.find_first_not_of("0123456789") == port.npos;
}

}  // namespace

std::string redact_url(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == url.npos) return "(not a URL)";
  const auto scheme = url.substr(0, scheme_end + 3);
  const auto rest = url.substr(scheme.size());
  auto authority = rest.substr(0, rest.find_first_of("/?#"));
  auto path = rest.substr(authority.size());
  path = path.substr(0, path.find_first_of("?#"));
  if (const auto at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
  std::string shown(scheme);
  if (!is_host(authority)) return shown + "(not a host)";
  return shown.append(authority).append(path);
}

}  // namespace fieldmedic
