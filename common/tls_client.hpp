// TLS of our HTTP requests, with the names of Prometheus' tls_config.
#pragma once

#include <string>
#include <vector>

#include "common/secret.hpp"
#include "common/tls_fault.hpp"

namespace fieldmedic {

struct TlsClientConfig {
  std::string ca_file = {};    // empty: the system's authorities
  std::string cert_file = {};  // who we are; with key_file or not at all
  std::string key_file = {};
  std::string server_name = {};  // whom the server's certificate must name; empty: the URL's host
  enum class Verify { Server, Nobody } verify = Verify::Server;  // Nobody: insecure_skip_verify

  friend bool operator==(const TlsClientConfig&, const TlsClientConfig&) = default;
};

// The same as PEM out of memory, for whoever was given no files. What is not empty goes before the
// file of its kind.
struct TlsMaterial {
  std::string ca = {};
  std::string certificate = {};  // with key or not at all
  Secret key = {};
};

// Reads the files that are named and says what is wrong with them; they are read again for each new
// connection, so that renewed ones serve without a reload.
[[nodiscard]] std::vector<TlsFault> check_files(const TlsClientConfig& config);
// The keys of the faults are ca, certificate and key.
[[nodiscard]] std::vector<TlsFault> check_material(const TlsMaterial& material);

}  // namespace fieldmedic
