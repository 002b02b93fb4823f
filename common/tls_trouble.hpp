// Why TLS was not agreed on, and what to do about it.
#pragma once

#include <string>
#include <string_view>

#include "common/tls_client.hpp"

namespace fieldmedic {

// What is known of a connection that failed.
struct TlsTrouble {
  enum class Server { Believed, NotBelieved } server = Server::Believed;  // its certificate
  long verified = 0;           // OpenSSL's X509_V_ERR_* of the server's certificate; 0: none
  std::string_view said = {};  // OpenSSL's words, which are looked into and never shown
};

// In one line that names no file and quotes nothing of the other side; empty: it was not TLS. A
// refusal of our certificate (an alert) comes before any request is served.
[[nodiscard]] std::string explain_tls(const TlsTrouble& trouble, const TlsClientConfig& ours);

}  // namespace fieldmedic
