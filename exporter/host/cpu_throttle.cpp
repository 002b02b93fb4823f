#include "exporter/host/cpu_throttle.hpp"

#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "common/metric_families.hpp"
#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

std::optional<std::uint64_t> read_number(KeptFile& file) {
  const auto text = file.read();
  if (!text || text->empty() || text->back() != '\n') return std::nullopt;
  std::uint64_t value = 0;
  if (!to_number(text->substr(0, text->size() - 1), value)) return std::nullopt;
  return value;
}

std::optional<std::string> read_id(const std::filesystem::path& path) {
  KeptFile file(path);
  const auto id = read_number(file);
  if (!id) return std::nullopt;
  return std::to_string(*id);
}

}  // namespace

CpuThrottle::CpuThrottle(const std::filesystem::path& sysfs) {
  std::set<std::pair<std::string, std::string>> cores_seen;
  std::set<std::string> packages_seen;
  std::error_code ended;  // an unreadable folder is a machine without these counters
  std::filesystem::directory_iterator entry(sysfs / "devices/system/cpu", ended);
  for (; !ended && entry != std::filesystem::directory_iterator(); entry.increment(ended)) {
    const auto& folder = entry->path();
    const std::string name = folder.filename();
    int number = 0;
    if (!name.starts_with("cpu") || !to_number(std::string_view(name).substr(3), number)) continue;
    const auto package = read_id(folder / "topology/physical_package_id");
    const auto core = read_id(folder / "topology/core_id");
    if (!package || !core) continue;
    KeptFile core_file(folder / "thermal_throttle/core_throttle_count");
    if (core_file.exists() && cores_seen.emplace(*package, *core).second) {
      cores_.push_back({*package, *core, std::move(core_file)});
    }
    KeptFile package_file(folder / "thermal_throttle/package_throttle_count");
    if (package_file.exists() && packages_seen.insert(*package).second) {
      packages_.push_back({*package, {}, std::move(package_file)});
    }
  }
}

void CpuThrottle::add_families(Families& families) {
  if (!cores_.empty()) {
    auto& family = families.emplace_back(make_family(
        "node_cpu_core_throttles_total", "Number of times this CPU core has been throttled.",
        prometheus::MetricType::Counter, cores_.size()));
    for (auto& core : cores_) {
      const auto count = read_number(core.file);
      if (!count) continue;
      add_sample(family, static_cast<double>(*count),
                 {{"core", core.core}, {"package", core.package}});
    }
  }
  if (!packages_.empty()) {
    auto& family = families.emplace_back(make_family(
        "node_cpu_package_throttles_total", "Number of times this CPU package has been throttled.",
        prometheus::MetricType::Counter, packages_.size()));
    for (auto& package : packages_) {
      const auto count = read_number(package.file);
      if (count) add_sample(family, static_cast<double>(*count), {{"package", package.package}});
    }
  }
}

}  // namespace fieldmedic
