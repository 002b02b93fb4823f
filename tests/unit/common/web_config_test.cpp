#include "common/web_config.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/certificates.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;
using ClientAuth = TlsServerConfig::ClientAuth;
using Version = TlsServerConfig::Version;

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

TEST_CASE("web config: all that Prometheus' format knows of TLS is read") {
  const TempTree tree;
  const Authority authority(tree, "ca");
  authority.sign("server", "IP:127.0.0.1");
  const auto config = read_web_config(tree.write(
      "conf/web.yml",
      "tls_server_config:\n  cert_file: ../server.pem\n  key_file: " + authority.key("server") +
          "\n  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ../ca.pem\n"
          "  client_allowed_sans: [prometheus.example]\n"
          "  min_version: TLS11\n  max_version: TLS12\n"
          "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]\n"
          "  curve_preferences: [CurveP384, X25519]\n  prefer_server_cipher_suites: false\n"
          "http_server_config:\n  http2: true\n  headers: {X-Frame-Options: deny,"
          " X-XSS-Protection: ''}\n"
          "basic_auth_users:\n  medic: " +
          kHash + "\n  other: '" + kHash + "'\n"));
  INFO((config ? "" : config.error().message));
  REQUIRE(config);
  REQUIRE(config->tls);
  const TlsServerConfig& tls = config->tls->config();
  CHECK(tls.cert_file == (tree.root / "server.pem").string());
  CHECK(tls.client_ca_file == (tree.root / "ca.pem").string());
  CHECK(tls.client_auth == ClientAuth::RequireAndVerify);
  CHECK(tls.client_allowed_sans == std::vector<std::string>{"prometheus.example"});
  CHECK(tls.min_version == Version::Tls11);
  CHECK(tls.max_version == Version::Tls12);
  CHECK(tls.cipher_suites.size() == 2);
  CHECK(tls.curves == std::vector<std::string>{"CurveP384", "X25519"});
  CHECK_FALSE(tls.prefer_server_cipher_suites);
  CHECK(config->headers.size() == 1);
  CHECK(config->basic_auth_users.size() == 2);
  CHECK(config->basic_auth_users.at("medic") == kHash);
}

TEST_CASE("web config: certificates that cannot serve are named, never shown") {
  const TempTree tree;
  const Authority authority(tree, "ca");
  authority.sign("server", "IP:127.0.0.1");
  run_openssl({"pkey", "-in", authority.key("server"), "-aes256", "-passout", "pass:x", "-out",
               (tree.root / "locked.key").string()});
  tree.write("secret.txt", "the secret of the house\n");
  const std::string broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  tree.write("broken.pem", broken);
  const auto fault = [&](const std::string& cert, const std::string& key) {
    const auto config = read_web_config(tree.write(
        "web.yml", "tls_server_config:\n  cert_file: " + cert + "\n  key_file: " + key + "\n"));
    REQUIRE_FALSE(config);
    INFO(config.error().message);
    CHECK_FALSE(config.error().message.contains("the secret of"));
    CHECK_FALSE(config.error().message.contains("AAAA"));
    return config.error().message;
  };
  CHECK(fault("none.pem", "server.key").contains("none.pem cannot be read: No such file"));
  CHECK(fault("secret.txt", "server.key").contains("web.yml:2:14: 'cert_file' "));
  CHECK(fault("secret.txt", "server.key").contains("secret.txt holds no certificate"));
  CHECK(fault("broken.pem", "server.key").contains("broken.pem: a certificate is broken"));
  CHECK(fault("server.pem", "secret.txt").contains("web.yml:3:13: 'key_file' "));
  CHECK(fault("server.pem", "locked.key").contains("locked.key is encrypted"));
  CHECK(fault("server.pem", "ca.key").contains("ca.key does not belong to the certificate in"));
  CHECK(fault("server.pem", ".").contains("is no file"));
  const auto both = fault("none.pem", "secret.txt");
  CHECK(both.contains("'cert_file'"));
  CHECK(both.contains("'key_file'"));
}

TEST_CASE("web config: an empty file means plain and open") {
  const auto config = read("{}\n");
  REQUIRE(config);
  CHECK_FALSE(config->tls);
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
      "  min_version: SSL3\n  cipher_suites:\n    - TLS_RSA_WITH_RC4_128_SHA\n"
      "  curve_preferences: [P256]\n  key: inline\n"
      "basic_auth_users:\n  medic: plain\nrate_limit: {burst: 1}\n"
      "http_server_config:\n  headers:\n    X-Frame-Options: sometimes\n    X-Own: a\n");
  INFO(message);
  CHECK(message.contains("web.yml:2:3: 'key_file' is required"));
  CHECK(message.contains("web.yml:3:"));
  CHECK(message.contains("RequireAndVerifyClientCert"));
  CHECK(message.contains("web.yml:4:"));
  CHECK(message.contains("web.yml:6:7: 'cipher_suites' wants Go's name"));
  CHECK(message.contains("web.yml:7:"));
  CHECK(message.contains("web.yml:8:8: 'key' is not supported: put the PEM text into a file"));
  CHECK(message.contains("web.yml:10:"));
  CHECK(message.contains("web.yml:11:13: 'rate_limit' is not supported"));
  CHECK(message.contains("web.yml:14:22: 'X-Frame-Options' wants deny|sameorigin"));
  CHECK(message.contains("X-Own"));
}

TEST_CASE("web config: versions that leave nothing are refused") {
  CHECK(error("tls_server_config: {cert_file: c, key_file: k, min_version: TLS13, max_version: "
              "TLS12}\n")
            .contains("'min_version' is above 'max_version'"));
}

TEST_CASE("web config: a reload must keep what protects") {
  const TempTree tree;
  const Authority authority(tree, "ca");
  std::vector<TlsFault> faults;
  TlsServerConfig tls{.cert_file = authority.certificate(),
                      .key_file = authority.key("ca"),
                      .client_ca_file = authority.certificate(),
                      .client_auth = ClientAuth::RequireAndVerify};
  WebConfig full;
  full.basic_auth_users = {{"medic", kHash}};
  full.tls = TlsServerContext::make(tls, faults);
  tls.client_auth = ClientAuth::RequireAny;
  WebConfig unverified = full;
  unverified.tls = TlsServerContext::make(tls, faults);
  REQUIRE(faults.empty());
  WebConfig plain = full;
  plain.tls = nullptr;
  WebConfig open = full;
  open.basic_auth_users.clear();
  CHECK(keeps_protection(full, full));
  CHECK(keeps_protection({}, full));
  CHECK(keeps_protection(unverified, full));
  CHECK(keeps_protection(full, unverified).error().message.contains("verification of clients"));
  CHECK(keeps_protection(full, plain).error().message.contains("tls_server_config"));
  CHECK(keeps_protection(full, open).error().message.contains("users"));
  open.open_mode = WebConfig::OpenMode::AskedByName;
  CHECK(keeps_protection(full, open));
}

TEST_CASE("web config: client certificates and their authority go together") {
  const std::string tls = "tls_server_config:\n  cert_file: c\n  key_file: k\n";
  CHECK(error(tls + "  client_auth_type: RequireAndVerifyClientCert\n").contains("client_ca_file"));
  CHECK(error(tls + "  client_auth_type: VerifyClientCertIfGiven\n").contains("client_ca_file"));
  CHECK(error(tls + "  client_ca_file: ca\n").contains("client_auth_type"));
  CHECK(error(tls + "  client_allowed_sans: [a]\n").contains("requires a certificate"));
}

TEST_CASE("web config: a missing file is an error that names it") {
  const auto config = read_web_config("/nonexistent/web.yml");
  REQUIRE_FALSE(config);
  CHECK(config.error().message.contains("/nonexistent/web.yml"));
}
