// Certificates and keys in PEM files, read with messages that name the file and never its content.
// Only sources that speak OpenSSL include this.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "common/result.hpp"

namespace fieldmedic {

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeKey>;

// In the order of the file; never empty.
[[nodiscard]] Result<std::vector<Certificate>> read_certificates(const std::string& file);
// An encrypted key is an error: a daemon cannot ask for its password.
[[nodiscard]] Result<PrivateKey> read_private_key(const std::string& file);

// The same out of a text; `name` stands for the file in what is said of it.
[[nodiscard]] Result<std::vector<Certificate>> parse_certificates(std::string_view name,
                                                                  std::string_view pem);
[[nodiscard]] Result<PrivateKey> parse_private_key(std::string_view name, std::string_view pem);

[[nodiscard]] bool belongs(const PrivateKey& key, const Certificate& certificate);

// Why OpenSSL's last call failed; its queue of errors is empty afterwards.
[[nodiscard]] std::string openssl_reason();

}  // namespace fieldmedic
