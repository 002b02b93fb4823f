// Connections of the server: kept, shared, slow, broken.
#include <atomic>
#include <thread>

#include "common/http_server.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/test_server.hpp"
#include "tests/integration/common/raw_connection.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

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
