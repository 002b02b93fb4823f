// What a server bears: silent, slow, too many, too much.
#include <atomic>
#include <thread>

#include "common/http_client.hpp"
#include "common/http_server.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/integration/common/raw_connection.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

namespace {

std::vector<Route> hello(Handler handler = [](const ServerRequest&) {
  ServerResponse response;
  response.body = "hello\n";
  return response;
}) {
  Route route;
  route.method = "GET";
  route.path = "/hello";
  route.handler = std::move(handler);
  return {route};
}

std::unique_ptr<HttpServer> start(ServerOptions options, std::vector<Route> routes = hello()) {
  options.listen_address = "127.0.0.1:0";
  auto server = HttpServer::start(std::move(options), std::move(routes));
  REQUIRE(server);
  return std::move(*server);
}

bool serves(const HttpServer& server) {
  CurlHttpClient client;
  HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/hello";
  request.timeout = 30s;
  return client.send(request, {}).value_or(HttpResponse{}).body == "hello\n";
}

std::string answer(const HttpServer& server, std::string_view request) {
  RawConnection raw(server.port());
  raw.send(request);
  return raw.read_to_end();
}

std::string with_headers(int count) {
  std::string request = "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
  for (int i = 2; i < count; ++i) request += "X-" + std::to_string(i) + ": v\r\n";
  return request + "\r\n";
}

std::vector<std::unique_ptr<RawConnection>> connect(const HttpServer& server, int count) {
  std::vector<std::unique_ptr<RawConnection>> connections;
  for (int i = 0; i < count; ++i) {
    connections.push_back(std::make_unique<RawConnection>(server.port()));
  }
  return connections;
}

}  // namespace

TEST_CASE("http server limits: 200 silent connections keep nobody out") {
  const auto server = start({.listen_address = {}, .web = {}, .threads = 2});
  const auto silent = connect(*server, 200);
  CHECK(serves(*server));
}

TEST_CASE("http server limits: silent connections beyond the bound make room for those that ask") {
  const auto server = start({.listen_address = {}, .web = {}, .connections = 5});
  const auto silent = connect(*server, 40);
  for (int i = 0; i < 5; ++i) CHECK(serves(*server));
  // Those that came first were ended long before their time.
  CHECK(eventually([&] { return !silent.front()->receive(5ms); }));
}

TEST_CASE("http server limits: kept connections beyond the bound were served") {
  const auto server = start({.listen_address = {}, .web = {}, .connections = 3});
  const auto connections = connect(*server, 20);
  for (const auto& connection : connections) {
    // It may have been ended before it could ask: then another in its place is served.
    connection->send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    if (!connection->read_until("hello\n")) CHECK(serves(*server));
  }
}

TEST_CASE("http server limits: a connection that says nothing is closed") {
  const auto server = start({.listen_address = {}, .web = {}, .request_timeout = 200ms});
  RawConnection raw(server->port());
  CHECK(eventually([&] { return !raw.receive(5ms); }));
}

TEST_CASE("http server limits: too many or too large headers are 431") {
  const auto server = start({});
  CHECK(answer(*server, with_headers(100)).starts_with("HTTP/1.1 200 "));
  CHECK(answer(*server, with_headers(101)).starts_with("HTTP/1.1 431 "));
  CHECK(answer(*server, with_headers(3'000)).starts_with("HTTP/1.1 431 "));
  const auto large =
      "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n";
  CHECK(answer(*server, large).starts_with("HTTP/1.1 431 "));
}

TEST_CASE("http server limits: what smuggles or is no HTTP/1.1 is refused") {
  const auto server = start({});
  CHECK(answer(*server, "GET /hello HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(answer(*server, "GET hello HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(answer(*server,
               "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
               "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            .starts_with("HTTP/1.1 400 "));
  CHECK(answer(*server, "POST /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nx")
            .starts_with("HTTP/1.1 501 "));
  CHECK(answer(*server, "GET http://proxied/hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .ends_with("hello\n"));
}

TEST_CASE("http server limits: who waits too long for a turn is told so") {
  std::atomic<bool> entered = false;
  std::atomic<bool> leave = false;
  const auto server = start({.listen_address = {}, .web = {}, .threads = 1, .request_timeout = 2s},
                            hello([&](const ServerRequest&) {
                              entered = true;
                              (void)eventually([&] { return leave.load(); });
                              return ServerResponse{};
                            }));
  std::jthread busy([&] { (void)serves(*server); });
  CHECK(eventually([&] { return entered.load(); }));
  CHECK(answer(*server, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 503 "));
  leave = true;
}

TEST_CASE("http server limits: a GET with a body is refused before the body is waited for") {
  // A handler's turn is not held for a peer that sends its body slowly or never: one is enough
  // here.
  const auto server =
      start({.listen_address = {}, .web = {}, .threads = 1, .request_timeout = 60s});
  for (const std::string_view body :
       {"Content-Length: 60000\r\n\r\na", "Transfer-Encoding: chunked\r\n\r\n5\r\n"}) {
    RawConnection slow(server->port());
    slow.send("GET /hello HTTP/1.1\r\nHost: a\r\n" + std::string(body));
    CHECK(slow.read_until("HTTP/1.1 413 "));
    CHECK(serves(*server));
  }
  CHECK(answer(*server,
               "GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .ends_with("hello\n"));
}

TEST_CASE("http server limits: a server ends at once while peers are silent, idle or slow") {
  auto server = start({.listen_address = {}, .web = {}, .request_timeout = 60s});
  const auto silent = connect(*server, 10);
  RawConnection idle(server->port());
  idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(idle.read_until("hello\n"));
  RawConnection slow(server->port());
  slow.send("GET /hello HTTP/1.1\r\nHo");
  std::atomic<bool> ended = false;
  std::jthread ender([&] {
    server.reset();
    ended = true;
  });
  CHECK(eventually([&] { return ended.load(); }));
}
