// Where another server is asked, and as whom.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/http_client.hpp"

namespace fieldmedic {

// Holds secrets.
struct ServerAccess {
  std::string url;  // "https://prometheus:9090", without a slash at the end; empty: none
  std::optional<BasicAuth> basic_auth = {};
  std::optional<Secret> bearer_token = {};  // never beside basic_auth
  TlsClientConfig tls = {};

  // GET of a path that begins with a slash.
  [[nodiscard]] HttpRequest request(std::string_view path) const {
    HttpRequest request;
    request.url = url;
    while (request.url.ends_with('/')) request.url.pop_back();
    request.url += path;
    request.basic_auth = basic_auth;
    request.bearer_token = bearer_token;
    request.tls = tls;
    return request;
  }
};

}  // namespace fieldmedic
