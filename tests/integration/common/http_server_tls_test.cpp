// TLS from the wire to the handler: who is let in, by Go's five kinds, and what a reload changes.
#include <fstream>
#include <iterator>

#include "common/http_client.hpp"
#include "common/http_server.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/certificates.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/integration/common/raw_connection.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;
using ClientAuth = TlsServerConfig::ClientAuth;

namespace {

struct Certificates {
  TempTree tree;
  Authority ours{tree, "ours"};
  Authority others{tree, "others"};

  Certificates() {
    ours.sign("server", "IP:127.0.0.1,DNS:exporter.example");
    ours.sign("client", "DNS:prometheus.example,IP:10.0.0.1");
    others.sign("stranger", "DNS:prometheus.example");
  }

  [[nodiscard]] TlsServerConfig config(ClientAuth auth) const {
    TlsServerConfig config{.cert_file = ours.pem("server"), .key_file = ours.key("server")};
    config.client_auth = auth;
    if (auth != ClientAuth::None) config.client_ca_file = ours.certificate();
    return config;
  }
};

WebConfig web_of(const TlsServerConfig& config) {
  std::vector<TlsFault> faults;
  WebConfig web;
  web.tls = TlsServerContext::make(config, faults);
  INFO((faults.empty() ? "" : faults.front().what));
  REQUIRE(web.tls);
  return web;
}

std::unique_ptr<HttpServer> start(const TlsServerConfig& config) {
  Route route;
  route.method = "GET";
  route.path = "/hello";
  route.handler = [](const ServerRequest&) {
    ServerResponse response;
    response.body = "hello\n";
    return response;
  };
  Route echo;
  echo.method = "POST";
  echo.path = "/echo";
  echo.body_limit = 1 << 20;
  echo.handler = [](const ServerRequest& request) {
    ServerResponse response;
    response.body = request.body;
    return response;
  };
  auto server = HttpServer::start(
      {.listen_address = "127.0.0.1:0", .web = web_of(config), .request_timeout = 5s},
      {route, echo});
  REQUIRE(server);
  return std::move(*server);
}

HttpRequest request_to(const HttpServer& server, const Certificates& files,
                       const std::string& client = "") {
  HttpRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(server.port()) + "/hello";
  request.timeout = 30s;
  request.tls.ca_file = files.ours.certificate();
  if (!client.empty()) {
    request.tls.cert_file = files.ours.pem(client);
    request.tls.key_file = files.ours.key(client);
  }
  return request;
}

// 0: the connection was refused.
int status(const HttpServer& server, const Certificates& files, const std::string& client) {
  CurlHttpClient http;
  return http.send(request_to(server, files, client), {}).value_or(HttpResponse{}).status;
}

}  // namespace

TEST_CASE("http server tls: whom each kind of client authentication lets in") {
  const Certificates files;
  struct Case {
    ClientAuth auth;
    int without, stranger, known;
  };
  for (const Case& expected :
       {Case{ClientAuth::None, 200, 200, 200}, Case{ClientAuth::Request, 200, 200, 200},
        Case{ClientAuth::RequireAny, 0, 200, 200}, Case{ClientAuth::VerifyIfGiven, 200, 0, 200},
        Case{ClientAuth::RequireAndVerify, 0, 0, 200}}) {
    INFO(static_cast<int>(expected.auth));
    const auto server = start(files.config(expected.auth));
    CHECK(status(*server, files, "") == expected.without);
    CHECK(status(*server, files, "stranger") == expected.stranger);
    CHECK(status(*server, files, "client") == expected.known);
  }
}

TEST_CASE("http server tls: only clients with an allowed name are let in") {
  const Certificates files;
  auto config = files.config(ClientAuth::RequireAndVerify);
  config.client_allowed_sans = {"10.0.0.1"};
  CHECK(status(*start(config), files, "client") == 200);
  config.client_allowed_sans = {"other.example", "prometheus.example"};
  CHECK(status(*start(config), files, "client") == 200);
  config.client_allowed_sans = {"other.example"};
  CHECK(status(*start(config), files, "client") == 0);
}

TEST_CASE("http server tls: bodies go both ways whole, over one connection") {
  const Certificates files;
  const auto server = start(files.config(ClientAuth::None));
  CurlHttpClient http;
  auto request = request_to(*server, files);
  request.url = request.url.substr(0, request.url.rfind('/')) + "/echo";
  request.method = "POST";
  request.body = std::string(900'000, 'x');
  for (int i = 0; i < 3; ++i) {
    const auto response = http.send(request, {});
    REQUIRE(response);
    CHECK(response->body == request.body);
  }
}

TEST_CASE("http server tls: who speaks plain HTTP is told what to do") {
  const Certificates files;
  const auto server = start(files.config(ClientAuth::None));
  RawConnection raw(server->port());
  raw.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = raw.read_to_end();
  CHECK(answer.starts_with("HTTP/1.1 400 "));
  CHECK(answer.ends_with("ask it with https://, not http\n"));
}

TEST_CASE("http server tls: who connects and does not shake hands is dropped") {
  const Certificates files;
  const auto server = start(files.config(ClientAuth::None));
  RawConnection raw(server->port());
  raw.send(std::string("\x16\x03\x01\x02\x00", 5));
  CHECK(eventually([&] { return !raw.receive(5ms); }));
  CHECK(status(*server, files, "") == 200);
}

TEST_CASE("http server tls: a reload serves the new certificate and keeps connections") {
  const Certificates files;
  const auto server = start(files.config(ClientAuth::RequireAndVerify));
  CurlHttpClient kept;
  const auto as_client = request_to(*server, files, "client");
  REQUIRE(kept.send(as_client, {}));
  // From now on the others' authority counts, and theirs is the server's certificate.
  files.others.sign("server2", "IP:127.0.0.1");
  auto config = files.config(ClientAuth::RequireAndVerify);
  config.cert_file = files.others.pem("server2");
  config.key_file = files.others.key("server2");
  config.client_ca_file = files.others.certificate();
  REQUIRE(server->reload(web_of(config)));
  CHECK(kept.send(as_client, {}));  // on its old connection
  CHECK(status(*server, files, "client") == 0);
  CurlHttpClient fresh;
  auto as_stranger = request_to(*server, files, "stranger");
  as_stranger.tls.ca_file = files.others.certificate();
  CHECK(fresh.send(as_stranger, {}).value_or(HttpResponse{}).status == 200);
}

TEST_CASE("http server tls: renewed files are served without a reload, broken ones are not") {
  const Certificates files;
  const auto server = start(files.config(ClientAuth::RequireAndVerify));
  REQUIRE(status(*server, files, "client") == 200);
  const auto replace = [&](const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to + ".new");
    std::filesystem::rename(to + ".new", to);
  };
  // The certificate without its key: the old pair stays.
  files.others.sign("server2", "IP:127.0.0.1");
  replace(files.others.pem("server2"), files.ours.pem("server"));
  CHECK(status(*server, files, "client") == 200);
  replace(files.others.key("server2"), files.ours.key("server"));
  CHECK(status(*server, files, "client") == 0);  // who knows only our authority
  auto request = request_to(*server, files, "client");
  request.tls.ca_file = files.others.certificate();
  CurlHttpClient http;
  CHECK(http.send(request, {}).value_or(HttpResponse{}).status == 200);
}

TEST_CASE("http server tls: a reload does not take protection away") {
  const Certificates files;
  const auto server = start(files.config(ClientAuth::RequireAndVerify));
  CHECK_FALSE(server->reload({}));
  CHECK_FALSE(server->reload(web_of(files.config(ClientAuth::RequireAny))));
  CHECK(status(*server, files, "") == 0);
}

TEST_CASE("http client tls: the server must be who it was said to be") {
  const Certificates files;
  const auto server = start(files.config(ClientAuth::None));
  CurlHttpClient http;
  auto request = request_to(*server, files);
  request.tls.server_name = "exporter.example";
  const auto response = http.send(request, {});
  INFO((response ? "" : response.error().message));
  REQUIRE(response);
  CHECK(response->body == "hello\n");
  request.tls.server_name = "other.example";
  CHECK_FALSE(http.send(request, {}));
  request.tls.server_name.clear();
  request.tls.ca_file = files.others.certificate();
  CHECK_FALSE(http.send(request, {}));
  request.tls.verify = TlsClientConfig::Verify::Nobody;
  CHECK(http.send(request, {}));
  request.tls.verify = TlsClientConfig::Verify::Server;  // its connection is not reused for this
  CHECK_FALSE(http.send(request, {}));
}

TEST_CASE("http client tls: certificates and keys out of memory serve as those of files do") {
  const Certificates files;
  const auto read = [](const std::string& file) {
    std::ifstream stream(file);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  const auto server = start(files.config(ClientAuth::RequireAndVerify));
  CurlHttpClient http;
  HttpRequest request = request_to(*server, files);
  request.tls = {};
  request.tls_material = {.ca = read(files.ours.certificate()),
                          .certificate = read(files.ours.pem("client")),
                          .key = Secret(read(files.ours.key("client")))};
  CHECK(check_material(request.tls_material).empty());
  const auto response = http.send(request, {});
  INFO((response ? "" : response.error().message));
  REQUIRE(response);
  CHECK(response->body == "hello\n");

  HttpRequest nobody = request;  // no connection of the one who is known serves him
  nobody.tls_material.certificate.clear();
  nobody.tls_material.key = {};
  CHECK_FALSE(http.send(nobody, {}));
  HttpRequest believes_others = request;
  believes_others.tls_material.ca = read(files.others.certificate());
  CHECK_FALSE(http.send(believes_others, {}));

  TlsMaterial mixed = request.tls_material;
  mixed.key = Secret(read(files.others.key("stranger")));
  REQUIRE(check_material(mixed).size() == 1);
  CHECK(check_material(mixed).front().what == "it does not belong to the certificate");
  CHECK(check_material({.ca = "no PEM", .certificate = {}, .key = {}}).front().key == "ca");
}
