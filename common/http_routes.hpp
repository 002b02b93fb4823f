// Which handler serves a request: pure, so that it is tested without a socket.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/http_server.hpp"

namespace fieldmedic {

struct RouteMatch {
  const Route* route = nullptr;
  std::string allowed;  // methods of a known path, for the Allow header of a 405; empty: a 404
};

// The longest path that matches wins, then its method; HEAD is served by GET.
[[nodiscard]] RouteMatch match_route(std::span<const Route> routes, std::string_view method,
                                     std::string_view path);

struct RequestTarget {
  std::string_view path;   // as sent; decode_path() makes it what routes are matched with
  std::string_view query;  // without '?'
};

// "/a?b=c", or "http://host/a?b=c" as proxies send it (RFC 9112, 3.2); nothing for other forms.
[[nodiscard]] std::optional<RequestTarget> split_target(std::string_view target);

// "%41+b" -> "A+b"; a broken escape stays as it is.
[[nodiscard]] std::string decode_path(std::string_view text);

// "%41+b" -> "A b"; a broken escape stays as it is.
[[nodiscard]] std::string decode_form(std::string_view text);

}  // namespace fieldmedic
