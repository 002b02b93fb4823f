#include "exporter/self.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <time.h>

#include "exporter/host/families.hpp"
#include "exporter/host/kept_file.hpp"
#include "exporter/host/text_scan.hpp"

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

class SelfModule final : public Module {
 public:
  SelfModule() : statm_("/proc/self/statm"), started_(start_time()) {}
  ~SelfModule() override {
    if (descriptors_ != nullptr) closedir(descriptors_);
  }
  SelfModule(const SelfModule&) = delete;
  SelfModule& operator=(const SelfModule&) = delete;

  [[nodiscard]] std::string_view name() const override { return "self"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    Families families;
    families.reserve(6);
    timespec used{};
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0) {
      families.push_back(single("process_cpu_seconds_total",
                                "Total user and system CPU time spent in seconds.", Counter,
                                to_seconds(used)));
    }
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
      families.push_back(single("process_max_fds", "Maximum number of open file descriptors.",
                                Gauge, static_cast<double>(limit.rlim_cur)));
    }
    if (const auto open = count_descriptors()) {
      families.push_back(
          single("process_open_fds", "Number of open file descriptors.", Gauge, *open));
    }
    auto memory = add_memory(families);
    if (!memory) return fail(std::move(memory.error()));
    if (started_) {
      families.push_back(single("process_start_time_seconds",
                                "Start time of the process since unix epoch in seconds.", Gauge,
                                *started_));
    }
    return families;
  }

 private:
  Status add_memory(Families& families) {
    const auto text = statm_.read();
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
    families.push_back(single("process_virtual_memory_bytes", "Virtual memory size in bytes.",
                              Gauge, static_cast<double>(size) * page));
    return {};
  }

  // Kept open: the folder's own descriptor is counted as it is.
  std::optional<double> count_descriptors() {
    if (descriptors_ == nullptr) descriptors_ = opendir("/proc/self/fd");
    if (descriptors_ == nullptr) return std::nullopt;
    rewinddir(descriptors_);
    int count = 0;
    while (const dirent* entry = readdir(descriptors_)) {
      if (entry->d_name[0] != '.') ++count;
    }
    return count;
  }

  KeptFile statm_;
  std::optional<double> started_;
  DIR* descriptors_ = nullptr;
};

}  // namespace

std::unique_ptr<Module> make_self_module() {
  return std::make_unique<SelfModule>();
}

}  // namespace fieldmedic
