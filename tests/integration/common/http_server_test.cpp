#include "common/http_server.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/test_server.hpp"
#include "tests/integration/common/raw_connection.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

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
    request.timeout = 60s;
    CurlHttpClient client;
    const auto response = client.send(request, {});
    REQUIRE(response);
    CHECK(response->body == "hello\n");
  }
}
