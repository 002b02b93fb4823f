// Where the API server of a Kubernetes cluster is and who we are there.
#pragma once

#include <string>

#include "common/secret.hpp"
#include "common/tls_client.hpp"

namespace fieldmedic {

// Holds secrets.
struct KubernetesAccess {
  std::string server{};                // "https://10.0.0.1:6443", no slash at the end
  std::string name_space = "default";  // of what names none
  TlsClientConfig tls{};               // always verified
  TlsMaterial material{};              // what the kubeconfig holds itself
  Secret token{};                      // empty: token_file, or a client certificate
  std::string token_file{};            // read with each request, since tokens rotate
};

}  // namespace fieldmedic
