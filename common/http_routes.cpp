#include "common/http_routes.hpp"

#include <charconv>

namespace fieldmedic {
namespace {

constexpr std::size_t kMaxParameters = 256;

bool matches(std::string_view pattern, std::string_view path) {
  const bool prefix = pattern.size() > 1 && pattern.ends_with('/');
  return prefix ? path.starts_with(pattern) : path == pattern;
}

}  // namespace

RouteMatch match_route(std::span<const Route> routes, std::string_view method,
                       std::string_view path) {
  std::string_view longest;
  for (const Route& route : routes) {
    if (matches(route.path, path) && route.path.size() > longest.size()) longest = route.path;
  }
  RouteMatch match;
  if (longest.empty()) return match;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route& route : routes) {
    if (route.path != longest) continue;
    if (route.method == wanted) match.route = &route;
    if (!match.allowed.empty()) match.allowed += ", ";
    match.allowed += route.method;
    if (route.method == "GET") match.allowed += ", HEAD";
  }
  return match;
}

std::string decode_form(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

std::vector<std::string> ServerRequest::parameters(std::string_view name) const {
  std::vector<std::string> values;
  std::string_view rest = query;
  while (!rest.empty() && values.size() < kMaxParameters) {
    const auto part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    const auto equals = std::min(part.find('='), part.size());
    if (decode_form(part.substr(0, equals)) != name) continue;
    values.push_back(decode_form(part.substr(std::min(equals + 1, part.size()))));
  }
  return values;
}

}  // namespace fieldmedic
