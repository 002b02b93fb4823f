#include "common/process_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kMostCommandLine = 256uz * 1024;
constexpr std::size_t kMostCgroup = 64uz * 1024;
constexpr std::size_t kMostEnvironment = 4uz * 1024 * 1024;
constexpr std::uint64_t kKernelThreadFlag = 0x00200000;  // PF_KTHREAD in the kernel's sched.h

// "PID/file" without an allocation.
struct EntryName {
  EntryName(pid_t pid, std::string_view file) {
    char* at = std::to_chars(text.data(), text.data() + 16, pid).ptr;
    *at++ = '/';
    std::memcpy(at, file.data(), file.size());
    at[file.size()] = '\0';
  }
  std::array<char, 32> text{};
};

std::unexpected<Error> failed(int error, const EntryName& name) {
  const auto code = [&] {
    switch (error) {
      case ENOENT:
      case ESRCH: return Errc::NotFound;
      case EACCES:
      case EPERM: return Errc::Denied;
      default: return Errc::Io;
    }
  }();
  return fail(code, fmt::format("{}: {}", name.text.data(), std::strerror(error)));
}

Result<std::string> read_entry(int procfs, const EntryName& name, std::size_t most) {
  const FileDescriptor file(openat(procfs, name.text.data(), O_RDONLY | O_CLOEXEC));
  if (!file) return failed(errno, name);
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() < most) {
    const ssize_t got = read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(errno, name);
    if (got == 0) break;
    text.append(buffer.data(), std::min(static_cast<std::size_t>(got), most - text.size()));
  }
  return text;
}

// Fields 3 to 24 of stat, counted as proc(5) does; false when there are fewer or one is no number.
bool read_fields(std::string_view text, std::array<std::int64_t, 25>& fields) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t number = 4; number < fields.size(); ++number) {
    while (at != end && *at == ' ') ++at;
    const auto [next, error] = std::from_chars(at, end, fields[number]);
    if (error == std::errc::result_out_of_range) {
      fields[number] = INT64_MAX;  // signal masks and limits may use all 64 bits; none is ours
    } else if (error != std::errc{}) {
      return false;
    }
    at = next;
  }
  // A number that the end of the text cut short would be wrong without looking so.
  return at != end && (*at == ' ' || *at == '\n');
}

}  // namespace

bool ProcessStat::living_program() const {
  return !kernel_thread && info.state != 'Z' && info.state != 'X' && info.state != 'x';
}

Result<ProcessStat> parse_process_stat_fields(std::string_view text) {
  // The name may hold anything, ") (" and newlines too; what follows it holds no parenthesis.
  const auto open = text.find(" (");
  const auto close = text.rfind(") ");
  std::array<std::int64_t, 25> fields{};
  ProcessStat stat;
  const char* const pid_end = text.data() + std::min(open, text.size());
  if (open == text.npos || close == text.npos || close < open || close + 4 > text.size() ||
      std::from_chars(text.begin(), pid_end, stat.info.identity.pid).ptr != pid_end ||
      !read_fields(text.substr(close + 3), fields)) {
    return fail(Errc::Malformed, "stat of a process: fields are missing or no numbers");
  }
  stat.name = text.substr(open + 2, close - open - 2);
  stat.info.state = text[close + 2];
  stat.info.parent = static_cast<pid_t>(fields[4]);
  stat.info.process_group = static_cast<pid_t>(fields[5]);
  stat.info.session = static_cast<pid_t>(fields[6]);
  stat.kernel_thread = (static_cast<std::uint64_t>(fields[9]) & kKernelThreadFlag) != 0;
  stat.user_ticks = static_cast<std::uint64_t>(fields[14]);
  stat.system_ticks = static_cast<std::uint64_t>(fields[15]);
  stat.threads = fields[20];
  stat.info.identity.start_ticks = static_cast<std::uint64_t>(fields[22]);
  stat.resident_pages = fields[24];
  return stat;
}

Result<FileDescriptor> open_procfs(const std::filesystem::path& procfs) {
  FileDescriptor folder(open(procfs.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return fail(Errc::Io, fmt::format("{}: {}", procfs.native(), std::strerror(errno)));
  return folder;
}

Result<std::vector<pid_t>> list_pids(int procfs) {
  // A descriptor of its own: reading moves the position that duplicates would share.
  FileDescriptor copy(openat(procfs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!copy) return fail(Errc::Io, fmt::format("list processes: {}", std::strerror(errno)));
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(fdopendir(copy.get()), &closedir);
  if (!folder) return fail(Errc::Io, fmt::format("list processes: {}", std::strerror(errno)));
  copy.release();
  std::vector<pid_t> pids;
  errno = 0;
  while (const dirent* entry = readdir(folder.get())) {
    pid_t pid = 0;
    const char* const end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, pid).ptr == end && pid > 0) pids.push_back(pid);
  }
  if (errno != 0) return fail(Errc::Io, fmt::format("list processes: {}", std::strerror(errno)));
  if (pids.empty()) return fail(Errc::Io, "list processes: the folder shows none, not even us");
  return pids;
}

bool hides_processes(int procfs) {
  struct statfs seen{};
  if (fstatfs(procfs, &seen) != 0 || seen.f_type != PROC_SUPER_MAGIC) return false;
  return faccessat(procfs, "1", F_OK, 0) != 0 && errno == ENOENT;
}

const Result<ProcessStat>& ProcessFiles::stat() {
  if (!stat_) {
    const auto text = read_entry(procfs_, EntryName(pid_, "stat"), 4096);
    stat_ = text ? parse_process_stat_fields(*text) : fail(text.error());
  }
  return *stat_;
}

const Result<std::string>& ProcessFiles::executable() {
  if (executable_) return *executable_;
  const EntryName name(pid_, "exe");
  std::array<char, 4096> buffer{};
  const ssize_t length = readlinkat(procfs_, name.text.data(), buffer.data(), buffer.size());
  if (length < 0) {
    executable_ = failed(errno, name);
    return *executable_;
  }
  std::string_view target(buffer.data(), static_cast<std::size_t>(length));
  constexpr std::string_view kDeleted = " (deleted)";  // replaced on disk while it runs
  if (target.ends_with(kDeleted)) target.remove_suffix(kDeleted.size());
  executable_ = std::string(target);
  return *executable_;
}

const Result<std::string>& ProcessFiles::command_line() {
  if (!command_line_) {
    command_line_ = read_entry(procfs_, EntryName(pid_, "cmdline"), kMostCommandLine);
  }
  return *command_line_;
}

const Result<std::string>& ProcessFiles::cgroup() {
  if (!cgroup_) cgroup_ = read_entry(procfs_, EntryName(pid_, "cgroup"), kMostCgroup);
  return *cgroup_;
}

Result<std::string> ProcessFiles::environment() const {
  return read_entry(procfs_, EntryName(pid_, "environ"), kMostEnvironment);
}

std::vector<std::string> split_command_line(std::string_view command_line) {
  std::vector<std::string> argv;
  while (!command_line.empty()) {
    const auto end = std::min(command_line.find('\0'), command_line.size());
    argv.emplace_back(command_line.substr(0, end));
    command_line.remove_prefix(std::min(end + 1, command_line.size()));
  }
  return argv;
}

}  // namespace fieldmedic
