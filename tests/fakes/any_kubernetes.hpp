// The Kubernetes API that the tests of the actions run against: the tests' own, or the real one of
// the kubeconfig that FIELDMEDIC_KUBECONFIG names (CONTRIBUTING.md).
#pragma once

#include <cstdlib>
#include <memory>

#include "tests/fakes/kubernetes_lab.hpp"
#include "tests/fakes/real_kubernetes.hpp"

namespace fieldmedic {

[[nodiscard]] inline std::unique_ptr<KubernetesPart> any_kubernetes() {
  if (const char* kubeconfig = std::getenv("FIELDMEDIC_KUBECONFIG"); kubeconfig != nullptr)
    return std::make_unique<RealKubernetes>(kubeconfig);
  return std::make_unique<KubernetesLab>();
}

}  // namespace fieldmedic
