// The fleet as configured: groups of hosts, and the collectors that run on each host of a group.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/process_table.hpp"
#include "common/server_access.hpp"
#include "remediator/core/target.hpp"
#include "remediator/core/wide_fault.hpp"
#include "remediator/reach/engine_access.hpp"
#include "remediator/reach/kubernetes_access.hpp"
#include "remediator/reach/ssh_access.hpp"
#include "remediator/reach/workload_name.hpp"

namespace fieldmedic {

struct CollectorSpec {
  std::string name;
  ProcessPattern process;          // how its processes are told from others; may be empty
  std::vector<std::string> start;  // argv that starts it in the background; may be empty
  std::string working_directory = "/";
  std::vector<std::string> environment;            // "NAME=value" for start, beside a minimal one
  std::chrono::milliseconds stop_timeout{10'000};  // from SIGTERM to SIGKILL
  std::string unit;                                // systemd unit, when one runs it
  std::string container;                           // name or id, when it runs in one
  std::vector<std::string> ports;                  // "127.0.0.1:5514", listening when it is well
  std::vector<std::string> health;                 // URLs that answer 200 when it is well
  // What it cannot work without: "broker", on the same host, or "broker@sh-01".
  std::vector<std::string> depends_on{};
  std::optional<WorkloadName> workload{};  // in a cluster; no namespace: that of the host
};

// How a host is touched. Stated for each host: a remote host taken for the local one would be harm.
enum class Reach { Local, Ssh, Kubernetes };

// Of one that is not Local, for people: "sh-01 is reached over SSH".
[[nodiscard]] constexpr std::string_view in_words(Reach reach) {
  switch (reach) {
    case Reach::Local: return "on this machine";
    case Reach::Ssh: return "over SSH";
    case Reach::Kubernetes: return "through Kubernetes";
  }
  return "invalid";
}

struct HostSpec {
  std::string name;
  Reach reach = Reach::Local;
  SshAccess ssh{};  // of Reach::Ssh
  // Its fieldmedic-exporter, whose /diagnose tells evidence; no URL: nobody is asked. Holds
  // secrets.
  ServerAccess exporter{};
  // Its own container engine; none: that of this machine when the host is it. Holds secrets.
  std::optional<EngineAccess> engine{};
  // Of Reach::Kubernetes, else null: the host is a cluster, or what one namespace of it holds.
  std::shared_ptr<const KubernetesAccess> kubernetes{};
};

// How faults of a group are seen as one, and whose remedy that fault then has.
struct ScopeSpec {
  std::optional<core::ClusterRule> cluster{};
  std::optional<core::CascadeRule> cascade{};
  std::string playbook{};  // its name; empty only without a rule
};

struct GroupSpec {
  std::string name;
  std::vector<HostSpec> hosts;
  std::vector<CollectorSpec> collectors;  // each of them on each host
  std::optional<ScopeSpec> scope{};       // none: each target by itself
  // Hosts that only Prometheus' file_sd files name, in order: they count as members and are looked
  // at through Prometheus, and nobody says how to reach them.
  std::vector<std::string> watched{};

  // The names of all its hosts.
  [[nodiscard]] std::vector<std::string> members() const;
};

// Immutable once built; shared between threads by shared_ptr<const Inventory>. Host names are
// unique.
struct Inventory {
  std::vector<GroupSpec> groups;

  // Null when there is none.
  [[nodiscard]] const HostSpec* host(std::string_view name) const;
  [[nodiscard]] const CollectorSpec* collector(const core::Target& target) const;
  [[nodiscard]] const GroupSpec* group_of_host(std::string_view host) const;
  [[nodiscard]] const GroupSpec* group(std::string_view name) const;
  // The group that the host is only watched in; null when it is declared, or not known.
  [[nodiscard]] const GroupSpec* group_watching(std::string_view host) const;
  // What each collector depends on directly; both by key_of() of their targets.
  [[nodiscard]] std::map<std::string, std::vector<std::string>, std::less<>> upstream() const;
};

}  // namespace fieldmedic
