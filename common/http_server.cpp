#include "common/http_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <mutex>
#include <optional>

#include <civetweb.h>
#include <fmt/format.h>

#include "common/basic_auth.hpp"
#include "common/connection_watch.hpp"
#include "common/http_exchange.hpp"
#include "common/http_routes.hpp"
#include "common/log.hpp"

namespace fieldmedic {
namespace {

constexpr int kMaxThreads = 64;
// Threads beyond those that kept connections may hold: for connections of one request.
constexpr int kSpareThreads = 4;
// An idle connection is kept longer than the shipped scrape interval of 5 s, so that a scrape does
// not pay for a new one.
constexpr std::chrono::milliseconds kIdle{7'000};

ServerResponse text_response(int status, std::string body) {
  ServerResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

ServerResponse unauthorized() {
  auto response = text_response(401, "credentials are required\n");
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"fieldmedic\"");
  return response;
}

// civetweb's own form of an address: it knows "s" and "r" behind a port and lists by comma, which
// must not be reachable from ours.
Result<std::string> civetweb_address(std::string_view address) {
  const auto colon = address.rfind(':');
  const auto invalid = [address](std::string_view why) {
    return fail(Errc::Invalid, fmt::format("listen address '{}': {}", address, why));
  };
  if (colon == std::string_view::npos) return invalid("want host:port, such as 127.0.0.1:9987");
  const auto host = address.substr(0, colon);
  const auto port = address.substr(colon + 1);
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number < 0 || number > 65535) {
    return invalid("the port is a number from 0 to 65535");
  }
  if (host.empty()) return fmt::format("0.0.0.0:{}", number);
  if (host.starts_with('[')) {
    if (mg_check_feature(MG_FEATURES_IPV6) == 0) {
      return invalid("this build of civetweb (Debian's) has no IPv6; use an IPv4 address");
    }
    const bool plain = host.find_first_not_of("0123456789abcdefABCDEF:.[]") == host.npos;
    return plain ? Result<std::string>(fmt::format("{}:{}", host, number))
                 : invalid("not an IPv6 address");
  }
  constexpr std::string_view kHost =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-";
  if (host.find_first_not_of(kHost) != host.npos) return invalid("not a host");
  return fmt::format("{}:{}", host, number);
}

// With OpenSSL 3 Debian's civetweb 1.15 lacks SSL_get_peer_certificate: it accepts a certificate,
// finishes the first handshake and crashes.
Status refuse_tls(const WebConfig& web) {
  if (!web.tls_enabled) return {};
  return fail(Errc::Invalid,
              "tls_server_config: this build of civetweb (Debian's 1.15 with OpenSSL 3) cannot "
              "serve TLS; listen on loopback behind a TLS proxy instead");
}

class CivetwebServer final : public HttpServer {
 public:
  CivetwebServer(ServerOptions options, std::vector<Route> routes)
      : options_(std::move(options)),
        routes_(std::move(routes)),
        threads_(std::clamp(options_.threads, 1, kMaxThreads)),
        watch_(options_.request_timeout, threads_) {
    set_users(options_.web);
  }

  ~CivetwebServer() override {
    if (context_ == nullptr) return;
    watch_.stop_reading();  // mg_stop alone waits up to 2 s for idle connections
    mg_stop(context_);
  }

  [[nodiscard]] Status listen();
  [[nodiscard]] int port() const override { return port_; }

  Status reload(WebConfig web) override {
    if (const Status possible = refuse_tls(web); !possible) return possible;
    set_users(web);
    return {};
  }

 private:
  static CivetwebServer& of(const mg_connection* connection) {
    return *static_cast<CivetwebServer*>(mg_get_user_context_data(connection));
  }
  static int on_request(mg_connection* connection);
  static int on_log(const mg_connection* connection, const char* message);
  static int on_open(const mg_connection* connection, void** data);
  static void on_close(const mg_connection* connection);

  void set_users(const WebConfig& web) {
    auto users = web.requires_user()
                     ? std::make_shared<const BasicAuthenticator>(web.basic_auth_users)
                     : nullptr;
    const std::lock_guard lock(mutex_);
    users_ = std::move(users);
  }

  [[nodiscard]] Error start_error() const;
  [[nodiscard]] int serve(HttpExchange& exchange);
  [[nodiscard]] ServerResponse answer(HttpExchange& exchange);
  [[nodiscard]] ServerResponse handle(HttpExchange& exchange, const Route& route,
                                      ServerRequest& request);

  ServerOptions options_;
  std::vector<Route> routes_;
  int threads_;
  ConnectionWatch watch_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::shared_ptr<const BasicAuthenticator> users_;  // guarded; null: open to all
  std::string start_messages_;                       // guarded; what civetweb said until it ran
  bool running_ = false;                             // guarded
  mg_context* context_ = nullptr;
};

Status CivetwebServer::listen() {
  static const unsigned initialized = mg_init_library(MG_FEATURES_DEFAULT);
  (void)initialized;  // its answer is the features that were asked for: none
  const auto address = civetweb_address(options_.listen_address);
  if (!address) return fail(address.error());
  const auto threads = std::to_string(threads_ + kSpareThreads);
  // civetweb ends a header that comes slowly after one to two of its timeouts; the watch does the
  // rest, from the first request of a connection on.
  const auto timeout = std::to_string(std::max<long>(options_.request_timeout.count() / 2, 1));
  const auto idle = std::to_string(std::min(kIdle, options_.request_timeout).count());
  std::array settings{"listening_ports",
                      address->c_str(),
                      "num_threads",
                      threads.c_str(),
                      "request_timeout_ms",
                      timeout.c_str(),
                      "keep_alive_timeout_ms",
                      idle.c_str(),
                      "enable_keep_alive",
                      "yes",
                      "tcp_nodelay",
                      "1",
                      "max_request_size",
                      "16384",
                      "connection_queue",
                      "64",
                      "enable_auth_domain_check",
                      "no",
                      static_cast<const char*>(nullptr)};
  mg_callbacks callbacks{};
  callbacks.begin_request = &on_request;
  callbacks.log_message = &on_log;
  callbacks.init_connection = &on_open;
  callbacks.connection_close = &on_close;
  mg_init_data init{&callbacks, this, settings.data()};
  context_ = mg_start2(&init, nullptr);
  if (context_ == nullptr) return fail(start_error());
  mg_server_port listening{};
  if (mg_get_server_ports(context_, 1, &listening) == 1) port_ = listening.port;
  watch_.set_local_port(port_);
  const std::lock_guard lock(mutex_);
  running_ = true;
  return {};
}

// civetweb tells errno only inside its message: "cannot bind to 127.0.0.1:9987: 98 (…)".
Error CivetwebServer::start_error() const {
  const std::lock_guard lock(mutex_);
  const auto says = [this](int error) {
    return start_messages_.contains(fmt::format(": {} (", error));
  };
  const std::string& address = options_.listen_address;
  if (says(EADDRINUSE)) {
    return {Errc::Conflict, fmt::format("{} is in use; choose another address", address)};
  }
  if (says(EACCES)) {
    return {Errc::Denied, fmt::format("{}: not allowed to listen there", address)};
  }
  if (says(EADDRNOTAVAIL) || start_messages_.contains("invalid port spec")) {
    return {Errc::Invalid, fmt::format("{} is no address of this machine", address)};
  }
  return {Errc::Unavailable, fmt::format("cannot listen on {}: {}", address, start_messages_)};
}

int CivetwebServer::on_log(const mg_connection* connection, const char* message) {
  CivetwebServer& server = of(connection);
  const std::lock_guard lock(server.mutex_);
  if (server.running_) {
    log::debug(message);  // a peer that went away and the like
  } else {
    server.start_messages_.append(server.start_messages_.empty() ? "" : "; ").append(message);
  }
  return 1;
}

int CivetwebServer::on_open(const mg_connection* connection, void**) {
  of(connection).watch_.opened();
  return 0;
}

void CivetwebServer::on_close(const mg_connection* connection) {
  of(connection).watch_.closed(connection);
}

// civetweb is C: nothing may be thrown through it.
int CivetwebServer::on_request(mg_connection* connection) {
  try {
    HttpExchange exchange(*connection, of(connection).watch_);
    return of(connection).serve(exchange);
  } catch (const std::exception& error) {
    log::error(fmt::format("http server: {}", error.what()));
  }
  mg_disable_connection_keep_alive(connection);
  return 500;
}

int CivetwebServer::serve(HttpExchange& exchange) {
  const ServerResponse response = answer(exchange);
  exchange.respond(response);
  return std::max(response.status, 1);
}

ServerResponse CivetwebServer::answer(HttpExchange& exchange) {
  ServerRequest request = exchange.request();
  const RouteMatch match = match_route(routes_, request.method, request.path);
  const bool open = match.route != nullptr && match.route->access == Route::Access::Open;
  std::shared_ptr<const BasicAuthenticator> users;
  {
    const std::lock_guard lock(mutex_);
    users = users_;
  }
  std::optional<std::string> user;
  if (users && !open) {
    user = users->authenticate(exchange.header("Authorization"));
    if (!user) return unauthorized();
    request.user = *user;
  }
  if (match.route != nullptr) return handle(exchange, *match.route, request);
  if (match.allowed.empty()) return text_response(404, "not found\n");
  auto response = text_response(405, fmt::format("only {} is served here\n", match.allowed));
  response.headers.emplace_back("Allow", match.allowed);
  return response;
}

ServerResponse CivetwebServer::handle(HttpExchange& exchange, const Route& route,
                                      ServerRequest& request) {
  std::string body;
  try {
    switch (exchange.read_body(route.body_limit, body)) {
      case HttpExchange::Body::Complete: request.body = body; return route.handler(request);
      case HttpExchange::Body::Broken: return text_response(400, "the body did not arrive whole\n");
      case HttpExchange::Body::TooLarge: break;
    }
    if (route.too_large) return route.too_large(request, exchange.announced());
    return text_response(413, fmt::format("a body may have {} bytes\n", route.body_limit));
  } catch (const std::exception& error) {
    log::error(
        fmt::format("{} {}: the handler threw: {}", request.method, request.path, error.what()));
  } catch (...) {
    log::error(fmt::format("{} {}: the handler threw", request.method, request.path));
  }
  return text_response(500, "internal error\n");
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(ServerOptions options,
                                                      std::vector<Route> routes) {
  if (const Status possible = refuse_tls(options.web); !possible) return fail(possible.error());
  auto server = std::make_unique<CivetwebServer>(std::move(options), std::move(routes));
  if (const Status listening = server->listen(); !listening) return fail(listening.error());
  return server;
}

}  // namespace fieldmedic
