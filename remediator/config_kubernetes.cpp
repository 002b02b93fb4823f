// How a Kubernetes cluster is reached, and what a collector is called there.
#include <cstdlib>
#include <ranges>
#include <utility>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "remediator/config_parts.hpp"
#include "remediator/reach/kubeconfig.hpp"

namespace fieldmedic {
namespace {

using std::filesystem::path;

// What the kubelet tells every container; empty outside of a pod.
std::string server_of_our_cluster() {
  const char* const host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* const port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (host == nullptr || port == nullptr) return {};
  const bool is_v6 = std::string_view(host).contains(':');
  return is_v6 ? fmt::format("https://[{}]:{}", host, port)
               : fmt::format("https://{}:{}", host, port);
}

std::string read_server(const YamlMap& map) {
  if (map.has("server")) {
    std::string server = read_url(map, "server");
    if (server.starts_with("http://"))
      map.error("server", "'server' wants https://, since the token goes there");
    while (server.ends_with('/')) server.pop_back();
    return server;
  }
  std::string server = server_of_our_cluster();
  if (server.empty())
    map.error("service_account",
              "'service_account' is for a remediator that runs in a pod, and "
              "KUBERNETES_SERVICE_HOST is not set: name the 'server'");
  return server;
}

KubernetesAccess read_access(const YamlMap& map, const path& folder, ConfigErrors& errors) {
  if (map.has("service_account")) {
    const path account = read_required_path(map, "service_account");
    std::string server = read_server(map);
    return account.empty() ? KubernetesAccess{}
                           : read_service_account(account, std::move(server), errors);
  }
  const std::string file = map.string("kubeconfig");
  const std::string context = map.string("context", "");
  return file.empty() ? KubernetesAccess{} : read_kubeconfig(folder / file, context, errors);
}

// A file of thousands of aliases has an error for each.
void pass_on(const ConfigErrors& errors, const YamlMap& map, std::string_view key) {
  constexpr std::size_t kMost = 10;
  const auto& lines = errors.lines();
  for (const std::string& line : lines | std::views::take(kMost))
    map.error(key, fmt::format("'{}' {}", key, line));
  if (lines.size() > kMost)
    map.error(key, fmt::format("'{}' has {} more errors", key, lines.size() - kMost));
}

}  // namespace

std::shared_ptr<const KubernetesAccess> read_kubernetes_reach(const YamlMap& map,
                                                              const path& folder) {
  if (map.has("kubeconfig") == map.has("service_account")) {
    map.error("wants one of 'kubeconfig' and 'service_account'");
    return std::make_shared<const KubernetesAccess>();
  }
  const std::string_view key = map.has("service_account") ? "service_account" : "kubeconfig";
  ConfigErrors errors;  // with their places in the kubeconfig
  auto access = std::make_shared<KubernetesAccess>(read_access(map, folder, errors));
  pass_on(errors, map, key);
  if (map.has("namespace")) {
    access->name_space = map.string("namespace");
    if (!access->name_space.empty() && !is_namespace_name(access->name_space))
      map.error("namespace", fmt::format("'namespace' wants the name of a namespace, got {}",
                                         quote(access->name_space)));
  }
  map.done();
  return access;
}

WorkloadName read_workload_name(const YamlMap& map) {
  WorkloadName workload;
  const std::string kind =
      map.one_of("kind", {"deployment", "statefulset", "daemonset", "pod"}, "deployment");
  workload.kind = workload_kind(kind).value_or(WorkloadKind::Deployment);
  workload.name = map.string("name");
  if (!workload.name.empty() && !is_object_name(workload.name))
    map.error("name", fmt::format("'name' wants the name of a Kubernetes object, got {}",
                                  quote(workload.name)));
  workload.name_space = map.string("namespace", "");
  if (!workload.name_space.empty() && !is_namespace_name(workload.name_space))
    map.error("namespace", fmt::format("'namespace' wants the name of a namespace, got {}",
                                       quote(workload.name_space)));
  map.done();
  return workload;
}

}  // namespace fieldmedic
