// Basic authentication from the wire to the handler.
#include <algorithm>
#include <atomic>
#include <thread>

#include "common/http_client.hpp"
#include "common/http_server.hpp"
#include "tests/catch.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

namespace {

// bcrypt of "open sesame" and "another", cost 4.
constexpr const char* kSesame = "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";
constexpr const char* kAnother = "$2y$04$abcdefghijklmnopqrstuuW839tY81OgYwy4gFNdslinRlf6MvQ8m";

std::unique_ptr<HttpServer> start() {
  Route guarded;
  guarded.method = "GET";
  guarded.path = "/who";
  guarded.handler = [](const ServerRequest& request) {
    ServerResponse response;
    response.body = request.user;
    return response;
  };
  Route open = guarded;
  open.path = "/-/healthy";
  open.access = Route::Access::Open;
  ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  options.web.basic_auth_users = {{"medic", kSesame}};
  auto server = HttpServer::start(options, {guarded, open});
  REQUIRE(server);
  return std::move(*server);
}

// Status 0: no answer. Asserts nothing, for use in threads.
HttpResponse ask(const HttpServer& server, std::string path, HttpRequest request = {}) {
  CurlHttpClient client;
  request.url = "http://127.0.0.1:" + std::to_string(server.port()) + path;
  request.timeout = 30s;
  return client.send(request, {}).value_or(HttpResponse{});
}

int status(const HttpServer& server, std::string name, std::string password) {
  HttpRequest request;
  request.basic_auth = {std::move(name), Secret(std::move(password))};
  return ask(server, "/who", request).status;
}

int status(const HttpServer& server, std::string authorization) {
  HttpRequest request;
  request.headers.emplace_back("Authorization", std::move(authorization));
  return ask(server, "/who", request).status;
}

}  // namespace

TEST_CASE("http server auth: without credentials a request is refused with a challenge") {
  const auto server = start();
  const auto response = ask(*server, "/who");
  CHECK(response.status == 401);
  const auto challenge =
      std::pair<std::string, std::string>("www-authenticate", "Basic realm=\"fieldmedic\"");
  CHECK(std::ranges::count(response.headers, challenge) == 1);
}

TEST_CASE("http server auth: what exists is not told to strangers") {
  const auto server = start();
  CHECK(ask(*server, "/nothing").status == 401);
  HttpRequest request;
  request.method = "POST";
  request.body = "x";
  CHECK(ask(*server, "/who", request).status == 401);
}

TEST_CASE("http server auth: open routes need no credentials") {
  const auto server = start();
  CHECK(ask(*server, "/-/healthy").status == 200);
}

TEST_CASE("http server auth: only the right pair enters and stays remembered") {
  const auto server = start();
  for (int i = 0; i < 3; ++i) {
    HttpRequest request;
    request.basic_auth = {"medic", Secret("open sesame")};
    CHECK(ask(*server, "/who", request).body == "medic");
    CHECK(status(*server, "medic", "open sesam") == 401);
    CHECK(status(*server, "medic", "") == 401);
    CHECK(status(*server, "nobody", "open sesame") == 401);
    CHECK(status(*server, "", "open sesame") == 401);
  }
}

TEST_CASE("http server auth: broken headers are refused") {
  const auto server = start();
  CHECK(status(*server, "Basic") == 401);
  CHECK(status(*server, "Basic !!!!") == 401);
  CHECK(status(*server, "Basic bWVkaWM=") == 401);  // no colon
  CHECK(status(*server, "Bearer open sesame") == 401);
  CHECK(status(*server, "Basic " + std::string(5'000, 'A')) == 401);
  CHECK(status(*server, "Basic bWVkaWM6b3BlbiBzZXNhbWU=") == 200);
  CHECK(status(*server, "bAsIc bWVkaWM6b3BlbiBzZXNhbWU=") == 200);
  CHECK(status(*server, "Basic bWVkaWM6b3BlbiBzZXNhbWUAeA==") == 401);  // NUL and more behind it
}

TEST_CASE("http server auth: reload swaps the users and forgets the old ones") {
  const auto server = start();
  CHECK(status(*server, "medic", "open sesame") == 200);
  WebConfig web;
  web.basic_auth_users = {{"medic", kAnother}};
  REQUIRE(server->reload(web));
  CHECK(status(*server, "medic", "open sesame") == 401);
  CHECK(status(*server, "medic", "another") == 200);
}

TEST_CASE("http server auth: a reload does not open the server by accident") {
  const auto server = start();
  const Status lost = server->reload({});
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == Errc::Conflict);
  CHECK(lost.error().message.contains("has lost its users"));
  CHECK(ask(*server, "/who").status == 401);
  CHECK(status(*server, "medic", "open sesame") == 200);
  WebConfig asked;
  asked.open_mode = WebConfig::OpenMode::AskedByName;
  REQUIRE(server->reload(asked));
  CHECK(ask(*server, "/who").status == 200);
}

TEST_CASE("http server auth: many threads verify at once") {
  const auto server = start();
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int j = 0; j < 20; ++j) {
          const bool good = (i + j) % 2 == 0;
          if (status(*server, "medic", good ? "open sesame" : "guess") == (good ? 200 : 401))
            ++right;
        }
      });
    }
  }
  CHECK(right == 80);
}
