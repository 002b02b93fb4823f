#include "exporter/collector/state_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

constexpr const char* kFile = "state.json";
constexpr const char* kNewFile = "state.json.new";
constexpr const char* kLockFile = "lock";
constexpr std::size_t kMostBytes = 16uz * 1024 * 1024 + 1;

std::unexpected<Error> failed(const std::filesystem::path& path, std::string_view doing) {
  const int number = errno;
  auto code = Errc::Io;
  if (number == ENOENT || number == ENOTDIR) code = Errc::NotFound;
  if (number == EACCES || number == EPERM || number == EROFS) code = Errc::Denied;
  if (number == ENOSPC || number == EDQUOT) code = Errc::Full;
  return fail(code, fmt::format("{} {}: {}", doing, path.native(), std::strerror(number)));
}

// Empty optional: there is none.
Result<std::optional<std::string>> read_file(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) return failed(path, "open");
  std::string content;
  std::string chunk(64uz * 1024, '\0');
  while (content.size() < kMostBytes) {
    const ssize_t got = ::read(file.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path, "read");
    if (got == 0) break;
    content.append(chunk, 0, static_cast<std::size_t>(got));
  }
  return content;
}

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t wrote = ::write(file, content.data(), content.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<StateStore>> StateStore::open(std::filesystem::path folder) {
  auto store = std::make_unique<StateStore>();
  const auto lock = folder / kLockFile;
  store->lock_ =
      FileDescriptor(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!store->lock_) return failed(lock, "open");
  if (flock(store->lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed(lock, "lock");
    return fail(Errc::Conflict,
                fmt::format("{}: another exporter keeps its state here", folder.native()));
  }
  auto content = read_file(folder / kFile);
  if (!content) return fail(std::move(content.error()));
  if (const auto& text = *content) {
    if (auto states = decode_states(*text)) {
      store->states_ = std::move(*states);
    } else {
      store->damage_ = fmt::format("{}: {}", (folder / kFile).native(), states.error().message);
    }
  }
  store->folder_ = std::move(folder);
  return store;
}

std::optional<StreamState> StateStore::get(std::string_view stream) const {
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(stream);
  return found == states_.end() ? std::nullopt : std::optional(found->second);
}

void StateStore::put(std::string_view stream, StreamState state) {
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(stream);
  if (found != states_.end() && found->second == state) return;
  states_.insert_or_assign(std::string(stream), std::move(state));
  dirty_ = true;
}

Status StateStore::save() {
  const std::lock_guard lock(mutex_);
  if (!dirty_ || folder_.empty()) return {};
  auto status = write(encode_states(states_));
  dirty_ = !status;
  return status;
}

Status StateStore::write(const std::string& content) const {
  const auto fresh = folder_ / kNewFile;
  const FileDescriptor file(::open(
      fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file) return failed(fresh, "open");
  if (!write_all(file.get(), content)) return failed(fresh, "write");
  if (fsync(file.get()) != 0) return failed(fresh, "sync");
  if (::rename(fresh.c_str(), (folder_ / kFile).c_str()) != 0) return failed(fresh, "rename");
  return {};
}

}  // namespace fieldmedic
