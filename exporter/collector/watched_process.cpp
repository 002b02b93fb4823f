#include "exporter/collector/watched_process.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

using PathText = std::array<char, 48>;

std::atomic<std::size_t> kept_descriptors = 0;  // of all modules: the limit is the process's

const char* path_of(PathText& path, pid_t pid, std::string_view file) {
  *fmt::format_to_n(path.data(), path.size() - 1, "{}/{}", pid, file).out = '\0';
  return path.data();
}

std::optional<double> list_fds(int procfs, const char* path) {
  FileDescriptor folder(openat(procfs, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return std::nullopt;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fdopendir(folder.get()), &closedir);
  if (entries == nullptr) return std::nullopt;
  folder.release();
  double count = 0;
  errno = 0;
  while (const dirent* entry = readdir(entries.get())) count += entry->d_name[0] == '.' ? 0 : 1;
  return errno == 0 ? std::optional(count) : std::nullopt;
}

// Linux 6.2 and later tell everybody the number as the size of the folder; before that the folder
// must be listed, which others than its user may do with CAP_DAC_READ_SEARCH only.
std::optional<double> count_fds(const ProcFolder& procfs, pid_t pid) {
  PathText path;
  struct stat status{};
  if (procfs.genuine && fstatat(procfs.descriptor, path_of(path, pid, "fd"), &status, 0) == 0 &&
      status.st_size > 0) {
    return static_cast<double>(status.st_size);
  }
  return list_fds(procfs.descriptor, path_of(path, pid, "fd"));
}

// Answers an errno, or 0. EOF at once is a process that was gone before a byte could be read.
int read_stat(int descriptor, std::string_view& text, std::array<char, 4096>& buffer) {
  const ssize_t got = pread(descriptor, buffer.data(), buffer.size(), 0);
  if (got < 0) return errno;
  text = {buffer.data(), static_cast<std::size_t>(got)};
  return got == 0 ? ESRCH : 0;
}

}  // namespace

ProcFolder inspect_procfs(int descriptor) {
  struct statfs seen{};
  return {descriptor, fstatfs(descriptor, &seen) == 0 && seen.f_type == PROC_SUPER_MAGIC};
}

WatchedProcess::WatchedProcess(const ProcFolder& procfs, ProcessFiles& files)
    : stat_(*files.stat()), open_fds_(count_fds(procfs, pid())) {
  look_at_limits(procfs);
  if (!procfs.genuine) return;
  if (kept_descriptors.fetch_add(1) < kMostKept) {
    PathText path;
    kept_ = FileDescriptor(
        openat(procfs.descriptor, path_of(path, pid(), "stat"), O_RDONLY | O_CLOEXEC));
  }
  if (!kept_) --kept_descriptors;
}

WatchedProcess::~WatchedProcess() {
  if (kept_) --kept_descriptors;
}

Status WatchedProcess::look(const ProcFolder& procfs) {
  std::array<char, 4096> buffer;
  std::string_view text;
  FileDescriptor opened;
  PathText path;
  if (!kept_) {
    opened = FileDescriptor(
        openat(procfs.descriptor, path_of(path, pid(), "stat"), O_RDONLY | O_CLOEXEC));
  }
  const int descriptor = kept_ ? kept_.get() : opened.get();
  const int error = descriptor < 0 ? errno : read_stat(descriptor, text, buffer);
  if (error == ESRCH || error == ENOENT) return fail(Errc::NotFound, "the process is gone");
  if (error != 0) {
    return fail(error == EACCES || error == EPERM ? Errc::Denied : Errc::Io,
                fmt::format("{}/stat: {}", pid(), std::strerror(error)));
  }
  auto stat = parse_process_stat_fields(text);
  if (!stat) return fail(std::move(stat.error()));
  if (stat->info.identity != identity()) return fail(Errc::NotFound, "its pid is another's now");
  renamed_ = stat->name != stat_.name;
  stat_ = std::move(*stat);
  open_fds_ = count_fds(procfs, pid());
  return {};
}

void WatchedProcess::look_at_limits(const ProcFolder& procfs) {
  PathText path;
  const FileDescriptor file(
      openat(procfs.descriptor, path_of(path, pid(), "limits"), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> buffer;
  const ssize_t got = file ? read(file.get(), buffer.data(), buffer.size()) : -1;
  max_fds_ = got > 0 ? parse_open_files_limit({buffer.data(), static_cast<std::size_t>(got)})
                     : std::nullopt;
}

std::optional<double> parse_open_files_limit(std::string_view limits) {
  constexpr std::string_view kName = "Max open files";
  while (!limits.empty()) {
    auto line = take_line(limits);
    if (!line.starts_with(kName)) continue;
    line.remove_prefix(kName.size());
    std::uint64_t soft = 0;
    if (!take_number(line, soft)) return std::nullopt;
    return static_cast<double>(soft);
  }
  return std::nullopt;
}

}  // namespace fieldmedic
