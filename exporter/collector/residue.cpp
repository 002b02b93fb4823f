#include "exporter/collector/residue.hpp"

#include <algorithm>

namespace fieldmedic {
namespace {

constexpr int kDeepest = 32;  // generations; a longer line is cut, and ends unrelated

bool descends(const Kin& who, pid_t ancestor, const ParentOf& parent_of) {
  pid_t at = who.parent;
  for (int depth = 0; depth < kDeepest && at > 1; ++depth) {
    if (at == ancestor) return true;
    at = parent_of(at);
  }
  return false;
}

bool belongs(const Kin& who, const Kin& main, const ParentOf& parent_of) {
  const auto pid = main.identity.pid;
  return who.identity == main.identity || who.session == pid || who.group == pid ||
         descends(who, pid, parent_of) || descends(main, who.identity.pid, parent_of);
}

bool leads(const Kin& who) {
  return who.session == who.identity.pid || who.group == who.identity.pid;
}

}  // namespace

std::vector<pid_t> beside(const Kin& main, std::span<const Kin> others, const ParentOf& parent_of) {
  std::vector<pid_t> found;
  for (const auto& other : others) {
    if (!belongs(other, main, parent_of)) found.push_back(other.identity.pid);
  }
  return found;
}

std::vector<pid_t> left_behind(std::span<const Kin> members, std::span<const pid_t> listed,
                               const ParentOf& parent_of) {
  const auto is_child = [&](const Kin& who) {
    return std::ranges::any_of(members, [&](const Kin& m) { return m.identity.pid == who.parent; });
  };
  const Kin* main = nullptr;
  for (const auto& member : members) {
    if (!leads(member) || is_child(member)) continue;
    if (main == nullptr || member.identity.start_ticks > main->identity.start_ticks) main = &member;
  }
  std::vector<pid_t> found;
  if (main == nullptr) return found;
  // 0 is a leader outside our pid namespace: not seen, so not known to be gone.
  const auto lives = [&](pid_t pid) { return pid == 0 || std::ranges::binary_search(listed, pid); };
  for (const auto& member : members) {
    const bool orphan = !lives(member.session) && !lives(member.group);
    if (orphan && member.identity.start_ticks < main->identity.start_ticks &&
        !belongs(member, *main, parent_of)) {
      found.push_back(member.identity.pid);
    }
  }
  return found;
}

}  // namespace fieldmedic
