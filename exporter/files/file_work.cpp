#include "exporter/files/file_work.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "common/file_descriptor.hpp"
#include "exporter/files/followed_files.hpp"

namespace fieldmedic {
namespace {

constexpr int kMostEntries = 100'000;  // of a folder that is looked through
constexpr std::size_t kChunk = 64UL * 1024;
constexpr std::size_t kProbeBytes = 4096;
constexpr const char* kProbeName = ".fieldmedic-sync-probe";

FileOutcome failed(int error) {
  return {.error = error, .answer = {}};
}

FileStat describe(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0)),
          .links = status.st_nlink,
          .modified = WallTime(std::chrono::seconds(status.st_mtim.tv_sec) +
                               std::chrono::milliseconds(status.st_mtim.tv_nsec / 1'000'000)),
          .regular = S_ISREG(status.st_mode)};
}

FileOutcome look_at_space(const std::string& path) {
  struct statfs found{};
  if (statfs(path.c_str(), &found) != 0) return failed(errno);
  FileOutcome outcome;
  outcome.answer.space = {.block_size = static_cast<std::uint64_t>(found.f_bsize),
                          .blocks = found.f_blocks,
                          .free_blocks = found.f_bfree,
                          .available_blocks = found.f_bavail,
                          .files = found.f_files,
                          .free_files = found.f_ffree,
                          .read_only = (found.f_flags & ST_RDONLY) != 0};
  return outcome;
}

FileOutcome look_at_file(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return failed(errno);
  FileOutcome outcome;
  outcome.answer.stat = describe(status);
  return outcome;
}

// An open regular file, or why there is none. Opening a device may do something (a watchdog starts,
// a tape winds back), so what it is comes first; a FIFO put there meanwhile must not hold us.
struct Opened {
  FileDescriptor file;
  FileOutcome outcome;
};

Opened open_regular(const std::string& path) {
  auto before = look_at_file(path);
  if (before.error != 0) return {{}, std::move(before)};
  if (!before.answer.stat.regular) return {{}, failed(kNotRegular)};
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status{};
  if (!file || fstat(file.get(), &status) != 0) return {{}, failed(errno)};
  if (!S_ISREG(status.st_mode)) return {{}, failed(kNotRegular)};
  before.answer.stat = describe(status);
  return {std::move(file), std::move(before)};
}

// Up to `wanted` bytes; fewer at the end of the file. 0 or errno.
int read_at(int file, std::uint64_t offset, std::size_t wanted, std::string& bytes) {
  bytes.resize(wanted);
  std::size_t length = 0;
  while (length < wanted) {
    const ssize_t got =
        pread(file, bytes.data() + length, wanted - length, static_cast<off_t>(offset + length));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  bytes.resize(length);
  return 0;
}

FileOutcome read_range(const FileRequest& request) {
  auto [file, outcome] = open_regular(request.path);
  if (!file) return std::move(outcome);
  outcome.error = read_at(file.get(), request.offset, request.bytes, outcome.answer.bytes);
  return std::move(outcome);
}

FollowedFiles& followed_files() {
  static FollowedFiles files;  // the helper's own
  return files;
}

FileOutcome read_followed(const FileRequest& request) {
  FollowedFiles::Id id{request.device, request.inode};
  auto file = followed_files().find(id);
  if (!file) {
    auto [opened, outcome] = open_regular(request.path);
    if (!opened) return std::move(outcome);
    const FollowedFiles::Id found{outcome.answer.stat.device, outcome.answer.stat.inode};
    if (id != FollowedFiles::Id{} && id != found) return failed(ENOENT);
    file = std::make_shared<const FileDescriptor>(std::move(opened));
    followed_files().keep(found, file);
  }
  struct stat status{};
  if (fstat(file->get(), &status) != 0) return failed(errno);
  FileOutcome outcome;
  outcome.answer.stat = describe(status);
  outcome.error = read_at(file->get(), request.offset, request.bytes, outcome.answer.bytes);
  return outcome;
}

FileOutcome forget_followed(const FileRequest& request) {
  followed_files().forget({request.device, request.inode});
  return {};
}

FileOutcome find_in_folder(const FileRequest& request) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(request.path.c_str()), &closedir);
  if (!folder) return failed(errno);
  errno = 0;
  int seen = 0;
  while (const dirent* entry = readdir(folder.get())) {
    if (++seen > kMostEntries) return failed(E2BIG);
    if (entry->d_ino != request.inode) continue;
    // The number alone may be that of a mount point, or of another layer of an overlay.
    struct stat status{};
    if (fstatat(dirfd(folder.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (status.st_dev != request.device || status.st_ino != request.inode) continue;
    FileOutcome outcome;
    outcome.answer.stat = describe(status);
    outcome.answer.bytes = entry->d_name;
    return outcome;
  }
  return failed(errno == 0 ? ENOENT : errno);
}

FileOutcome list_folder(const FileRequest& request) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(request.path.c_str()), &closedir);
  if (!folder) return failed(errno);
  FileOutcome outcome;
  auto& names = outcome.answer.bytes;
  errno = 0;
  std::uint64_t seen = 0;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || seen++ < request.offset) continue;
    if (names.size() + name.size() + 1 > kMostReadBytes) return outcome;
    names.append(name).push_back('\0');
  }
  outcome.error = errno;
  return outcome;
}

FileOutcome digest(const std::string& path) {
  auto [file, outcome] = open_regular(path);
  if (!file) return std::move(outcome);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> hash(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (!hash || EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) != 1) return failed(ENOMEM);
  std::string chunk;
  std::uint64_t offset = 0;
  do {
    if (const int error = read_at(file.get(), offset, kChunk, chunk)) return failed(error);
    offset += chunk.size();
    if (offset > kMostDigestBytes) return failed(kTooMuch);
    if (EVP_DigestUpdate(hash.get(), chunk.data(), chunk.size()) != 1) return failed(ENOMEM);
  } while (chunk.size() == kChunk);
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (EVP_DigestFinal_ex(hash.get(), sum, &length) != 1) return failed(ENOMEM);
  for (unsigned int i = 0; i < length; ++i) outcome.answer.bytes += fmt::format("{:02x}", sum[i]);
  return std::move(outcome);
}

// The file must be ours alone: somebody else's link in a folder that others may write to would
// let us overwrite what it points at.
bool is_own_file(int file) {
  struct stat status{};
  return fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1 &&
         status.st_uid == geteuid();
}

FileOutcome sync_probe(const std::string& path, const Clock& clock) {
  const FileDescriptor folder(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return failed(errno);
  const FileDescriptor file(openat(folder.get(), kProbeName,
                                   O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file) return failed(errno);
  if (!is_own_file(file.get())) return failed(EPERM);
  const std::string content(kProbeBytes, 'f');
  FileOutcome outcome;
  const auto begun = clock.steady();
  const ssize_t wrote = pwrite(file.get(), content.data(), content.size(), 0);
  if (wrote < 0 || fsync(file.get()) != 0) outcome.error = errno;
  outcome.answer.took = clock.steady() - begun;
  if (outcome.error == 0 && wrote != static_cast<ssize_t>(content.size())) outcome.error = ENOSPC;
  unlinkat(folder.get(), kProbeName, 0);
  return outcome;
}

}  // namespace

FileOutcome perform(const FileRequest& request, const Clock& clock) {
  switch (request.verb) {
    case FileVerb::Statfs: return look_at_space(request.path);
    case FileVerb::Stat: return look_at_file(request.path);
    case FileVerb::Read: return read_range(request);
    case FileVerb::Follow: return read_followed(request);
    case FileVerb::Forget: return forget_followed(request);
    case FileVerb::Find: return find_in_folder(request);
    case FileVerb::List: return list_folder(request);
    case FileVerb::Digest: return digest(request.path);
    case FileVerb::SyncProbe: return sync_probe(request.path, clock);
  }
  return failed(kBadRequest);
}

}  // namespace fieldmedic
