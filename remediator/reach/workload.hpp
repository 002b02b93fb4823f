// Objects of a Kubernetes cluster as its API describes them, and how far a rollout is. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "remediator/reach/workload_name.hpp"

namespace fieldmedic {

// The annotation of a pod template by which we restart its pods; its value is the attempt's id.
inline constexpr std::string_view kRestartAnnotation = "fieldmedic/restarted-by";

// A deployment, stateful set or daemon set.
struct Workload {
  WorkloadName name{};
  std::string uid{};
  std::string version{};        // resourceVersion: opaque, another with every change
  std::int64_t generation = 0;  // of the spec
  std::int64_t observed = 0;    // the generation that the controller has acted on
  std::int64_t wanted = 0;      // pods; of a daemon set as its controller counts the nodes
  std::int64_t existing = 0;    // pods of any version
  std::int64_t updated = 0;     // pods of the newest version
  std::int64_t ready = 0;
  std::int64_t available = 0;
  std::int64_t held_back = 0;  // pods below a stateful set's partition
  bool paused = false;
  bool on_delete = false;  // its update strategy: new pods only where old ones are deleted
  bool being_deleted = false;
  bool deadline_exceeded = false;  // of a deployment: progressDeadlineSeconds
  std::string current_revision{};  // of a stateful set, as the next
  std::string update_revision{};
  std::string restarted_by{};  // kRestartAnnotation
  std::string selector{};      // of its pods, as a labelSelector; empty: one we cannot write
};

// Errc::Malformed: it does not describe the one that was asked for.
[[nodiscard]] Result<Workload> read_workload(const WorkloadName& name, std::string_view body);

struct Rollout {
  enum class State { Finished, UnderWay, Failed };
  State state = State::UnderWay;
  std::string evidence{};  // one line: the counts, and what is waited for
};

// By the rules of kubectl rollout status.
[[nodiscard]] Rollout rollout_of(const Workload& workload);

struct Pod {
  WorkloadName name{};
  std::string uid{};
  std::string version{};
  std::string phase{};
  bool ready = false;
  bool being_deleted = false;
  bool mirror = false;       // of a file on its node: the kubelet would start it again as it was
  std::string owner_kind{};  // "ReplicaSet", of its controller; empty: nobody makes it anew
  std::string owner_name{};
  std::map<std::string, std::string, std::less<>> labels{};
  std::string trouble{};  // "CrashLoopBackOff", of a container that waits; empty: of none
};

[[nodiscard]] Result<Pod> read_pod(const WorkloadName& name, std::string_view body);

// How many pods the controller of a pod wants, and how many are ready.
struct ReadyCount {
  std::int64_t wanted = 0;
  std::int64_t ready = 0;
  std::string version{};   // resourceVersion: another one once it has counted again
  std::int64_t first = 0;  // the number in the name of a stateful set's first pod
};
// A ReplicaSet, StatefulSet or DaemonSet (its kind as in Pod::owner_kind).
[[nodiscard]] Result<ReadyCount> read_ready_count(std::string_view kind, std::string_view body);

// The uids of a PodList, at most as many as it holds, and where it goes on.
struct PodPage {
  std::vector<std::string> uids{};
  std::string next{};  // metadata.continue; empty: it is the last page
};
[[nodiscard]] Result<PodPage> read_pod_page(std::string_view body);

// The name of the autoscaler of a HorizontalPodAutoscalerList that scales this workload; empty:
// none does.
[[nodiscard]] Result<std::string> autoscaler_of(const WorkloadName& name, std::string_view body);

}  // namespace fieldmedic
