// The names a client's certificate was made out to. Only sources that speak OpenSSL include this.
#pragma once

#include <string>
#include <vector>

#include <openssl/x509.h>

namespace fieldmedic {

// Its subject alternative names: DNS names, e-mail addresses, IP numbers, URIs, as Go writes them.
[[nodiscard]] std::vector<std::string> alternative_names(const X509& certificate);

}  // namespace fieldmedic
