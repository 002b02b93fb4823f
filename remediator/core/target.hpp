// What an incident is about.
#pragma once

#include <string>
#include <string_view>

namespace fieldmedic::core {

enum class TargetKind { Collector, Host, Group };

[[nodiscard]] constexpr std::string_view to_string(TargetKind kind) {
  switch (kind) {
    case TargetKind::Collector: return "collector";
    case TargetKind::Host: return "host";
    case TargetKind::Group: return "group";
  }
  return "invalid";
}

// Always one that the inventory knows: names come from there, never from a label directly.
struct Target {
  TargetKind kind = TargetKind::Collector;
  std::string name;  // of the collector; empty for others
  std::string host;  // empty for a group
  std::string group;

  friend bool operator==(const Target&, const Target&) = default;
};

// The identity of an incident (S5): "collector/orders@sh-01", "host/sh-01" or "group/shanghai".
[[nodiscard]] inline std::string key_of(const Target& target) {
  switch (target.kind) {
    case TargetKind::Collector: return "collector/" + target.name + "@" + target.host;
    case TargetKind::Host: return "host/" + target.host;
    case TargetKind::Group: return "group/" + target.group;
  }
  return {};
}

}  // namespace fieldmedic::core
