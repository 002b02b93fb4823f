#include "remediator/reach/workload_name.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace fieldmedic {
namespace {

constexpr std::array kKinds{WorkloadKind::Deployment, WorkloadKind::StatefulSet,
                            WorkloadKind::DaemonSet, WorkloadKind::Pod};
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestLabel = 63;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_part(std::string_view part) {
  return !part.empty() && is_alphanumeric(part.front()) && is_alphanumeric(part.back()) &&
         std::ranges::all_of(part, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

}  // namespace

std::optional<WorkloadKind> workload_kind(std::string_view word) {
  const auto* const found =
      std::ranges::find(kKinds, word, [](WorkloadKind kind) { return to_string(kind); });
  return found == kKinds.end() ? std::nullopt : std::optional(*found);
}

bool is_namespace_name(std::string_view name) {
  return name.size() <= kLongestLabel && is_part(name);
}

bool is_object_name(std::string_view name) {
  if (name.size() > kLongestName) return false;
  for (std::size_t dot = 0; (dot = name.find('.')) != std::string_view::npos;) {
    if (!is_part(name.substr(0, dot))) return false;
    name.remove_prefix(dot + 1);
  }
  return is_part(name);
}

std::string WorkloadName::text() const {
  return fmt::format("{}/{} in {}", to_string(kind), name, name_space);
}

std::string WorkloadName::path() const {
  const std::string_view api = kind == WorkloadKind::Pod ? "/api/v1" : "/apis/apps/v1";
  return fmt::format("{}/namespaces/{}/{}s/{}", api, name_space, to_string(kind), name);
}

}  // namespace fieldmedic
