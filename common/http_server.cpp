#include "common/http_server.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "common/basic_auth.hpp"
#include "common/connection_loop.hpp"
#include "common/handler_turns.hpp"
#include "common/http_exchange.hpp"
#include "common/http_routes.hpp"
#include "common/log.hpp"
#include "common/peer_stream.hpp"
#include "common/tls_renewal.hpp"

namespace fieldmedic {
namespace {

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

ServerResponse refused(int status) {
  switch (status) {
    case 431: return text_response(status, "the request's headers are too many or too large\n");
    case 501: return text_response(status, "no transfer coding but chunked is served here\n");
    default: return text_response(status, "this is no HTTP/1.1 request\n");
  }
}

// What a reload swaps, as one.
struct Access {
  std::shared_ptr<const BasicAuthenticator> users;  // null: open to all
  std::shared_ptr<TlsRenewal> tls;                  // null: plain
  WebConfig web;
};

std::shared_ptr<const Access> access_of(WebConfig web) {
  auto access = std::make_shared<Access>();
  if (web.requires_user()) {
    access->users = std::make_shared<const BasicAuthenticator>(web.basic_auth_users);
  }
  if (web.tls) access->tls = std::make_shared<TlsRenewal>(web.tls);
  access->web = std::move(web);
  return access;
}

class ThreadedServer final : public HttpServer {
 public:
  ThreadedServer(ServerOptions options, std::vector<Route> routes, ListenSocket listening)
      : options_(std::move(options)),
        routes_(std::move(routes)),
        turns_(std::max(options_.threads, 1)),
        access_(access_of(std::move(options_.web))),
        loop_(std::move(listening),
              {.limit = options_.connections, .patience = options_.request_timeout},
              [this](WatchedSocket& socket) { serve(socket); }) {}

  [[nodiscard]] int port() const override { return loop_.port(); }

  Status reload(WebConfig web) override {
    if (const Status kept = keeps_protection(access()->web, web); !kept) return kept;
    auto next = access_of(std::move(web));
    const std::lock_guard lock(mutex_);
    access_.swap(next);
    return {};
  }

 private:
  [[nodiscard]] std::shared_ptr<const Access> access() const {
    const std::lock_guard lock(mutex_);
    return access_;
  }

  void serve(WatchedSocket& socket);
  [[nodiscard]] ServerResponse answer(HttpExchange& exchange, const Access& access);
  [[nodiscard]] ServerResponse handle(HttpExchange& exchange, const Route& route,
                                      ServerRequest& request);

  ServerOptions options_;
  const std::vector<Route> routes_;
  HandlerTurns turns_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Access> access_;  // guarded; never null
  ConnectionLoop loop_;                   // last: its threads use all of the above
};

void ThreadedServer::serve(WatchedSocket& socket) {
  const auto tls = access()->tls;
  PeerStream stream(socket, tls ? tls->current() : nullptr);
  if (!stream.handshake()) return;
  HttpConnection connection{.socket = socket,
                            .stream = stream,
                            .patience = options_.request_timeout,
                            .idle = std::min(kIdle, options_.request_timeout),
                            .ahead = {}};
  while (true) {
    HttpExchange exchange(connection);
    const auto head = exchange.read_head();
    if (head == HttpExchange::Head::Gone) return;
    const auto access = this->access();
    const auto response =
        head == HttpExchange::Head::Ready ? answer(exchange, *access) : refused(exchange.refusal());
    if (exchange.respond(response, access->web.headers) == HttpExchange::Then::Close) return;
  }
}

ServerResponse ThreadedServer::answer(HttpExchange& exchange, const Access& access) {
  ServerRequest request = exchange.request();
  const RouteMatch match = match_route(routes_, request.method, request.path);
  const bool open = match.route != nullptr && match.route->access == Route::Access::Open;
  std::optional<std::string> user;
  if (access.users && !open) {
    user = access.users->authenticate(exchange.header("Authorization"));
    if (!user) return unauthorized();
    request.user = *user;
  }
  if (match.route != nullptr) return handle(exchange, *match.route, request);
  if (match.allowed.empty()) return text_response(404, "not found\n");
  auto response = text_response(405, fmt::format("only {} is served here\n", match.allowed));
  response.headers.emplace_back("Allow", match.allowed);
  return response;
}

// The turn is taken before the body is read: it bounds the memory that bodies take. No GET has a
// use for one; waiting for it would give every turn away to strangers, since health probes are
// open.
ServerResponse ThreadedServer::handle(HttpExchange& exchange, const Route& route,
                                      ServerRequest& request) {
  const HandlerTurns::Turn turn = turns_.take(options_.request_timeout);
  if (!turn) return text_response(503, "too many requests are being handled\n");
  try {
    const std::size_t limit = route.method == "GET" ? 0 : route.body_limit;
    switch (exchange.read_body(limit)) {
      case HttpExchange::Body::Complete:
        request.body = exchange.body();
        return route.handler(request);
      case HttpExchange::Body::Broken: return text_response(400, "the body did not arrive whole\n");
      case HttpExchange::Body::TooLarge: break;
    }
    if (route.too_large) return route.too_large(request, exchange.announced());
    return text_response(413, fmt::format("a body may have {} bytes\n", limit));
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
  auto listening = listen_on(options.listen_address);
  if (!listening) return fail(std::move(listening.error()));
  return std::make_unique<ThreadedServer>(std::move(options), std::move(routes),
                                          std::move(*listening));
}

}  // namespace fieldmedic
