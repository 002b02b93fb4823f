#include "exporter/collector/process_watch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/text_scan.hpp"

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

// Unknown plus anything is unknown: half a sum would look like a whole one.
std::optional<double> plus(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::optional(*a + *b) : std::nullopt;
}

// The first `size` bytes of a file under /proc.
std::string read_start(int procfs, const char* path, std::size_t size) {
  const FileDescriptor file(openat(procfs, path, O_RDONLY | O_CLOEXEC));
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

}  // namespace

ProcessState process_state(char letter) {
  switch (letter) {
    case 'R': return ProcessState::Running;
    case 'S':
    case 'I': return ProcessState::Sleeping;
    case 'D': return ProcessState::Waiting;
    case 'T':
    case 't': return ProcessState::Stopped;
    case 'Z': return ProcessState::Zombie;
    default: return ProcessState::Other;
  }
}

std::string_view to_string(ProcessState state) {
  switch (state) {
    case ProcessState::Running: return "running";
    case ProcessState::Sleeping: return "sleeping";
    case ProcessState::Waiting: return "waiting";
    case ProcessState::Stopped: return "stopped";
    case ProcessState::Zombie: return "zombie";
    case ProcessState::Other: return "other";
  }
  return "other";
}

std::optional<double> read_boot_time(int procfs) {
  // The line stands after one counter for every interrupt: hundreds on a large machine.
  const auto text = read_start(procfs, "stat", 256uz * 1024);
  const auto at = text.find("\nbtime ");
  if (at == text.npos) return std::nullopt;
  std::string_view rest = std::string_view(text).substr(at + 1);
  auto line = take_line(rest);
  take_field(line);
  std::uint64_t seconds = 0;
  if (!take_number(line, seconds)) return std::nullopt;
  return static_cast<double>(seconds);
}

Status ProcessWatch::look(const ProcFolder& procfs) {
  headless_groups_.clear();
  Status status;
  std::erase_if(members_, [&](WatchedProcess& member) {
    const auto looked = member.look(procfs);
    if (looked) return false;
    if (looked.error().code != Errc::NotFound) {
      status = looked;
      return false;
    }
    ended_user_ticks_ += member.stat().user_ticks;
    ended_system_ticks_ += member.stat().system_ticks;
    if (member.stat().info.process_group == member.pid()) headless_groups_.push_back(member.pid());
    return true;
  });
  return status;
}

void ProcessWatch::add(WatchedProcess process) {
  fresh_.push_back(process.identity());
  members_.push_back(std::move(process));
}

std::optional<WatchedProcess> ProcessWatch::take(pid_t pid) {
  const auto found = std::ranges::find(members_, pid, &WatchedProcess::pid);
  if (found == members_.end()) return std::nullopt;
  ended_user_ticks_ += found->stat().user_ticks;
  ended_system_ticks_ += found->stat().system_ticks;
  std::optional<WatchedProcess> taken(std::move(*found));
  members_.erase(found);
  return taken;
}

void ProcessWatch::finish() {
  const auto started_by_member = [this](const WatchedProcess& process) {
    return std::ranges::find(members_, process.stat().info.parent, &WatchedProcess::pid) !=
           members_.end();
  };
  for (const auto& identity : fresh_) {
    const auto* const process = find(identity.pid);
    if (process == nullptr || first_look_) continue;
    ++starts_;
    if (had_any_ && !started_by_member(*process)) ++restarts_;
  }
  fresh_.clear();
  first_look_ = false;
  had_any_ = had_any_ || !members_.empty();
}

WatchedProcess* ProcessWatch::find(pid_t pid) {
  const auto found = std::ranges::find(members_, pid, &WatchedProcess::pid);
  return found == members_.end() ? nullptr : &*found;
}

bool ProcessWatch::any_living() const {
  return std::ranges::any_of(members_, &WatchedProcess::living);
}

ProcessTotals ProcessWatch::totals(std::optional<double> boot_time_seconds,
                                   std::span<const pid_t> not_main) const {
  ProcessTotals totals;
  const bool up = any_living();
  totals.up = up ? 1 : 0;
  totals.count = 0;
  totals.starts = static_cast<double>(starts_);
  totals.restarts = static_cast<double>(restarts_);
  if (up) totals.resident_bytes = totals.threads = totals.open_fds = totals.max_fds = 0;
  auto user_ticks = ended_user_ticks_;
  auto system_ticks = ended_system_ticks_;
  std::optional<std::uint64_t> oldest;
  for (const auto& member : members_) {
    user_ticks += member.stat().user_ticks;
    system_ticks += member.stat().system_ticks;
    ++totals.by_state[static_cast<std::size_t>(process_state(member.stat().info.state))];
    if (!member.living()) continue;
    add_to(totals, member);
    const auto start = member.identity().start_ticks;
    if (std::ranges::find(not_main, member.pid()) == not_main.end())
      oldest = std::min(start, oldest.value_or(start));
  }
  if (user_ticks + system_ticks > 0 || up) {
    totals.user_seconds = ticks_to_seconds(user_ticks);
    totals.system_seconds = ticks_to_seconds(system_ticks);
  }
  if (oldest) totals.start_time_seconds = plus(boot_time_seconds, ticks_to_seconds(*oldest));
  return totals;
}

void ProcessWatch::add_to(ProcessTotals& totals, const WatchedProcess& process) const {
  ++*totals.count;
  *totals.resident_bytes += pages_to_bytes(process.stat().resident_pages);
  *totals.threads += static_cast<double>(process.stat().threads);
  totals.open_fds = plus(totals.open_fds, process.open_fds());
  totals.max_fds = plus(totals.max_fds, process.max_fds());
  if (process.open_fds() && process.max_fds() > 0)
    totals.worst_fd_ratio =
        std::max(totals.worst_fd_ratio.value_or(0), *process.open_fds() / *process.max_fds());
}

}  // namespace fieldmedic
