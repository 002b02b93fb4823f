// A server of ours on loopback with a few routes to try, and how it is asked.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http_client.hpp"
#include "common/http_server.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {

inline Route route(std::string method, std::string path, Handler handler) {
  Route made;
  made.method = std::move(method);
  made.path = std::move(path);
  made.handler = std::move(handler);
  return made;
}

inline ServerResponse text(std::string body) {
  ServerResponse response;
  response.body = std::move(body);
  return response;
}

inline std::vector<Route> test_routes() {
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

inline std::unique_ptr<HttpServer> start(ServerOptions options = {},
                                         std::vector<Route> routes = {}) {
  if (options.listen_address.empty()) options.listen_address = "127.0.0.1:0";
  auto server =
      HttpServer::start(std::move(options), routes.empty() ? test_routes() : std::move(routes));
  REQUIRE(server);
  REQUIRE((*server)->port() > 0);
  return std::move(*server);
}

inline HttpResponse ask(const HttpServer& server, std::string path, HttpRequest request = {}) {
  CurlHttpClient client;
  request.url = "http://127.0.0.1:" + std::to_string(server.port()) + path;
  request.timeout = std::chrono::seconds(60);
  const auto response = client.send(request, {});
  INFO((response ? "" : response.error().message));
  REQUIRE(response);
  return *response;
}

inline HttpRequest post(std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.body = std::move(body);
  return request;
}

inline std::string header_of(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

inline bool still_serves(const HttpServer& server) {
  return ask(server, "/hello").body == "hello\n";
}

}  // namespace fieldmedic
