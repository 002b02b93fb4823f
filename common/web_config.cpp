#include "common/web_config.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/yaml_reader.hpp"

namespace fieldmedic {
namespace {

using ClientAuth = TlsServerConfig::ClientAuth;

// Go's tls.ClientAuthType, as exporter-toolkit spells it; the first is the default.
constexpr std::array<std::pair<std::string_view, ClientAuth>, 5> kClientAuth{
    {{"NoClientCert", ClientAuth::None},
     {"RequestClientCert", ClientAuth::Request},
     {"RequireAnyClientCert", ClientAuth::RequireAny},
     {"VerifyClientCertIfGiven", ClientAuth::VerifyIfGiven},
     {"RequireAndVerifyClientCert", ClientAuth::RequireAndVerify}}};

// "$2b$12$" and 53 characters of bcrypt's own base 64 (crypt(5)); cost 4 to 31.
bool is_bcrypt(std::string_view hash) {
  constexpr std::string_view kAlphabet =
      "./0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::size_t kPrefix = 7;
  if (hash.size() != kPrefix + 53) return false;
  const bool variant =
      hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$");
  const auto cost = hash.substr(4, 2);
  const bool digits = cost.find_first_not_of("0123456789") == std::string_view::npos;
  return variant && digits && cost >= "04" && cost <= "31" && hash[6] == '$' &&
         hash.find_first_not_of(kAlphabet, kPrefix) == std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file)
      : folder_(file.parent_path()), root_(read_yaml_file(file, errors_)) {}

  Result<WebConfig> read() {
    WebConfig config;
    if (root_.has("tls_server_config")) {
      config.tls_enabled = true;
      config.tls = tls(root_.map("tls_server_config"));
    }
    if (root_.has("basic_auth_users")) {
      config.basic_auth_users = users(root_.map("basic_auth_users"));
    }
    root_.done();
    if (!errors_.empty()) return fail(Errc::Invalid, errors_.text());
    return config;
  }

 private:
  std::string path(const YamlMap& map, std::string_view key) const {
    const auto value = map.string(key, "");
    return value.empty() ? value : (folder_ / value).lexically_normal().string();
  }

  TlsServerConfig tls(const YamlMap& map) const {
    TlsServerConfig tls;
    tls.cert_file = path(map, "cert_file");
    tls.key_file = path(map, "key_file");
    tls.client_ca_file = path(map, "client_ca_file");
    if (tls.cert_file.empty()) map.error("cert_file", "'cert_file' is required");
    if (tls.key_file.empty()) map.error("key_file", "'key_file' is required");
    std::vector<std::string_view> words;
    for (const auto& [word, type] : kClientAuth) words.push_back(word);
    const auto chosen = map.one_of("client_auth_type", words, words.front());
    for (const auto& [word, type] : kClientAuth) {
      if (word == chosen) tls.client_auth = type;
    }
    const bool verifies = tls.client_auth == ClientAuth::VerifyIfGiven ||
                          tls.client_auth == ClientAuth::RequireAndVerify;
    if (verifies && tls.client_ca_file.empty()) {
      map.error("client_auth_type", "'" + chosen + "' wants a 'client_ca_file' to verify with");
    }
    if (tls.client_auth == ClientAuth::None && !tls.client_ca_file.empty()) {
      map.error("client_ca_file", "'client_ca_file' wants a 'client_auth_type' that asks for one");
    }
    map.done();
    return tls;
  }

  // Neither a hash nor what stands in its place is quoted: it may be a password.
  static std::map<std::string, std::string, std::less<>> users(const YamlMap& map) {
    std::map<std::string, std::string, std::less<>> users;
    for (const auto& name : map.keys()) {
      const auto hash = map.string(name);
      if (name.empty() || name.contains(':')) {
        map.error(name, "a user's name is not empty and holds no ':'");
      } else if (!is_bcrypt(hash)) {
        map.error(name, "want a bcrypt hash ($2b$…, 60 characters), as htpasswd -nBC 10 makes it");
      }
      users[name] = hash;
    }
    map.done();
    return users;
  }

  std::filesystem::path folder_;
  ConfigErrors errors_;
  YamlMap root_;
};

}  // namespace

Result<WebConfig> read_web_config(const std::filesystem::path& file) {
  return Reader(file).read();
}

}  // namespace fieldmedic
