#include "common/self_metrics.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <time.h>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

using enum prometheus::MetricType;

double to_seconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Field 22 of /proc/self/stat is in ticks since boot; btime of /proc/stat is when that was.
std::optional<double> start_time() {
  KeptFile self("/proc/self/stat");
  KeptFile stat("/proc/stat");
  const auto self_text = self.read();
  const auto stat_text = stat.read();
  if (!self_text || !stat_text) return std::nullopt;
  auto rest = self_text->substr(std::min(self_text->rfind(')'), self_text->size()));
  constexpr int kFieldsBefore = 20;  // from the closing parenthesis on
  for (int i = 0; i < kFieldsBefore; ++i) take_field(rest);
  std::uint64_t ticks = 0;
  const auto at = stat_text->find("\nbtime ");
  if (!take_number(rest, ticks) || at == std::string_view::npos) return std::nullopt;
  auto boot_text = stat_text->substr(at + 1);
  auto boot_line = take_line(boot_text);
  take_field(boot_line);
  std::uint64_t boot = 0;
  if (!take_number(boot_line, boot)) return std::nullopt;
  return static_cast<double>(boot) +
         static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

struct SelfMetrics::Sources {
  Sources() : statm("/proc/self/statm"), started(start_time()) {}
  ~Sources() {
    if (descriptors != nullptr) closedir(descriptors);
  }
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  // Kept open: the folder's own descriptor is counted as it is.
  std::optional<double> count_descriptors() {
    if (descriptors == nullptr) descriptors = opendir("/proc/self/fd");
    if (descriptors == nullptr) return std::nullopt;
    rewinddir(descriptors);
    int count = 0;
    while (const dirent* entry = readdir(descriptors)) {
      if (entry->d_name[0] != '.') ++count;
    }
    return count;
  }

  std::mutex mutex;
  KeptFile statm;
  std::optional<double> started;
  DIR* descriptors = nullptr;
};

SelfMetrics::SelfMetrics() : sources_(std::make_unique<Sources>()) {}

SelfMetrics::~SelfMetrics() = default;

Status SelfMetrics::add_memory(std::vector<prometheus::MetricFamily>& families) {
  const auto text = sources_->statm.read();
  if (!text) return fail(text.error());
  auto fields = *text;
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  if (!take_number(fields, size) || !take_number(fields, resident)) {
    return malformed("statm", "two numbers", *text);
  }
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  families.push_back(single("process_resident_memory_bytes", "Resident memory size in bytes.",
                            Gauge, static_cast<double>(resident) * page));
  families.push_back(single("process_virtual_memory_bytes", "Virtual memory size in bytes.", Gauge,
                            static_cast<double>(size) * page));
  return {};
}

Result<std::vector<prometheus::MetricFamily>> SelfMetrics::collect() {
  const std::lock_guard lock(sources_->mutex);
  std::vector<prometheus::MetricFamily> families;
  families.reserve(6);
  timespec used{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0) {
    families.push_back(single("process_cpu_seconds_total",
                              "Total user and system CPU time spent in seconds.", Counter,
                              to_seconds(used)));
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    families.push_back(single("process_max_fds", "Maximum number of open file descriptors.", Gauge,
                              static_cast<double>(limit.rlim_cur)));
  }
  if (const auto open = sources_->count_descriptors()) {
    families.push_back(
        single("process_open_fds", "Number of open file descriptors.", Gauge, *open));
  }
  auto memory = add_memory(families);
  if (!memory) return fail(std::move(memory.error()));
  if (sources_->started) {
    families.push_back(single("process_start_time_seconds",
                              "Start time of the process since unix epoch in seconds.", Gauge,
                              *sources_->started));
  }
  return families;
}

}  // namespace fieldmedic
