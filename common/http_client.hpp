// HTTP(S) requests through libcurl.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "common/secret.hpp"
#include "common/tls_client.hpp"

namespace fieldmedic {

struct BasicAuth {
  std::string username;
  Secret password;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http:// or https:// only
  // Path of a Unix socket that serves the URL; its host is then a name for the Host header only.
  std::string unix_socket;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // sent as it is, for POST and PUT
  std::optional<BasicAuth> basic_auth;
  std::optional<Secret> bearer_token;
  TlsClientConfig tls;                       // of https:// only
  TlsMaterial tls_material;                  // as tls
  std::chrono::milliseconds timeout{5'000};  // for the whole exchange
  std::size_t body_limit = 1 << 20;          // of the answer; more is Errc::TooLarge
};

struct HttpResponse {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Thread-safe; follows no redirect, uses no proxy from the environment. Any HTTP status is a
  // response. Errc::Unavailable: the other side refuses or is not there. Errc::Timeout: no
  // (complete) answer in time, the outcome is unknown. Both say something about the other side;
  // what follows does not. Errc::NotFound: the name has no address. Errc::Io: what may as well be
  // our own trouble: no descriptor, no route, a name server that is silent, TLS that is not agreed
  // on. Errc::Cancelled: `stop` was requested. Error messages name scheme, host, port and path;
  // never query, user, password or header values.
  [[nodiscard]] virtual Result<HttpResponse> send(const HttpRequest& request,
                                                  std::stop_token stop) = 0;
};

// Keeps connections alive between calls (a small pool of easy handles behind a mutex).
class CurlHttpClient final : public HttpClient {
 public:
  CurlHttpClient();
  ~CurlHttpClient() override;
  [[nodiscard]] Result<HttpResponse> send(const HttpRequest& request,
                                          std::stop_token stop) override;

 private:
  struct Pool;
  Pool* pool_;
};

// "http://user:pw@h:1/p?key=s" -> "http://h:1/p": what may be shown of a URL.
[[nodiscard]] std::string redact_url(std::string_view url);

}  // namespace fieldmedic
