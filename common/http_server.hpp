// The HTTP server of both daemons: bounded bodies, TLS, no exception leaves a handler.
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

using ServerHeaders = std::vector<std::pair<std::string, std::string>>;

struct ServerResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  ServerHeaders headers;  // beside Content-Type and -Length
};

using Handler = std::function<ServerResponse(const ServerRequest&)>;

struct Route {
  std::string method;  // "GET" or "POST"
  std::string path;    // exact, or a prefix when it ends in '/'; the longest match wins.
                       // "/" alone is exact.
  Handler handler;     // called from several threads at once
  std::size_t body_limit = 64UL * 1024;  // of a POST; a GET has no body
  // Called instead of `handler` with the announced length (0: unknown, chunked) when a body is over
  // the limit; empty: a plain 413.
  std::function<ServerResponse(const ServerRequest&, std::size_t announced)> too_large;
  // Served without credentials (health probes).
  enum class Access { Authenticated, Open } access = Access::Authenticated;
};

struct ServerOptions {
  std::string listen_address;  // "127.0.0.1:9987", "[::1]:0", ":9987" (all); port 0: chosen
  WebConfig web;               // TLS and users; empty: plain and open
  int threads = 8;             // requests handled at once
  // Connections open at once; each has a thread, which only its handler's turn keeps busy. One more
  // ends the one that has waited longest for its peer.
  std::size_t connections = 256;
  // A peer's time for each of: its first bytes and TLS, a request's head, its body, taking an
  // answer.
  std::chrono::milliseconds request_timeout{10'000};
};

// Owns the listening socket and its threads from start() until destruction, which waits for
// handlers that run. Unknown path: 404; known path, other method: 405; a head over 16 KiB or 100
// headers: 431; no turn for a handler within the request timeout: 503; a handler that throws: 500
// with no detail, and a line in the log. Failed authentication costs the same whether the user
// exists.
class HttpServer {
 public:
  // Errc::Conflict: the address is in use (the message says by what to change it); Denied: not
  // allowed to listen there; Invalid: bad address.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(ServerOptions options,
                                                                 std::vector<Route> routes);
  virtual ~HttpServer() = default;
  [[nodiscard]] virtual int port() const = 0;
  // Swaps users and TLS (reload; certificate files that change are read again without one); routes,
  // address and connections stay. Errc::Conflict: the new ones protect less than the old ones (see
  // keeps_protection), which stay.
  virtual Status reload(WebConfig web) = 0;
};

}  // namespace fieldmedic
