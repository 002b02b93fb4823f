#include "common/web_config.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "common/quote.hpp"
#include "common/yaml_reader.hpp"

namespace fieldmedic {
namespace {

using ClientAuth = TlsServerConfig::ClientAuth;
using Version = TlsServerConfig::Version;

// Go's tls.ClientAuthType, as exporter-toolkit spells it; the first is the default.
constexpr std::array<std::pair<std::string_view, ClientAuth>, 6> kClientAuth{
    {{"NoClientCert", ClientAuth::None},
     {"RequestClientCert", ClientAuth::Request},
     {"RequireAnyClientCert", ClientAuth::RequireAny},
     {"RequireClientCert", ClientAuth::RequireAny},  // an older spelling
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

// exporter-toolkit's list: what may be set, and to what where that is not free.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kHeaders{
    {{"Strict-Transport-Security", ""},
     {"X-Content-Type-Options", "nosniff"},
     {"X-Frame-Options", "deny|sameorigin"},
     {"X-XSS-Protection", ""},
     {"Content-Security-Policy", ""}}};

constexpr std::array<std::pair<std::string_view, Version>, 4> kVersions{
    {{"TLS10", Version::Tls10},
     {"TLS11", Version::Tls11},
     {"TLS12", Version::Tls12},
     {"TLS13", Version::Tls13}}};

template <class Table>
auto read_word(const YamlMap& map, std::string_view key, const Table& table,
               std::string_view fallback) {
  std::vector<std::string_view> words;
  for (const auto& [word, value] : table) words.push_back(word);
  const auto chosen = map.one_of(key, words, fallback);
  return std::ranges::find(table, chosen, [](const auto& entry) { return entry.first; })->second;
}

template <class Known>
std::vector<std::string> read_names(const YamlMap& map, std::string_view key, Known known,
                                    std::string_view wanted) {
  std::vector<std::string> names;
  for (const YamlValue& value : map.values(key)) {
    const auto name = value.string().value_or("");
    if (!known(name))
      value.error(fmt::format("{} wants {}, got {}", quote(key), wanted, quote(name)));
    names.push_back(name);
  }
  return names;
}

// Keys that newer exporter-toolkits know.
void refuse(const YamlMap& map, std::string_view key, std::string_view why) {
  if (!map.has(key)) return;
  map.error(key, fmt::format("'{}' is not supported: {}", key, why));
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file)
      : folder_(file.parent_path()), root_(read_yaml_file(file, errors_)) {}

  Result<WebConfig> read() {
    WebConfig config;
    if (root_.has("tls_server_config")) config.tls = tls(root_.map("tls_server_config"));
    if (root_.has("http_server_config")) config.headers = http(root_.map("http_server_config"));
    if (root_.has("basic_auth_users")) {
      config.basic_auth_users = users(root_.map("basic_auth_users"));
    }
    refuse(root_, "rate_limit", "connections and requests are bounded without it");
    root_.done();
    if (!errors_.empty()) return fail(Errc::Invalid, errors_.text());
    return config;
  }

 private:
  std::string path(const YamlMap& map, std::string_view key) const {
    const auto value = map.string(key, "");
    return value.empty() ? value : (folder_ / value).lexically_normal().string();
  }

  std::shared_ptr<const TlsServerContext> tls(const YamlMap& map) const {
    TlsServerConfig tls;
    tls.cert_file = path(map, "cert_file");
    tls.key_file = path(map, "key_file");
    tls.client_ca_file = path(map, "client_ca_file");
    if (tls.cert_file.empty()) map.error("cert_file", "'cert_file' is required");
    if (tls.key_file.empty()) map.error("key_file", "'key_file' is required");
    for (const char* key : {"cert", "key", "client_ca"}) {
      refuse(map, key, fmt::format("put the PEM text into a file and name it in '{}_file'", key));
    }
    tls.client_auth = read_word(map, "client_auth_type", kClientAuth, kClientAuth.front().first);
    tls.client_allowed_sans = map.strings("client_allowed_sans");
    check_clients(map, tls);
    tls.min_version = read_word(map, "min_version", kVersions, "TLS12");
    tls.max_version = read_word(map, "max_version", kVersions, "TLS13");
    if (tls.min_version > tls.max_version) {
      map.error("min_version", "'min_version' is above 'max_version': nobody could connect");
    }
    tls.cipher_suites =
        read_names(map, "cipher_suites", is_cipher_suite,
                   "Go's name of a cipher suite, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    tls.curves =
        read_names(map, "curve_preferences", is_curve, "CurveP256, CurveP384, CurveP521 or X25519");
    tls.prefer_server_cipher_suites = map.boolean("prefer_server_cipher_suites", true);
    map.done();
    return tls.cert_file.empty() || tls.key_file.empty() ? nullptr : load(map, tls);
  }

  static std::shared_ptr<const TlsServerContext> load(const YamlMap& map,
                                                      const TlsServerConfig& tls) {
    std::vector<TlsFault> faults;
    auto context = TlsServerContext::make(tls, faults);
    for (const TlsFault& fault : faults) {
      if (fault.key.empty()) {
        map.error(fault.what);
      } else {
        map.error(fault.key, fmt::format("'{}' {}", fault.key, fault.what));
      }
    }
    return context;
  }

  static void check_clients(const YamlMap& map, const TlsServerConfig& tls) {
    const bool verifies = tls.client_auth == ClientAuth::VerifyIfGiven ||
                          tls.client_auth == ClientAuth::RequireAndVerify;
    if (verifies && tls.client_ca_file.empty()) {
      map.error("client_auth_type", "verifying clients wants a 'client_ca_file' to do it with");
    }
    if (tls.client_auth == ClientAuth::None && !tls.client_ca_file.empty()) {
      map.error("client_ca_file", "'client_ca_file' wants a 'client_auth_type' that asks for one");
    }
    const bool requires_one = tls.client_auth == ClientAuth::RequireAny ||
                              tls.client_auth == ClientAuth::RequireAndVerify;
    if (!tls.client_allowed_sans.empty() && !requires_one) {
      map.error("client_allowed_sans",
                "'client_allowed_sans' wants a 'client_auth_type' that requires a certificate");
    }
  }

  // `http2` is for the file to be taken as it is: HTTP/2 is offered to nobody, and who can speak it
  // speaks 1.1 too.
  static std::vector<std::pair<std::string, std::string>> http(const YamlMap& map) {
    (void)map.boolean("http2", true);
    std::vector<std::pair<std::string, std::string>> headers;
    const YamlMap given = map.has("headers") ? map.map("headers") : YamlMap{};
    for (const auto& [name, values] : kHeaders) {
      if (!given.has(name)) continue;
      const auto value = given.string(name, "");
      const bool known = values.empty() || value.empty() ||
                         ('|' + std::string(values) + '|').contains('|' + value + '|');
      if (!known) given.error(name, fmt::format("'{}' wants {}", name, values));
      if (value.find_first_of("\r\n") != std::string::npos) {
        given.error(name, fmt::format("'{}' holds a line break", name));
      }
      if (!value.empty()) headers.emplace_back(name, value);
    }
    given.done();
    map.done();
    return headers;
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

Status keeps_protection(const WebConfig& now, const WebConfig& next) {
  const auto lost = [](std::string_view what) {
    return fail(Errc::Conflict,
                fmt::format("the web configuration has lost {}, so the old one stays; to serve "
                            "without on purpose, restart",
                            what));
  };
  const bool asked = next.open_mode == WebConfig::OpenMode::AskedByName;
  if (now.requires_user() && !next.requires_user() && !asked) return lost("its users");
  if (now.tls && !next.tls) return lost("its tls_server_config");
  if (now.tls && now.tls->verifies_clients() && !next.tls->verifies_clients()) {
    return lost("its verification of clients (RequireAndVerifyClientCert)");
  }
  if (now.tls && !now.tls->config().client_allowed_sans.empty() &&
      next.tls->config().client_allowed_sans.empty()) {
    return lost("its client_allowed_sans");
  }
  return {};
}

}  // namespace fieldmedic
