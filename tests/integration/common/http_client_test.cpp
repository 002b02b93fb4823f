#include "common/http_client.hpp"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstring>
#include <thread>

#include <sched.h>
#include <stdlib.h>

#include "common/http_server.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/loopback_listener.hpp"
#include "tests/fakes/scripted_server.hpp"
#include "tests/fakes/temp_tree.hpp"
#include "tests/integration/common/raw_connection.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Result<HttpResponse> send(HttpRequest request, std::stop_token stop = {}) {
  CurlHttpClient client;
  return client.send(request, stop);
}

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.timeout = 60s;
  return request;
}

HttpRequest post(std::string url, std::string body) {
  auto request = get(std::move(url));
  request.method = "POST";
  request.body = std::move(body);
  return request;
}

}  // namespace

TEST_CASE("http client: status and body and headers come back") {
  ScriptedServer server(
      {"HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n"
       "HTTP/1.1 503 Busy\r\nX-TEST:  a b \r\nContent-Length: 5\r\n\r\nlater"});
  const auto response = send(get(server.url("/p?q=1")));
  REQUIRE(response);
  CHECK(response->status == 503);
  CHECK(response->body == "later");
  using Header = std::pair<std::string, std::string>;
  CHECK(response->headers == std::vector<Header>{{"x-test", "a b"}, {"content-length", "5"}});
  CHECK(server.received().starts_with("GET /p?q=1 HTTP/1.1\r\n"));
}

TEST_CASE("http client: method and headers and body and credentials are sent") {
  ScriptedServer server({kOk});
  auto request = post(server.url(), "{\"a\":1}");
  request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
  request.basic_auth = {"medic", Secret("open sesame")};
  REQUIRE(send(request));
  request.method = "PUT";
  request.basic_auth.reset();
  request.bearer_token = Secret("token");
  REQUIRE(send(request));
  const auto received = server.received();
  CHECK(received.starts_with("POST / HTTP/1.1\r\n"));
  CHECK(received.contains("\r\nContent-Type: application/json\r\n"));
  CHECK(received.contains("\r\nX-Empty:\r\n"));
  CHECK(received.contains("\r\nContent-Length: 7\r\n"));
  CHECK(received.contains("\r\nAuthorization: Basic bWVkaWM6b3BlbiBzZXNhbWU=\r\n"));
  CHECK(received.contains("PUT / HTTP/1.1\r\n"));
  CHECK(received.contains("\r\nAuthorization: Bearer token\r\n"));
  CHECK_FALSE(received.contains("Expect"));
}

TEST_CASE("http client: credentials do not stay for the next request") {
  ScriptedServer server({"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"});
  CurlHttpClient client;
  auto request = get(server.url("/first"));
  request.basic_auth = {"medic", Secret("pw")};
  REQUIRE(client.send(request, {}));
  REQUIRE(client.send(get(server.url("/second")), {}));
  const auto received = server.received();
  CHECK(received.find("Authorization") < received.find("/second"));
  CHECK(received.find("Authorization") == received.rfind("Authorization"));
}

TEST_CASE("http client: a redirect is an answer and is not followed") {
  ScriptedServer server({"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"});
  const auto response = send(get(server.url()));
  REQUIRE(response);
  CHECK(response->status == 302);
  CHECK(server.connections == 1);
}

TEST_CASE("http client: an answer over the limit is refused") {
  ScriptedServer server({"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"});
  auto request = get(server.url());
  request.body_limit = 11;
  CHECK(send(request)->body == "hello world");
  request.body_limit = 10;
  CHECK(send(request).error().code == Errc::TooLarge);
  ScriptedServer headers({"HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n"});
  CHECK(send(get(headers.url())).error().code == Errc::TooLarge);
}

TEST_CASE("http client: nobody there is unavailable") {
  const LoopbackListener nobody;  // bound, so that it stays ours, and not listening
  const auto result = send(get("http://" + nobody.address() + "/"));
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::Unavailable);
  CHECK(send(get("https://" + nobody.address() + "/")).error().code == Errc::Unavailable);
}

TEST_CASE("http client: TLS that fails says nothing about the service") {
  ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  const auto server = HttpServer::start(options, {});
  REQUIRE(server);
  auto request = get("https://127.0.0.1:" + std::to_string((*server)->port()) + "/");
  const auto result = send(request);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::Io);
  request.tls.ca_file = "/nonexistent/ca.pem";
  CHECK(send(request).error().code == Errc::Io);
}

TEST_CASE("http client: no route is our own trouble") {
  // connect(2) to a broadcast address answers ENETUNREACH at once.
  const auto result = send(get("http://255.255.255.255:9/"));
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::Io);
}

TEST_CASE("http client: no descriptor left is our own trouble") {
  ScriptedServer server({kOk});
  CurlHttpClient client;
  REQUIRE(client.send(get(server.url()), {}));
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{0, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const auto result = client.send(post(server.url(), "x"), {});  // over a new connection
  setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::Io);
}

// In a child whose only name server takes questions and never answers.
TEST_CASE("http client: a name server that is silent says nothing about the service") {
  if (geteuid() != 0) {
    puts("SKIP: needs root for a network of its own");
    return;
  }
  const TempTree tree{{{"resolv.conf", "nameserver 127.0.0.1\noptions timeout:30\n"},
                       {"nsswitch.conf", "hosts: dns\n"}}};
  const pid_t child = fork();
  if (child == 0) {
    const auto put = [&](const char* name, const char* place) {
      return mount((tree.root / name).c_str(), place, nullptr, MS_BIND, nullptr) == 0;
    };
    if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        !put("resolv.conf", "/etc/resolv.conf") || !put("nsswitch.conf", "/etc/nsswitch.conf"))
      _exit(77);
    const int dns = socket(AF_INET, SOCK_DGRAM, 0);
    ifreq loopback{};
    std::memcpy(loopback.ifr_name, "lo", 3);
    loopback.ifr_flags = IFF_UP | IFF_RUNNING;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(53);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (ioctl(dns, SIOCSIFFLAGS, &loopback) != 0 ||
        bind(dns, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      _exit(77);
    auto request = get("http://orders.example/");
    request.timeout = 200ms;
    const auto result = send(request);
    _exit(!result && result.error().code == Errc::Io &&
                  result.error().message.contains("was not resolved")
              ? 0
              : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
    puts("SKIP: a network of its own cannot be had here");
    return;
  }
  CHECK(status == 0);
}

TEST_CASE("http client: no answer in time and a cut answer leave the outcome unknown") {
  ScriptedServer silent({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"});
  auto request = get(silent.url());
  request.timeout = 2s;
  CHECK(send(request).error().code == Errc::Timeout);
  ScriptedServer rude({""});
  CHECK(send(post(rude.url(), "x")).error().code == Errc::Timeout);
}

TEST_CASE("http client: an answer that is no HTTP is malformed") {
  ScriptedServer server({"220 mail ready\r\n\r\n"});
  const auto result = send(get(server.url()));
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::Malformed);
}

TEST_CASE("http client: a stop request ends the exchange") {
  ScriptedServer server({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"});
  std::stop_source source;
  std::jthread stopper([&] {
    (void)eventually([&] { return server.received().contains("\r\n\r\n"); });
    source.request_stop();
  });
  auto request = get(server.url());
  request.timeout = 600s;
  const auto result = send(request, source.get_token());
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::Cancelled);
}

TEST_CASE("http client: errors show neither query nor user nor password") {
  ScriptedServer server({""});
  auto request =
      get("http://user:hunter2@127.0.0.1:" + std::to_string(server.port) + "/path?key=abc123");
  const auto result = send(request);
  REQUIRE_FALSE(result);
  CHECK(result.error().message.starts_with("http://127.0.0.1:" + std::to_string(server.port) +
                                           "/path: "));
  CHECK_FALSE(result.error().message.contains("abc123"));
  CHECK_FALSE(result.error().message.contains("hunter2"));
}

TEST_CASE("http client: other protocols and broken lines are refused before anything is sent") {
  CHECK(send(get("file:///etc/passwd")).error().code == Errc::Invalid);
  CHECK(send(get("ftp://127.0.0.1/x")).error().code == Errc::Invalid);
  CHECK(send(get("not a url")).error().code == Errc::Invalid);
  CHECK(send(get("")).error().code == Errc::Invalid);
  ScriptedServer server({kOk});
  auto request = get(server.url());
  request.headers = {{"X-A", "b\r\nX-Forged: 1"}};
  CHECK(send(request).error().code == Errc::Invalid);
  request.headers = {{"X-A: b\r\nX-Forged", "1"}};
  CHECK(send(request).error().code == Errc::Invalid);
  request.headers.clear();
  request.method = "GET / HTTP/1.1\r\nX-Forged: 1\r\n\r\n";
  CHECK(send(request).error().code == Errc::Invalid);
  CHECK(server.received().empty());
}

TEST_CASE("http client: a proxy from the environment is not used") {
  ScriptedServer server({kOk});
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto response = send(get(server.url()));
  unsetenv("http_proxy");
  CHECK(response);
}

TEST_CASE("http client: a POST is sent once even when a kept connection breaks") {
  ScriptedServer server({kOk, ""});
  CurlHttpClient client;
  REQUIRE(client.send(get(server.url()), {}));  // leaves a connection behind
  CHECK(client.send(post(server.url("/effect"), "x"), {}).error().code == Errc::Timeout);
  const auto received = server.received();
  CHECK(received.find("POST /effect") != std::string::npos);
  CHECK(received.find("POST /effect") == received.rfind("POST /effect"));
  CHECK(server.connections == 2);
}
