#include "common/http_server.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>

#include "common/http_client.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/integration/common/raw_connection.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

namespace {

Route route(std::string method, std::string path, Handler handler) {
  Route made;
  made.method = std::move(method);
  made.path = std::move(path);
  made.handler = std::move(handler);
  return made;
}

ServerResponse text(std::string body) {
  ServerResponse response;
  response.body = std::move(body);
  return response;
}

std::vector<Route> test_routes() {
  auto routes = std::vector{
      route("GET", "/hello", [](const ServerRequest&) { return text("hello\n"); }),
      route("GET", "/throw",
            [](const ServerRequest&) -> ServerResponse { throw std::runtime_error("secret"); }),
      route("GET", "/big", [](const ServerRequest&) { return text(std::string(8 << 20, 'b')); }),
      route("GET", "/who/",
            [](const ServerRequest& request) {
              auto response =
                  text(std::string(request.method) + " " + std::string(request.path) + " " +
                       std::string(request.query) + " " + std::string(request.user) + " " +
                       std::string(request.header("x-tEst")));
              response.status = 201;
              response.content_type = "application/x-test";
              response.headers.emplace_back("X-Answer", "42");
              return response;
            }),
      route("POST", "/echo",
            [](const ServerRequest& request) { return text(std::string(request.body)); })};
  routes.back().body_limit = 100'000;
  routes.push_back(route("POST", "/small", [](const ServerRequest&) { return text("taken"); }));
  routes.back().body_limit = 10;
  routes.back().too_large = [](const ServerRequest&, std::size_t announced) {
    auto response = text("announced " + std::to_string(announced));
    response.status = 413;
    return response;
  };
  return routes;
}

std::unique_ptr<HttpServer> start(ServerOptions options = {}, std::vector<Route> routes = {}) {
  if (options.listen_address.empty()) options.listen_address = "127.0.0.1:0";
  auto server =
      HttpServer::start(std::move(options), routes.empty() ? test_routes() : std::move(routes));
  REQUIRE(server);
  REQUIRE((*server)->port() > 0);
  return std::move(*server);
}

HttpResponse ask(const HttpServer& server, std::string path, HttpRequest request = {}) {
  CurlHttpClient client;
  request.url = "http://127.0.0.1:" + std::to_string(server.port()) + path;
  request.timeout = 30s;
  const auto response = client.send(request, {});
  INFO((response ? "" : response.error().message));
  REQUIRE(response);
  return *response;
}

HttpRequest post(std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.body = std::move(body);
  return request;
}

std::string header_of(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

bool still_serves(const HttpServer& server) {
  return ask(server, "/hello").body == "hello\n";
}

}  // namespace

TEST_CASE("http server: a request reaches its handler and the answer comes back") {
  const auto server = start();
  HttpRequest request;
  request.headers.emplace_back("X-Test", "value");
  const auto response = ask(*server, "/who/a%20b?x=%31", request);
  CHECK(response.status == 201);
  CHECK(response.body == "GET /who/a b x=%31  value");
  CHECK(header_of(response, "content-type") == "application/x-test");
  CHECK(header_of(response, "x-answer") == "42");
}

TEST_CASE("http server: unknown paths are 404 and other methods 405") {
  const auto server = start();
  CHECK(ask(*server, "/nothing").status == 404);
  CHECK(ask(*server, "/../etc/passwd").status == 404);
  const auto response = ask(*server, "/hello", post("x"));
  CHECK(response.status == 405);
  CHECK(header_of(response, "allow") == "GET, HEAD");
}

TEST_CASE("http server: HEAD is GET without the body") {
  const auto server = start();
  HttpRequest request;
  request.method = "HEAD";
  const auto response = ask(*server, "/hello", request);
  CHECK(response.status == 200);
  CHECK(response.body.empty());
  CHECK(header_of(response, "content-length") == "6");
}

TEST_CASE("http server: bodies with a length and in chunks arrive whole") {
  const auto server = start();
  const std::string body(90'000, 'x');
  CHECK(ask(*server, "/echo", post(body)).body == body);
  RawConnection raw(server->port());
  raw.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
      "5\r\nhello\r\n");
  raw.send("7\r\n, world\r\n0\r\n\r\n");
  CHECK(raw.read_to_end().ends_with("\r\n\r\nhello, world"));
}

TEST_CASE("http server: a client that waits for 100 is told to go on") {
  const auto server = start();
  RawConnection raw(server->port());
  raw.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  REQUIRE(raw.read_until("HTTP/1.1 100 Continue\r\n\r\n"));
  raw.send("ok");
  CHECK(raw.read_until("\r\n\r\nok"));
}

TEST_CASE("http server: a body over the limit is not read and the callback knows its length") {
  const auto server = start();
  const auto response = ask(*server, "/small", post(std::string(11, 'x')));
  CHECK(response.status == 413);
  CHECK(response.body == "announced 11");
  CHECK(ask(*server, "/small", post(std::string(10, 'x'))).body == "taken");
  CHECK(ask(*server, "/echo", post(std::string(100'001, 'x'))).status == 413);
  CHECK(ask(*server, "/small", post(std::string(20 << 20, 'x'))).status == 413);
  RawConnection raw(server->port());
  raw.send(
      "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "B\r\nhello world\r\n0\r\n\r\n");
  const auto answer = raw.read_to_end();
  CHECK(answer.starts_with("HTTP/1.1 413 "));
  CHECK(answer.ends_with("announced 0"));
}

TEST_CASE("http server: a handler that throws costs one answer and tells nothing") {
  const auto server = start();
  const auto response = ask(*server, "/throw");
  CHECK(response.status == 500);
  CHECK_FALSE(response.body.contains("secret"));
  CHECK(still_serves(*server));
}

TEST_CASE("http server: a large answer arrives whole") {
  const auto server = start();
  HttpRequest request;
  request.body_limit = 16 << 20;
  CHECK(ask(*server, "/big", request).body.size() == 8 << 20);
}

TEST_CASE("http server: a busy port is a conflict that names the address") {
  const auto server = start();
  ServerOptions options;
  options.listen_address = "127.0.0.1:" + std::to_string(server->port());
  const auto second = HttpServer::start(options, test_routes());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::Conflict);
  CHECK(second.error().message == options.listen_address + " is in use; choose another address");
}

TEST_CASE("http server: bad addresses are refused") {
  for (const char* address :
       {"", "9987", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:80s", "127.0.0.1:-1",
        "127.0.0.1:1,127.0.0.1:2", "a b:1", "300.0.0.1:0", "192.0.2.1:0", "[::1:0"}) {
    INFO(address);
    ServerOptions options;
    options.listen_address = address;
    const auto server = HttpServer::start(options, test_routes());
    REQUIRE_FALSE(server);
    CHECK(server.error().code == Errc::Invalid);
  }
}

TEST_CASE("http server: all addresses and host names can be listened on") {
  ServerOptions options;
  options.listen_address = ":0";
  CHECK(still_serves(*start(options)));
  options.listen_address = "localhost:0";
  CHECK(still_serves(*start(options)));
}

TEST_CASE("http server: IPv6 is served, alone and beside IPv4") {
  ServerOptions options;
  options.listen_address = "[::1]:0";
  const auto own = HttpServer::start(options, test_routes());
  if (!own) {
    WARN("SKIP: this machine has no IPv6 (" + own.error().message + ")");
    return;
  }
  options.listen_address = ":0";
  const auto both = start(options);
  for (const HttpServer* server : {own->get(), both.get()}) {
    HttpRequest request;
    request.url = "http://[::1]:" + std::to_string(server->port()) + "/hello";
    request.timeout = 30s;
    CurlHttpClient client;
    const auto response = client.send(request, {});
    REQUIRE(response);
    CHECK(response->body == "hello\n");
  }
}

TEST_CASE("http server: many requests share one connection") {
  const auto server = start();
  RawConnection raw(server->port());
  for (int i = 0; i < 1'000; ++i) {
    raw.received.clear();
    REQUIRE(raw.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
    REQUIRE(raw.read_until("hello\n"));
    REQUIRE(raw.received.contains("\r\nConnection: keep-alive\r\n"));
  }
}

TEST_CASE("http server: a client that asks to close or speaks 1.0 is closed") {
  const auto server = start();
  for (const char* request : {"GET /hello HTTP/1.0\r\n\r\n",
                              "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"}) {
    RawConnection raw(server->port());
    raw.send(request);
    CHECK(raw.read_to_end().contains("\r\nConnection: close\r\n"));
  }
}

TEST_CASE("http server: pipelined requests are answered in order") {
  const auto server = start();
  RawConnection raw(server->port());
  raw.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none"
      "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto answer = raw.read_to_end();
  CHECK(answer.contains("\r\n\r\noneHTTP/1.1 200 OK"));
  CHECK(answer.ends_with("hello\n"));
}

TEST_CASE("http server: busy connections do not keep others out") {
  ServerOptions options;
  options.threads = 2;
  const auto server = start(options);
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::vector<std::jthread> busy;
  for (int i = 0; i < 4; ++i) {
    busy.emplace_back([&] {
      CurlHttpClient client;
      HttpRequest request;
      request.url = "http://127.0.0.1:" + std::to_string(server->port()) + "/hello";
      request.timeout = 60s;
      while (!done) {
        const auto response = client.send(request, {});
        if (!response || response->status != 200) ++failures;
      }
    });
  }
  for (int i = 0; i < 5; ++i) CHECK(still_serves(*server));
  done = true;
  busy.clear();
  CHECK(failures == 0);
}

TEST_CASE("http server: eight connections post at once and every body comes back") {
  const auto server = start();
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        CurlHttpClient client;
        for (int j = 0; j < 100; ++j) {
          auto request = post(std::string(static_cast<std::size_t>(1 + i * 1'000 + j), 'p'));
          request.url = "http://127.0.0.1:" + std::to_string(server->port()) + "/echo";
          request.timeout = 60s;
          const auto response = client.send(request, {});
          if (response && response->body == request.body) ++right;
        }
      });
    }
  }
  CHECK(right == 800);
}

TEST_CASE("http server: garbage is refused and harms nobody") {
  const auto server = start();
  const std::string attempts[] = {
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(200, '\0'),
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "get lost\r\n\r\n",
      "POST /echo HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
      "POST /echo HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nx",
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
      "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n",
      "GET /hello HTTP/1.1\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n"};
  for (const auto& attempt : attempts) {
    INFO(attempt.substr(0, 60));
    RawConnection raw(server->port());
    raw.send(attempt);
    const auto answer = raw.read_to_end();
    INFO(answer.substr(0, 60));
    CHECK((answer.empty() || answer.substr(0, 40).contains(" 4") ||
           answer.substr(0, 40).contains(" 5")));
  }
  CHECK(still_serves(*server));
}

TEST_CASE("http server: a peer that sends one byte now and then loses its connection") {
  ServerOptions options;
  options.threads = 1;
  options.request_timeout = 2s;
  const auto server = start(options);
  const auto drip = [&](std::string_view start_of_request) {
    RawConnection raw(server->port());
    raw.send(start_of_request);
    return eventually([&] { return !raw.send("a") || !raw.receive(20ms); });
  };
  CHECK(drip("GET /hello HTTP/1.1\r\nX: "));
  CHECK(still_serves(*server));
  CHECK(drip("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n"));
  CHECK(still_serves(*server));
  // On a connection that was served well before.
  CHECK(drip("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nX: "));
  CHECK(still_serves(*server));
}

TEST_CASE("http server: a peer that does not read its answer loses its connection") {
  ServerOptions options;
  options.threads = 1;
  options.request_timeout = 2s;
  const auto server = start(options);
  RawConnection raw(server->port());
  raw.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(raw.read_until("HTTP/1.1 200 OK"));
  CHECK(eventually([&] { return !raw.send("a"); }));
}

TEST_CASE("http server: a server that ends waits for the handler that runs") {
  std::atomic<bool> entered = false;
  std::atomic<bool> leave = false;
  std::atomic<bool> left = false;
  auto server = start({}, {route("GET", "/slow", [&](const ServerRequest&) {
                        entered = true;
                        (void)eventually([&] { return leave.load(); });
                        left = true;
                        return text("late");
                      })});
  RawConnection raw(server->port());
  raw.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(eventually([&] { return entered.load(); }));
  std::jthread ender([&] { server.reset(); });
  leave = true;
  ender.join();
  CHECK(left);
}
