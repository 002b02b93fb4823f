#include "common/tls_client.hpp"

#include <fmt/format.h>

#include "common/pem_files.hpp"
#include "common/private_file.hpp"

namespace fieldmedic {

std::vector<TlsFault> check_files(const TlsClientConfig& config) {
  std::vector<TlsFault> faults;
  if (!config.ca_file.empty()) {
    if (const auto read = read_certificates(config.ca_file); !read) {
      faults.push_back({"ca_file", read.error().message});
    }
  }
  if (config.cert_file.empty() != config.key_file.empty()) {
    faults.push_back(config.key_file.empty() ? TlsFault{"cert_file", "wants a key_file beside it"}
                                             : TlsFault{"key_file", "wants a cert_file beside it"});
  }
  if (config.cert_file.empty() || config.key_file.empty()) return faults;
  const auto chain = read_certificates(config.cert_file);
  const auto key = read_private_key(config.key_file);
  if (!chain) faults.push_back({"cert_file", chain.error().message});
  if (!key) faults.push_back({"key_file", key.error().message});
  if (const auto ours = check_private(config.key_file); !ours)
    faults.push_back({"key_file", ours.error().message});
  if (chain && key && !belongs(*key, chain->front())) {
    faults.push_back({"key_file", fmt::format("{} does not belong to the certificate in {}",
                                              config.key_file, config.cert_file)});
  }
  return faults;
}

std::vector<TlsFault> check_material(const TlsMaterial& material) {
  std::vector<TlsFault> faults;
  if (!material.ca.empty()) {
    if (const auto read = parse_certificates("it", material.ca); !read)
      faults.push_back({"ca", read.error().message});
  }
  if (material.certificate.empty() || material.key.empty()) return faults;
  const auto chain = parse_certificates("it", material.certificate);
  const auto key = parse_private_key("it", material.key.reveal());
  if (!chain) faults.push_back({"certificate", chain.error().message});
  if (!key) faults.push_back({"key", key.error().message});
  if (chain && key && !belongs(*key, chain->front()))
    faults.push_back({"key", "it does not belong to the certificate"});
  return faults;
}

}  // namespace fieldmedic
