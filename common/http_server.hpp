// The HTTP server of both daemons (civetweb): bounded bodies, no exception leaves a handler.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "common/web_config.hpp"

namespace fieldmedic {

// Views are valid while the handler runs.
struct ServerRequest {
  std::string_view method;  // "GET", "POST" …; HEAD is served as GET without a body
  std::string_view path;    // decoded, without the query
  std::string_view query;   // raw, without '?'
  std::string_view body;
  std::string_view user;    // who authenticated; empty in open mode
  std::string_view remote;  // "127.0.0.1:40312"
  std::function<std::string_view(std::string_view name)> header;  // empty when absent; any case

  // Values of a query parameter, decoded, in order: ?collect[]=cpu&collect[]=stat.
  [[nodiscard]] std::vector<std::string> parameters(std::string_view name) const;
};

struct ServerResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // beside Content-Type and -Length
};

using Handler = std::function<ServerResponse(const ServerRequest&)>;

struct Route {
  std::string method;  // "GET" or "POST"
  std::string path;    // exact, or a prefix when it ends in '/'; the longest match wins.
                       // "/" alone is exact.
  Handler handler;     // called from several threads at once
  std::size_t body_limit = 64 * 1024;
  // Called instead of `handler` with the announced length (0: unknown, chunked) when a body is over
  // the limit; empty: a plain 413.
  std::function<ServerResponse(const ServerRequest&, std::size_t announced)> too_large;
  // Served without credentials (health probes).
  enum class Access { Authenticated, Open } access = Access::Authenticated;
};

struct ServerOptions {
  std::string listen_address;  // "127.0.0.1:9987", "[::1]:0", ":9987" (all); port 0: chosen
  WebConfig web;               // TLS and users; empty: plain and open
  int threads = 8;             // connections served at once
  std::chrono::milliseconds request_timeout{10'000};  // to read a request that comes slowly
};

// Owns the listening socket and its threads from start() until destruction, which waits for
// handlers that run. Unknown path: 404; known path, other method: 405; a handler that throws: 500
// with no detail, and a line in the log. Failed authentication costs the same whether the user
// exists.
class HttpServer {
 public:
  // Errc::Conflict: the address is in use (the message says by what to change it); Invalid: bad
  // address.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(ServerOptions options,
                                                                 std::vector<Route> routes);
  virtual ~HttpServer() = default;
  [[nodiscard]] virtual int port() const = 0;
  // Swaps users and certificates (reload); routes and address stay.
  virtual Status reload(WebConfig web) = 0;
};

}  // namespace fieldmedic
