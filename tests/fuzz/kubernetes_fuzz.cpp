#include "remediator/reach/kubernetes_status.hpp"
#include "remediator/reach/workload.hpp"
#include "tests/fuzz/text.hpp"

// One input as everything that an API server may answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fieldmedic;
  const auto text = fuzz::text(data, size);
  for (const auto kind :
       {WorkloadKind::Deployment, WorkloadKind::StatefulSet, WorkloadKind::DaemonSet})
    if (const auto workload = read_workload({kind, "orders", "collect"}, text))
      static_cast<void>(rollout_of(*workload));
  static_cast<void>(read_pod({WorkloadKind::Pod, "orders-0", "collect"}, text));
  static_cast<void>(read_ready_count("ReplicaSet", text));
  static_cast<void>(read_pod_page(text));
  for (const int status : {404, 429, 500}) {
    const HttpResponse answer{status, std::string(text), {}};
    if (explain_refusal(answer, "get x").message.size() > 1'000) __builtin_trap();
    static_cast<void>(budget_that_forbids(answer));
  }
  return 0;
}
