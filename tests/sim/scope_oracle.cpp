#include "tests/sim/scope_oracle.hpp"

#include <algorithm>
#include <cmath>

namespace fieldmedic::core::sim {
namespace {

// By way of what it depends on; scenarios have no circles.
bool depends(const std::string& below, const std::string& above, const Policy& policy) {
  const auto direct = policy.upstream.find(below);
  if (direct == policy.upstream.end()) return false;
  return std::ranges::any_of(direct->second, [&](const std::string& each) {
    return each == above || depends(each, above, policy);
  });
}

// When each host of the group fell first, by what is still open and came after `closed`.
std::map<std::string, Time> first_falls(const Ledger& ledger, const std::string& group,
                                        Duration within, Time now) {
  const Time closed = ledger.book({TargetKind::Group, "", "", group}).closed;
  std::map<std::string, Time> falls;
  for (const auto& [id, one] : ledger.open) {
    if (one.target.group != group || one.target.kind == TargetKind::Group) continue;
    if (one.opened <= closed || now - one.opened >= within) continue;
    const auto [place, fresh] = falls.emplace(one.target.host, one.opened);
    if (!fresh) place->second = std::min(place->second, one.opened);
  }
  return falls;
}

}  // namespace

bool owns(const Case& owner, const Target& target, const Policy& policy) {
  if (target.kind == TargetKind::Group) return false;
  if (owner.target.kind == TargetKind::Group)
    return owner.target.group == target.group && policy.scopes.contains(target.group);
  return depends(key_of(target), key_of(owner.target), policy);
}

bool is_owned(const Ledger& ledger, const Target& target, const Policy& policy) {
  return std::ranges::any_of(ledger.open,
                             [&](const auto& each) { return owns(each.second, target, policy); });
}

bool is_wide(const Ledger& ledger, const std::string& group, Fault fault, const Policy& policy,
             Time now) {
  const auto scope = policy.scopes.find(group);
  if (scope == policy.scopes.end()) return false;
  if (fault == Fault::Cluster) {
    if (!scope->second.cluster) return false;
    const Share share = scope->second.cluster->share;
    const auto falls = first_falls(ledger, group, scope->second.cluster->within, now);
    const int size = policy.group_sizes.find(group)->second;
    const double least = share.kind == Share::Kind::Count
                             ? share.value
                             : std::ceil(share.value / 100.0 * size - 1e-9);
    return static_cast<double>(falls.size()) >= std::max(2.0, least);
  }
  if (!scope->second.cascade) return false;
  std::vector<Time> times;
  for (const auto& [host, at] : first_falls(ledger, group, scope->second.cascade->within, now))
    times.push_back(at);
  std::ranges::sort(times);
  int members = 0;
  Time next{};
  for (const Time at : times)
    if (at >= next) {
      ++members;
      next = at + scope->second.cascade->apart;
    }
  return members >= scope->second.cascade->members;
}

}  // namespace fieldmedic::core::sim
