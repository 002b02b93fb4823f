#include "remediator/reach/own_pod.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace fieldmedic {

std::string traces_of_own_pod(const HostRoot& host) {
  std::string text;
  for (const char* name : {"self/cgroup", "self/mountinfo"}) {
    std::ifstream file(host.procfs / name);
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  if (!text.contains("kubepods") && !text.contains("kubelet/pods/")) return {};
  // In the name of a systemd slice, kubepods-burstable-podUID.slice, the uid has no '-'.
  std::ranges::replace(text, '_', '-');
  return text;
}

bool is_own_pod(std::string_view traces, std::string_view uid) {
  return !uid.empty() && traces.contains(uid);
}

}  // namespace fieldmedic
