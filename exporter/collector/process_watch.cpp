#include "exporter/collector/process_watch.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

double ticks_to_seconds(std::uint64_t ticks) {
  static const auto kTicksPerSecond = static_cast<double>(sysconf(_SC_CLK_TCK));
  return static_cast<double>(ticks) / kTicksPerSecond;
}

double pages_to_bytes(std::int64_t pages) {
  static const auto kPageSize = static_cast<double>(sysconf(_SC_PAGESIZE));
  return static_cast<double>(pages) * kPageSize;
}

// Open descriptors. Linux 6.2 and later give the number as the size of the folder; before that the
// folder is listed, which is allowed for our own user's processes only.
std::optional<double> count_open_fds(int procfs, pid_t pid) {
  const auto path = fmt::format("{}/fd", pid);
  struct stat status{};
  if (fstatat(procfs, path.c_str(), &status, 0) != 0) return std::nullopt;
  if (status.st_size > 0) return static_cast<double>(status.st_size);
  FileDescriptor folder(openat(procfs, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return std::nullopt;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fdopendir(folder.get()), &closedir);
  if (entries == nullptr) return std::nullopt;
  folder.release();
  double count = 0;
  errno = 0;
  while (const dirent* entry = readdir(entries.get())) count += entry->d_name[0] == '.' ? 0 : 1;
  return errno == 0 ? std::optional(count) : std::nullopt;
}

// The first `size` bytes of a file under /proc.
std::string read_start(int procfs, const std::string& path, std::size_t size) {
  const FileDescriptor file(openat(procfs, path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(size, '\0');
  std::size_t length = 0;
  while (file && length < size) {
    const ssize_t got = read(file.get(), text.data() + length, size - length);
    if (got <= 0) break;
    length += static_cast<std::size_t>(got);
  }
  text.resize(length);
  return text;
}

// The number after `key` and spaces.
std::optional<double> number_after(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == text.npos) return std::nullopt;
  text.remove_prefix(at + key.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{}) return std::nullopt;  // "unlimited"
  return static_cast<double>(number);
}

// Unknown plus anything is unknown: half a sum would look like a whole one.
std::optional<double> plus(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::optional(*a + *b) : std::nullopt;
}

}  // namespace

std::optional<double> read_boot_time(int procfs) {
  // The line stands after one counter for every interrupt: hundreds on a large machine.
  return number_after(read_start(procfs, "stat", 256uz * 1024), "\nbtime");
}

std::vector<pid_t> ProcessWatch::living() const {
  std::vector<pid_t> pids;
  if (before_) {
    for (const auto& process : *before_) pids.push_back(process.identity.pid);
  }
  return pids;
}

void ProcessWatch::saw(ProcessFiles& files, int procfs) {
  const auto& stat = *files.stat();
  const auto limits = read_start(procfs, fmt::format("{}/limits", files.pid()), 4096);
  seen_.push_back({
      .identity = stat.info.identity,
      .cpu_ticks = stat.user_ticks + stat.system_ticks,
      .resident_bytes = pages_to_bytes(stat.resident_pages),
      .threads = static_cast<double>(stat.threads),
      .open_fds = count_open_fds(procfs, files.pid()),
      .max_fds = number_after(limits, "Max open files"),
  });
}

ProcessTotals ProcessWatch::finish(std::optional<double> boot_time_seconds) {
  const auto lives_in = [](const std::vector<Seen>& processes, const Seen& wanted) {
    return std::ranges::find(processes, wanted.identity, &Seen::identity) != processes.end();
  };
  if (before_) {
    for (const auto& process : seen_) starts_ += lives_in(*before_, process) ? 0 : 1;
    for (const auto& process : *before_) {
      ended_ticks_ += lives_in(seen_, process) ? 0 : process.cpu_ticks;
    }
  }
  const auto totals = sum(boot_time_seconds);
  before_ = std::move(seen_);
  seen_.clear();
  return totals;
}

ProcessTotals ProcessWatch::sum(std::optional<double> boot_time_seconds) const {
  ProcessTotals totals;
  totals.up = seen_.empty() ? 0 : 1;
  totals.count = static_cast<double>(seen_.size());
  totals.starts = static_cast<double>(starts_);
  auto ticks = ended_ticks_;
  for (const auto& process : seen_) ticks += process.cpu_ticks;
  if (ticks > 0 || !seen_.empty()) totals.cpu_seconds = ticks_to_seconds(ticks);
  if (seen_.empty()) return totals;

  totals.resident_bytes = totals.threads = totals.open_fds = totals.max_fds = 0;
  for (const auto& process : seen_) {
    *totals.resident_bytes += process.resident_bytes;
    *totals.threads += process.threads;
    totals.open_fds = plus(totals.open_fds, process.open_fds);
    totals.max_fds = plus(totals.max_fds, process.max_fds);
  }
  const auto oldest =
      std::ranges::min(seen_, {}, [](const Seen& process) { return process.identity.start_ticks; });
  totals.start_time_seconds =
      plus(boot_time_seconds, ticks_to_seconds(oldest.identity.start_ticks));
  return totals;
}

}  // namespace fieldmedic
