#include "common/http_routes.hpp"

#include <algorithm>
#include <charconv>

namespace fieldmedic {
namespace {

constexpr std::size_t kMaxParameters = 256;

bool matches(std::string_view pattern, std::string_view path) {
  const bool prefix = pattern.size() > 1 && pattern.ends_with('/');
  return prefix ? path.starts_with(pattern) : path == pattern;
}

// What '+' stands for is said by who knows the text's kind.
std::string decode(std::string_view text, char plus) {
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
      out.push_back(text[i] == '+' ? plus : text[i]);
    }
  }
  return out;
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

std::optional<RequestTarget> split_target(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(std::min(target.find_first_of("/?", scheme.size()), target.size()));
    if (!target.starts_with('/')) return RequestTarget{"/", target.substr(target.empty() ? 0 : 1)};
  }
  if (!target.starts_with('/')) return {};
  const auto mark = std::min(target.find('?'), target.size());
  return RequestTarget{target.substr(0, mark), target.substr(std::min(mark + 1, target.size()))};
}

std::string decode_path(std::string_view text) {
  return decode(text, '+');
}

std::string decode_form(std::string_view text) {
  return decode(text, ' ');
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
