#include "exporter/collector/log_tail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kRemembered = 64;
constexpr std::size_t kChunk = 16uz * 1024;

std::unexpected<Error> failed(const std::filesystem::path& path) {
  const auto code = errno == EACCES || errno == EPERM ? Errc::Denied : Errc::Io;
  return fail(code, fmt::format("{}: {}", path.native(), std::strerror(errno)));
}

WallTime modification_time(const struct stat& status) {
  return WallTime(std::chrono::seconds(status.st_mtim.tv_sec) +
                  std::chrono::milliseconds(status.st_mtim.tv_nsec / 1'000'000));
}

}  // namespace

Result<TailProgress> LogTail::read(const LineSink& sink) {
  std::size_t budget = limits_.bytes_per_read;
  TailProgress progress;
  // Twice at most: the rest of a renamed file, then the new one.
  for (int files = 0; files < 2; ++files) {
    if (!file_) {
      const auto opened = open();
      if (!opened) return fail(opened.error());
      if (!*opened) return progress;
    }
    // Before reading: what is written until then belongs to the open file and is not missed.
    const auto here = look_at_path();
    if (!here) return fail(here.error());
    if (auto status = restart_if_truncated(); !status) return fail(status.error());
    if (auto status = read_on(budget, sink); !status) return fail(status.error());
    progress.bytes = limits_.bytes_per_read - budget;

    struct stat status{};
    if (fstat(file_.get(), &status) != 0) return failed(path_);
    if (status.st_size > 0) progress.wrote_at = modification_time(status);
    // A renamed file without a successor may still be written to; a deleted one holds disk space.
    const bool left = *here == Here::Other || (*here == Here::Missing && status.st_nlink == 0);
    if (!left || budget == 0) return progress;
    if (!line_.empty()) end_line(sink);
    file_ = FileDescriptor();
  }
  return progress;
}

Result<bool> LogTail::open() {
  // Non-blocking: a FIFO in place of the file must not hold us.
  FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  const bool first_look = !std::exchange(looked_before_, true);
  if (!file && (errno == ENOENT || errno == ENOTDIR)) return false;
  struct stat status{};
  if (!file || fstat(file.get(), &status) != 0) {
    looked_before_ = !first_look;  // it may have been there all the time
    return failed(path_);
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(Errc::Invalid, fmt::format("{}: no regular file", path_.native()));
  }
  start_at(0);
  const auto wanted = static_cast<off_t>(limits_.first_bytes);
  if (first_look && status.st_size > wanted) {
    start_at(status.st_size - wanted);
    char before = 0;
    if (pread(file.get(), &before, 1, offset_ - 1) != 1) return failed(path_);
    skip_line_ = before != '\n';
  }
  file_ = std::move(file);
  return true;
}

Result<LogTail::Here> LogTail::look_at_path() const {
  struct stat open_file{};
  struct stat at_path{};
  if (fstat(file_.get(), &open_file) != 0) return failed(path_);
  if (::stat(path_.c_str(), &at_path) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return Here::Missing;
    return failed(path_);
  }
  const bool same = open_file.st_dev == at_path.st_dev && open_file.st_ino == at_path.st_ino;
  return same ? Here::Same : Here::Other;
}

Status LogTail::restart_if_truncated() {
  struct stat status{};
  if (fstat(file_.get(), &status) != 0) return failed(path_);
  std::array<char, kRemembered> found{};
  const auto length = last_bytes_.size();
  const ssize_t got =
      pread(file_.get(), found.data(), length, offset_ - static_cast<off_t>(length));
  if (got < 0) return failed(path_);
  const bool unchanged =
      std::string_view(found.data(), static_cast<std::size_t>(got)) == last_bytes_;
  if (status.st_size < offset_ || !unchanged) start_at(0);
  return {};
}

Status LogTail::read_on(std::size_t& budget, const LineSink& sink) {
  std::array<char, kChunk> buffer;
  while (budget > 0) {
    const auto wanted = std::min(budget, buffer.size());
    const ssize_t got = pread(file_.get(), buffer.data(), wanted, offset_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path_);
    if (got == 0) return {};
    const std::string_view chunk(buffer.data(), static_cast<std::size_t>(got));
    offset_ += got;
    budget -= chunk.size();
    remember(chunk);
    take(chunk, sink);
  }
  return {};
}

void LogTail::take(std::string_view chunk, const LineSink& sink) {
  for (auto end = chunk.find('\n'); end != chunk.npos; end = chunk.find('\n')) {
    add_to_line(chunk.substr(0, end));
    end_line(sink);
    chunk.remove_prefix(end + 1);
  }
  add_to_line(chunk);
}

void LogTail::add_to_line(std::string_view part) {
  if (skip_line_) return;
  line_.append(part.substr(0, limits_.line_bytes - line_.size()));
}

void LogTail::end_line(const LineSink& sink) {
  if (!skip_line_) {
    if (line_.ends_with('\r')) line_.pop_back();
    sink(line_);
  }
  line_.clear();
  skip_line_ = false;
}

void LogTail::remember(std::string_view chunk) {
  last_bytes_.append(chunk.substr(chunk.size() - std::min(chunk.size(), kRemembered)));
  if (last_bytes_.size() > kRemembered) last_bytes_.erase(0, last_bytes_.size() - kRemembered);
}

void LogTail::start_at(off_t offset) {
  offset_ = offset;
  line_.clear();
  skip_line_ = false;
  last_bytes_.clear();
}

}  // namespace fieldmedic
