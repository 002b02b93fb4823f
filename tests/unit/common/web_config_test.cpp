#include "common/web_config.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;
using ClientAuth = TlsServerConfig::ClientAuth;

namespace {

const std::string kHash = "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";

Result<WebConfig> read(const std::string& text) {
  const TempTree tree;
  return read_web_config(tree.write("web.yml", text));
}

std::string error(const std::string& text) {
  const auto config = read(text);
  REQUIRE_FALSE(config);
  CHECK(config.error().code == Errc::Invalid);
  return config.error().message;
}

}  // namespace

TEST_CASE("web config: users and certificates are read") {
  const TempTree tree;
  const auto config = read_web_config(
      tree.write("web.yml",
                 "tls_server_config:\n  cert_file: tls/cert.pem\n  key_file: /etc/key.pem\n"
                 "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
                 "basic_auth_users:\n  medic: " +
                     kHash + "\n  other: '" + kHash + "'\n"));
  INFO((config ? "" : config.error().message));
  REQUIRE(config);
  CHECK(config->tls_enabled);
  CHECK(config->tls.cert_file == (tree.root / "tls/cert.pem").string());
  CHECK(config->tls.key_file == "/etc/key.pem");
  CHECK(config->tls.client_ca_file == (tree.root / "ca.pem").string());
  CHECK(config->tls.client_auth == ClientAuth::RequireAndVerify);
  CHECK(config->basic_auth_users.size() == 2);
  CHECK(config->basic_auth_users.at("medic") == kHash);
}

TEST_CASE("web config: an empty file means plain and open") {
  const auto config = read("{}\n");
  REQUIRE(config);
  CHECK_FALSE(config->tls_enabled);
  CHECK_FALSE(config->requires_user());
}

TEST_CASE("web config: what is no bcrypt hash is refused and not shown") {
  for (const std::string& hash :
       {std::string("open-sesame"), kHash.substr(1), kHash + "x", "$1$" + kHash.substr(3),
        "$2b$03$" + kHash.substr(7), "$2b$32$" + kHash.substr(7), "$2b$0x$" + kHash.substr(7),
        kHash.substr(0, 59) + "!"}) {
    const auto message = error("basic_auth_users: {medic: '" + hash + "'}\n");
    INFO(message);
    CHECK(message.contains("web.yml:1:"));
    CHECK(message.contains("bcrypt"));
    CHECK_FALSE(message.contains(hash));
  }
}

TEST_CASE("web config: a user name that HTTP cannot carry is refused") {
  CHECK(error("basic_auth_users: {'a:b': '" + kHash + "'}\n").contains("':'"));
  CHECK(error("basic_auth_users: {'': '" + kHash + "'}\n").contains("not empty"));
}

TEST_CASE("web config: every fault is told at once with its place") {
  const auto message = error(
      "tls_server_config:\n  cert_file: c.pem\n  client_auth_type: Sometimes\n"
      "  min_version: TLS13\nbasic_auth_users:\n  medic: plain\nhttp_server_config: {http2: "
      "true}\n");
  INFO(message);
  CHECK(message.contains("web.yml:2:3: 'key_file' is required"));
  CHECK(message.contains("web.yml:3:"));
  CHECK(message.contains("RequireAndVerifyClientCert"));
  CHECK(message.contains("min_version"));
  CHECK(message.contains("web.yml:6:"));
  CHECK(message.contains("http_server_config"));
}

TEST_CASE("web config: client certificates and their authority go together") {
  const std::string tls = "tls_server_config:\n  cert_file: c\n  key_file: k\n";
  CHECK(error(tls + "  client_auth_type: RequireAndVerifyClientCert\n").contains("client_ca_file"));
  CHECK(error(tls + "  client_auth_type: VerifyClientCertIfGiven\n").contains("client_ca_file"));
  CHECK(error(tls + "  client_ca_file: ca\n").contains("client_auth_type"));
  CHECK(read(tls + "  client_auth_type: RequireAnyClientCert\n")->tls.client_auth ==
        ClientAuth::RequireAny);
}

TEST_CASE("web config: a missing file is an error that names it") {
  const auto config = read_web_config("/nonexistent/web.yml");
  REQUIRE_FALSE(config);
  CHECK(config.error().message.contains("/nonexistent/web.yml"));
}
