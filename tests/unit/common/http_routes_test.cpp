#include "common/http_routes.hpp"

#include "tests/catch.hpp"

using namespace fieldmedic;

namespace {

Route route(std::string method, std::string path) {
  Route made;
  made.method = std::move(method);
  made.path = std::move(path);
  return made;
}

const std::vector<Route> kRoutes{route("GET", "/"),
                                 route("GET", "/metrics"),
                                 route("GET", "/api/v1/incidents"),
                                 route("GET", "/api/v1/incidents/"),
                                 route("POST", "/api/v1/"),
                                 route("POST", "/-/reload")};

std::string served(std::string_view method, std::string_view path) {
  const auto match = match_route(kRoutes, method, path);
  if (match.route != nullptr) return match.route->path;
  return match.allowed.empty() ? "404" : "405 " + match.allowed;
}

}  // namespace

TEST_CASE("http routes: the longest path that matches wins") {
  CHECK(served("GET", "/api/v1/incidents") == "/api/v1/incidents");
  CHECK(served("GET", "/api/v1/incidents/i-1") == "/api/v1/incidents/");
  CHECK(served("POST", "/api/v1/alertmanager") == "/api/v1/");
}

TEST_CASE("http routes: the root and other paths without a slash at the end are exact") {
  CHECK(served("GET", "/") == "/");
  CHECK(served("GET", "/other") == "404");
  CHECK(served("GET", "/metrics/") == "404");
  CHECK(served("GET", "/metricsx") == "404");
  CHECK(served("GET", "") == "404");
}

TEST_CASE("http routes: another method of a known path says which are served") {
  CHECK(served("POST", "/metrics") == "405 GET, HEAD");
  CHECK(served("GET", "/-/reload") == "405 POST");
  CHECK(served("POST", "/api/v1/incidents/i-1") == "405 GET, HEAD");
  CHECK(served("HEAD", "/metrics") == "/metrics");
  CHECK(served("HEAD", "/-/reload") == "405 POST");
}

TEST_CASE("http routes: form text is decoded and broken escapes stay") {
  CHECK(decode_form("a+b%20c%2F") == "a b c/");
  CHECK(decode_form("%") == "%");
  CHECK(decode_form("%4") == "%4");
  CHECK(decode_form("%zz%41") == "%zzA");
  CHECK(decode_form("%-1%+1") == "%-1% 1");
}

TEST_CASE("http routes: a query parameter has all its values in order") {
  ServerRequest request;
  request.query = "collect[]=cpu&x=1&collect%5B%5D=stat&&collect[]&a=b=c";
  CHECK(request.parameters("collect[]") == std::vector<std::string>{"cpu", "stat", ""});
  CHECK(request.parameters("a") == std::vector<std::string>{"b=c"});
  CHECK(request.parameters("missing").empty());
}

TEST_CASE("http routes: a target is a path and a query") {
  const auto split = [](std::string_view target) {
    const auto found = split_target(target);
    return found ? std::string(found->path) + " " + std::string(found->query) : "none";
  };
  CHECK(split("/") == "/ ");
  CHECK(split("/a?b=c?d") == "/a b=c?d");
  CHECK(split("/a?") == "/a ");
  CHECK(split("http://host:1/a?b") == "/a b");
  CHECK(split("https://host") == "/ ");
  CHECK(split("http://host?b") == "/ b");
  CHECK(split("") == "none");
  CHECK(split("*") == "none");
  CHECK(split("host:443") == "none");
}

TEST_CASE("http routes: a plus is a space in a form, not in a path") {
  CHECK(decode_path("/a+b%20c%2") == "/a+b c%2");
  CHECK(decode_form("a+b%20c%2") == "a b c%2");
}
