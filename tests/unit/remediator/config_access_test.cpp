// How Prometheus and Alertmanager are asked: credentials and TLS.
#include <filesystem>

#include <fmt/core.h>

#include "remediator/config.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/certificates.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/manual_clock.hpp"

using namespace fieldmedic;

namespace {

struct Read {
  ConfigErrors errors;
  std::unique_ptr<const RemediatorConfig> config;

  Read(const TempTree& tree, const std::string& prometheus) {
    FakeHttp http;
    ManualClock clock;
    const auto file = tree.write("remediator.yml",
                                 "authentication: none\nprometheus: {url: "
                                 "'https://p:9090', " +
                                     prometheus + "}\n");
    config = read_remediator_config(file, {http, clock}, errors);
  }
};

}  // namespace

TEST_CASE("remediator access: TLS and a token are read with their files") {
  const TempTree tree;
  tree.write("token", "geheim\n");
  const Authority authority(tree, "ca");
  authority.sign("medic", "DNS:medic");
  const Read read(tree,
                  "bearer_file: token, tls_config: {ca_file: ca.pem, cert_file: medic.pem, "
                  "key_file: medic.key, server_name: prometheus.example}");
  CHECK(read.errors.text().empty());
  REQUIRE(read.config);
  const ServerAccess& access = read.config->prometheus.servers().front();
  CHECK(access.tls == TlsClientConfig{.ca_file = authority.certificate(),
                                      .cert_file = authority.pem("medic"),
                                      .key_file = authority.key("medic"),
                                      .server_name = "prometheus.example"});
  const HttpRequest request = access.request("/api/v1/query");
  CHECK(request.url == "https://p:9090/api/v1/query");
  CHECK(request.tls == access.tls);
  REQUIRE(request.bearer_token);
  CHECK(request.bearer_token->reveal() == "geheim");
}

TEST_CASE("remediator access: only who says so verifies nobody") {
  const TempTree tree;
  const Read skipping(tree, "tls_config: {insecure_skip_verify: true}");
  REQUIRE(skipping.config);
  CHECK(skipping.config->prometheus.servers().front().tls.verify ==
        TlsClientConfig::Verify::Nobody);
  const Read plain(tree, "tls_config: {insecure_skip_verify: false}");
  REQUIRE(plain.config);
  CHECK(plain.config->prometheus.servers().front().tls.verify == TlsClientConfig::Verify::Server);
}

TEST_CASE("remediator access: every fault of TLS is told, and no content") {
  const TempTree tree;
  tree.write("token", "geheim\n");
  const Authority authority(tree, "ca");
  authority.sign("medic", "DNS:medic");
  const auto errors = [&](const std::string& prometheus) {
    return Read(tree, prometheus).errors.text();
  };
  CHECK(errors("tls_config: {ca_file: none.pem}").contains("none.pem cannot be read"));
  CHECK(errors("tls_config: {ca_file: token}").contains("token holds no certificate"));
  CHECK_FALSE(errors("tls_config: {ca_file: token}").contains("geheim"));
  CHECK(errors("tls_config: {cert_file: medic.pem}").contains("'cert_file' wants a key_file"));
  CHECK(errors("tls_config: {key_file: medic.key}").contains("'key_file' wants a cert_file"));
  CHECK(errors("tls_config: {cert_file: medic.pem, key_file: ca.key}")
            .contains("ca.key does not belong to the certificate in"));
  for (const unsigned mode : {0604U, 0640U, 0610U}) {
    std::filesystem::permissions(authority.key("medic"), std::filesystem::perms(mode));
    const auto open = errors("tls_config: {cert_file: medic.pem, key_file: medic.key}");
    CHECK(open.contains(":2:82: 'key_file' "));
    CHECK(open.contains("medic.key: others than its owner may use it; chmod 600"));
  }
  CHECK(errors("tls_config: {insecure: true}").contains("insecure"));
  CHECK(errors("bearer_file: token, username: a, password_file: token")
            .contains("'bearer_file' and 'username' exclude each other"));
  const auto both = errors("bearer_file: none, tls_config: {ca_file: none, cert_file: none}");
  CHECK(both.contains("'bearer_file'"));
  CHECK(both.contains("'ca_file'"));
  CHECK(both.contains("'cert_file'"));
}

TEST_CASE(
    "remediator access: a container engine by TCP, here and on a host, proves itself by TLS") {
  const TempTree tree;
  const Authority authority(tree, "ca");
  authority.sign("medic", "DNS:medic");
  constexpr std::string_view kTls =
      "tls_config: {ca_file: ca.pem, cert_file: medic.pem, key_file: medic.key}";
  FakeHttp http;
  ManualClock clock;
  ConfigErrors errors;
  const auto file = tree.write(
      "remediator.yml",
      fmt::format("authentication: none\ncontainer_engine: {{url: 'https://here:2376', {0}}}\n"
                  "groups:\n  - name: g\n    hosts:\n"
                  "      - {{name: lab, reach: local, container_engine: "
                  "{{url: 'https://lab:2376/', {0}}}}}\n    collectors: []\n",
                  kTls));
  const auto config = read_remediator_config(file, {http, clock}, errors);
  INFO(errors.text());
  REQUIRE(config);
  const EngineAccess& here = config->container_engine.access;
  CHECK(here.socket.empty());
  CHECK(here.server.request("/_ping").url == "https://here:2376/_ping");
  const HostSpec* lab = config->inventory->host("lab");
  REQUIRE(lab->engine);
  CHECK(lab->engine->socket.empty());
  CHECK(lab->engine->server.request("/_ping").url == "https://lab:2376/_ping");
  CHECK(lab->engine->server.tls == TlsClientConfig{.ca_file = authority.certificate(),
                                                   .cert_file = authority.pem("medic"),
                                                   .key_file = authority.key("medic")});
}
