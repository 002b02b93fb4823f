// Reads how a cluster is reached: kubectl's configuration, or what a pod finds in itself.
#pragma once

#include <filesystem>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/reach/kubernetes_access.hpp"

namespace fieldmedic {

// A kubeconfig with the named context; empty: its current one. Relative files stand beside it. What
// would weaken the checks of certificates, run a program (exec, auth-provider) or send a password
// is refused. Every error is recorded with its place in the kubeconfig, none with what it holds.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
[[nodiscard]] KubernetesAccess read_kubeconfig(const std::filesystem::path& file,
                                               const std::string& context, ConfigErrors& errors);

// The service account of the pod that we run in: `folder` holds token, ca.crt and namespace;
// `server` is https://HOST:PORT. Errors are recorded under the folder's name.
// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
[[nodiscard]] KubernetesAccess read_service_account(const std::filesystem::path& folder,
                                                    std::string server, ConfigErrors& errors);

}  // namespace fieldmedic
