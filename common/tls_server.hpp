// TLS of our HTTP servers (OpenSSL), configured as Prometheus' web.config.file does it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/tls_fault.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace fieldmedic {

struct TlsServerConfig {
  std::string cert_file = {};
  std::string key_file = {};
  std::string client_ca_file = {};
  // Go's tls.ClientAuthType: who is asked for a certificate, who must have one, whose is verified.
  enum class ClientAuth { None, Request, RequireAny, VerifyIfGiven, RequireAndVerify };
  ClientAuth client_auth = ClientAuth::None;
  std::vector<std::string> client_allowed_sans = {};  // exact matches; empty: any
  enum class Version { Tls10, Tls11, Tls12, Tls13 };
  Version min_version = Version::Tls12;
  Version max_version = Version::Tls13;
  std::vector<std::string> cipher_suites =
      {};                                // Go's names, for versions up to 1.2; empty: OpenSSL's own
  std::vector<std::string> curves = {};  // Go's names, best first; empty: OpenSSL's own
  bool prefer_server_cipher_suites = true;
};

// Go's tls.CipherSuites() and the curves of Prometheus' format.
[[nodiscard]] bool is_cipher_suite(std::string_view name);
[[nodiscard]] bool is_curve(std::string_view name);

// Changes whenever one of the three files is replaced or written; costs a stat(2) of each.
[[nodiscard]] std::string state_of_files(const TlsServerConfig& config);

// Certificate, key and rules, ready to serve. Immutable, thread-safe; connections that were made
// with it keep it alive.
class TlsServerContext {
 public:
  // Reads the files. Null when there is any fault; all of them are recorded.
  [[nodiscard]] static std::shared_ptr<const TlsServerContext> make(const TlsServerConfig& config,
                                                                    std::vector<TlsFault>& faults);
  ~TlsServerContext();
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;

  [[nodiscard]] ssl_ctx_st* get() const { return context_; }
  // Whether only clients with a certificate of a known authority are served.
  [[nodiscard]] bool verifies_clients() const {
    return config_.client_auth == TlsServerConfig::ClientAuth::RequireAndVerify;
  }
  [[nodiscard]] const TlsServerConfig& config() const { return config_; }
  // state_of_files() just before they were read.
  [[nodiscard]] const std::string& read_state() const { return read_state_; }

 private:
  TlsServerContext(TlsServerConfig config, ssl_ctx_st* context)
      : config_(std::move(config)), read_state_(state_of_files(config_)), context_(context) {}

  const TlsServerConfig config_;
  const std::string read_state_;
  ssl_ctx_st* context_;
};

}  // namespace fieldmedic
