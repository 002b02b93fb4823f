#include "exporter/collector/pid_scan.hpp"

#include <algorithm>
#include <utility>

#include "common/process_files.hpp"

namespace fieldmedic {
namespace {

constexpr int kNewFor = 3;  // looks

}  // namespace

Result<std::vector<pid_t>> PidScan::next(int procfs, std::size_t in_turn) {
  auto listed = list_pids(procfs);
  if (!listed) return listed;
  std::ranges::sort(*listed);
  count_looks(std::move(*listed));
  if (!std::exchange(first_, false)) return choose(in_turn);
  std::ranges::fill(looks_, kNewFor + 1);  // they were there before us
  return listed_;
}

void PidScan::count_looks(std::vector<pid_t> listed) {
  std::vector<int> looks(listed.size(), 1);
  std::size_t before = 0;
  for (std::size_t now = 0; now < listed.size(); ++now) {
    while (before < listed_.size() && listed_[before] < listed[now]) ++before;
    const bool known = before < listed_.size() && listed_[before] == listed[now];
    if (known) looks[now] = std::min(looks_[before] + 1, kNewFor + 1);
  }
  listed_ = std::move(listed);
  looks_ = std::move(looks);
}

std::vector<pid_t> PidScan::choose(std::size_t in_turn) {
  std::vector<pid_t> worth;
  for (std::size_t i = 0; i < listed_.size(); ++i) {
    if (looks_[i] <= kNewFor) worth.push_back(listed_[i]);
  }
  const auto old = listed_.size() - worth.size();
  auto at = static_cast<std::size_t>(std::ranges::upper_bound(listed_, turn_) - listed_.begin());
  for (auto left = std::min(in_turn, old); left > 0; ++at) {
    if (at >= listed_.size()) at = 0;
    if (looks_[at] <= kNewFor) continue;
    worth.push_back(turn_ = listed_[at]);
    --left;
  }
  std::ranges::sort(worth);
  return worth;
}

}  // namespace fieldmedic
