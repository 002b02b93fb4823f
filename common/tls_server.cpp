#include "common/tls_server.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "common/pem_files.hpp"
#include "common/tls_client_names.hpp"

namespace fieldmedic {
namespace {

using ClientAuth = TlsServerConfig::ClientAuth;
using Version = TlsServerConfig::Version;

// Go's tls.CipherSuites(). OpenSSL's names are asked from OpenSSL; where Go leaves out the hash,
// the standard's name stands beside it.
constexpr std::array<std::pair<std::string_view, const char*>, 19> kCipherSuites{
    {{"TLS_AES_128_GCM_SHA256", nullptr},  // TLS 1.3 knows no choice, in Go neither
     {"TLS_AES_256_GCM_SHA384", nullptr},
     {"TLS_CHACHA20_POLY1305_SHA256", nullptr},
     {"TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"},
     {"TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"},
     {"TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256"},
     {"TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384"},
     {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
     {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
     {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
     {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
     {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
     {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
     {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
     {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
     {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
     {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
     {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
     {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kCurves{
    {{"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}}};

template <class Table>
auto find(const Table& table, std::string_view name) {
  return std::ranges::find(table, name, [](const auto& entry) { return entry.first; });
}

int number_of(Version version) {
  switch (version) {
    case Version::Tls10: return TLS1_VERSION;
    case Version::Tls11: return TLS1_1_VERSION;
    case Version::Tls12: return TLS1_2_VERSION;
    case Version::Tls13: return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

int verify_mode(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::None: return SSL_VERIFY_NONE;
    case ClientAuth::Request:
    case ClientAuth::VerifyIfGiven: return SSL_VERIFY_PEER;
    case ClientAuth::RequireAny:
    case ClientAuth::RequireAndVerify: return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

bool checks_chain(ClientAuth auth) {
  return auth == ClientAuth::VerifyIfGiven || auth == ClientAuth::RequireAndVerify;
}

// Called when a client has shown a certificate, in place of OpenSSL's own verification.
int verify_client(X509_STORE_CTX* chain, void* user) {
  const auto& config = *static_cast<const TlsServerConfig*>(user);
  if (checks_chain(config.client_auth) && X509_verify_cert(chain) != 1) return 0;
  const X509* const certificate = X509_STORE_CTX_get0_cert(chain);
  const bool allowed =
      config.client_allowed_sans.empty() ||
      std::ranges::any_of(alternative_names(*certificate), [&](const std::string& name) {
        return std::ranges::find(config.client_allowed_sans, name) !=
               config.client_allowed_sans.end();
      });
  X509_STORE_CTX_set_error(chain, allowed ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
  return allowed ? 1 : 0;
}

void set_versions(SSL_CTX* context, const TlsServerConfig& config) {
  SSL_CTX_set_min_proto_version(context, number_of(config.min_version));
  SSL_CTX_set_max_proto_version(context, number_of(config.max_version));
  // What was asked for by name is served: OpenSSL's default level has no version before 1.2.
  if (config.min_version < Version::Tls12) SSL_CTX_set_security_level(context, 0);
}

void set_ciphers(SSL_CTX* context, const TlsServerConfig& config, std::vector<TlsFault>& faults) {
  if (config.cipher_suites.empty()) return;
  std::string list;
  for (const std::string& name : config.cipher_suites) {
    const auto known = find(kCipherSuites, name);
    if (known == kCipherSuites.end() || known->second == nullptr) continue;
    list.append(list.empty() ? "" : ":").append(OPENSSL_cipher_name(known->second));
  }
  if (list.empty()) {  // suites of TLS 1.3 only
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  } else if (SSL_CTX_set_cipher_list(context, list.c_str()) != 1) {
    faults.push_back({"cipher_suites", "OpenSSL has none of these cipher suites"});
  }
}

void set_curves(SSL_CTX* context, const TlsServerConfig& config, std::vector<TlsFault>& faults) {
  std::string list;
  for (const std::string& name : config.curves) {
    const auto known = find(kCurves, name);
    if (known != kCurves.end()) list.append(list.empty() ? "" : ":").append(known->second);
  }
  if (!list.empty() && SSL_CTX_set1_groups_list(context, list.c_str()) != 1) {
    faults.push_back({"curve_preferences", "OpenSSL has none of these curves"});
  }
}

void set_identity(SSL_CTX* context, const TlsServerConfig& config, std::vector<TlsFault>& faults) {
  const auto chain = read_certificates(config.cert_file);
  const auto key = read_private_key(config.key_file);
  if (!chain) faults.push_back({"cert_file", chain.error().message});
  if (!key) faults.push_back({"key_file", key.error().message});
  if (!chain || !key) return;
  if (!belongs(*key, chain->front())) {
    faults.push_back({"key_file", fmt::format("{} does not belong to the certificate in {}",
                                              config.key_file, config.cert_file)});
    return;
  }
  bool taken = SSL_CTX_use_certificate(context, chain->front().get()) == 1 &&
               SSL_CTX_use_PrivateKey(context, key->get()) == 1;
  for (std::size_t i = 1; i < chain->size(); ++i) {
    taken = taken && SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) == 1;
  }
  if (!taken) {
    faults.push_back({"cert_file", fmt::format("{}: OpenSSL does not serve this certificate ({})",
                                               config.cert_file, openssl_reason())});
  }
}

void set_authorities(SSL_CTX* context, const TlsServerConfig& config,
                     std::vector<TlsFault>& faults) {
  if (config.client_ca_file.empty()) return;
  const auto authorities = read_certificates(config.client_ca_file);
  if (!authorities) {
    faults.push_back({"client_ca_file", authorities.error().message});
    return;
  }
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  // As in Go, each certificate of the file is trusted, also one that another signed.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  for (const auto& authority : *authorities) {
    X509_STORE_add_cert(store, authority.get());
    SSL_CTX_add_client_CA(context, authority.get());
  }
}

}  // namespace

bool is_cipher_suite(std::string_view name) {
  return find(kCipherSuites, name) != kCipherSuites.end();
}

bool is_curve(std::string_view name) {
  return find(kCurves, name) != kCurves.end();
}

// Every way to replace a file changes one of these: rename, link, rewrite.
std::string state_of_files(const TlsServerConfig& config) {
  std::string state;
  for (const std::string* file : {&config.cert_file, &config.key_file, &config.client_ca_file}) {
    struct stat info{};
    if (file->empty() || stat(file->c_str(), &info) != 0) info = {};
    fmt::format_to(std::back_inserter(state), "{} {} {} {}.{};", info.st_dev, info.st_ino,
                   info.st_size, info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
  }
  return state;
}

std::shared_ptr<const TlsServerContext> TlsServerContext::make(const TlsServerConfig& config,
                                                               std::vector<TlsFault>& faults) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) {
    faults.push_back({"", fmt::format("TLS cannot be initialised: {}", openssl_reason())});
    return nullptr;
  }
  std::shared_ptr<const TlsServerContext> made(new TlsServerContext(config, context));
  // No resumption: each connection is verified anew, by the certificates of today.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (config.prefer_server_cipher_suites) {
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  }
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // a waiting connection holds none
  set_versions(context, config);
  const std::size_t before = faults.size();
  set_ciphers(context, config, faults);
  set_curves(context, config, faults);
  set_identity(context, config, faults);
  set_authorities(context, config, faults);
  SSL_CTX_set_verify(context, verify_mode(config.client_auth), nullptr);
  SSL_CTX_set_cert_verify_callback(context, &verify_client,
                                   const_cast<TlsServerConfig*>(&made->config_));
  ERR_clear_error();
  return faults.size() == before ? made : nullptr;
}

TlsServerContext::~TlsServerContext() {
  SSL_CTX_free(context_);
}

}  // namespace fieldmedic
