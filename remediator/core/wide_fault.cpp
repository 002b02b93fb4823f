#include "remediator/core/wide_fault.hpp"

#include <algorithm>
#include <set>

namespace fieldmedic::core {
namespace {

std::string seconds(Duration duration) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count()) + " s";
}

// The first fall of each host within the time.
std::vector<Fall> recent(const std::vector<Fall>& falls, Duration within, Time now) {
  std::vector<Fall> firsts;
  std::set<std::string_view> seen;
  for (const Fall& fall : falls)
    if (now - fall.at < within && seen.insert(fall.host).second) firsts.push_back(fall);
  return firsts;
}

// Rounded up: 50% of 3 are 2. One host alone is never a cluster.
int least_of(Share share, int size) {
  const int least =
      share.kind == Share::Kind::Count ? share.value : (share.value * size + 99) / 100;
  return std::max(2, least);
}

std::optional<WideFault> cluster(const ClusterRule& rule, const std::vector<Fall>& falls, int size,
                                 Time now) {
  const auto count = static_cast<int>(recent(falls, rule.within, now).size());
  if (count < least_of(rule.share, size)) return std::nullopt;
  return WideFault{Fault::Cluster, std::to_string(count) + " of " + std::to_string(size) +
                                       " hosts failed within " + seconds(rule.within)};
}

std::optional<WideFault> cascade(const CascadeRule& rule, const std::vector<Fall>& falls,
                                 Time now) {
  const std::vector<Fall> firsts = recent(falls, rule.within, now);
  std::string names;
  int count = 0;
  std::optional<Time> last;
  for (const Fall& fall : firsts) {
    if (last && fall.at - *last < rule.apart) continue;
    names += (names.empty() ? "" : ", then ") + fall.host;
    last = fall.at;
    ++count;
  }
  if (count < rule.members) return std::nullopt;
  return WideFault{Fault::Cascade,
                   "one after another within " + seconds(rule.within) + ": " + names};
}

}  // namespace

std::optional<WideFault> wide_fault_of(const GroupScope& scope, const std::vector<Fall>& falls,
                                       int size, Time now) {
  if (scope.cluster)
    if (auto found = cluster(*scope.cluster, falls, size, now)) return found;
  if (scope.cascade) return cascade(*scope.cascade, falls, now);
  return std::nullopt;
}

}  // namespace fieldmedic::core
