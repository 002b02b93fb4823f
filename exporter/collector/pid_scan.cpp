#include "exporter/collector/pid_scan.hpp"

#include <algorithm>
#include <iterator>

#include "common/process_files.hpp"

namespace fieldmedic {

Result<std::vector<pid_t>> PidScan::next(int procfs, ScanDepth depth,
                                         std::span<const pid_t> watched) {
  auto listed = list_pids(procfs);
  if (!listed) return listed;
  std::ranges::sort(*listed);

  std::vector<pid_t> worth;
  switch (depth) {
    case ScanDepth::Everything: worth = *listed; break;
    case ScanDepth::News: {
      std::ranges::set_difference(*listed, settled_, std::back_inserter(worth));
      std::ranges::copy_if(watched, std::back_inserter(worth),
                           [&](pid_t pid) { return std::ranges::binary_search(*listed, pid); });
      std::ranges::sort(worth);
      const auto repeated = std::ranges::unique(worth);
      worth.erase(repeated.begin(), repeated.end());
      break;
    }
  }
  settled_.clear();
  std::ranges::set_intersection(*listed, listed_, std::back_inserter(settled_));
  listed_ = std::move(*listed);
  return worth;
}

}  // namespace fieldmedic
