#include "remediator/reach/file_replace.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <stdio.h>

#include "common/sha256.hpp"
#include "remediator/reach/folder.hpp"

namespace fieldmedic {
namespace {

std::unexpected<Error> failed(const std::string& path) {
  Errc code = Errc::Io;
  if (errno == ENOENT) code = Errc::NotFound;
  if (errno == EACCES || errno == EPERM || errno == EROFS) code = Errc::Denied;
  if (errno == ELOOP || errno == EEXIST) code = Errc::Conflict;
  return fail(code, fmt::format("{}: {}", path, std::strerror(errno)));
}

Result<FileVersion> read_open(int file, const std::string& path) {
  struct stat seen{};
  if (fstat(file, &seen) != 0) return failed(path);
  if (!S_ISREG(seen.st_mode)) return fail(Errc::Conflict, path + ": no regular file");
  FileVersion version;
  std::array<char, 65536> buffer{};
  for (ssize_t got = 0; (got = read(file, buffer.data(), buffer.size())) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path);
    version.content.append(buffer.data(), static_cast<std::size_t>(got));
    if (version.content.size() > kLargestReplaced)
      return fail(Errc::TooLarge, fmt::format("{}: more than {} bytes", path, kLargestReplaced));
  }
  version.sha256 = sha256_of(version.content);
  return version;
}

Result<FileVersion> read_at(int folder, const std::string& name, const std::string& path) {
  const FileDescriptor file(
      openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file) return failed(path);
  return read_open(file.get(), path);
}

Status write_all(int file, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t put = write(file, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed(path);
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

// The new version under a name of ours beside the file, on disk, with the owner and mode of `like`.
Status write_own(int folder, const std::string& own, const struct stat& like,
                 const Replacement& replacement) {
  static_cast<void>(unlinkat(folder, own.c_str(), 0));  // left by a crash of ours
  const FileDescriptor file(
      openat(folder, own.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return failed(replacement.path);
  if (auto written = write_all(file.get(), replacement.version.content, replacement.path); !written)
    return written;
  const bool same_owner = like.st_uid == geteuid() && like.st_gid == getegid();
  if (!same_owner && fchown(file.get(), like.st_uid, like.st_gid) != 0)
    return failed(replacement.path);
  if (fchmod(file.get(), like.st_mode & 07777) != 0 || fsync(file.get()) != 0)
    return failed(replacement.path);
  return {};
}

// Exchanged rather than renamed over, so that what was there is in our hands until it is known to
// be what was seen.
Status exchange(const FolderEntry& place, const std::string& own, const Replacement& replacement) {
  const int folder = place.folder.get();
  const auto swap = [&] {
    return renameat2(folder, own.c_str(), folder, place.name.c_str(), RENAME_EXCHANGE) == 0;
  };
  // Kept before it is replaced: a crash in between loses nothing.
  const bool linked = linkat(folder, place.name.c_str(), folder, replacement.keep.c_str(), 0) == 0;
  if (!linked && errno != EEXIST) return failed(replacement.path);
  if (!swap()) return failed(replacement.path);
  const auto before = read_at(folder, own, replacement.path);
  const auto kept = read_at(folder, replacement.keep, replacement.keep);
  if (before && kept && before->sha256 == replacement.seen && kept->sha256 == replacement.seen)
    return {};
  if (!swap()) return failed(replacement.path);
  if (linked) static_cast<void>(unlinkat(folder, replacement.keep.c_str(), 0));
  return fail(Errc::Conflict, replacement.path + " is another version by now");
}

}  // namespace

Result<FileVersion> read_version(const std::string& path) {
  const auto place = open_place(path);
  if (!place) return fail(place.error());
  return read_at(place->folder.get(), place->name, path);
}

Status replace_file(const Replacement& replacement) {
  const auto place = open_place(replacement.path);
  if (!place) return fail(place.error());
  const int folder = place->folder.get();
  const std::string own = "." + place->name + ".fieldmedic";
  struct stat like{};
  if (fstatat(folder, place->name.c_str(), &like, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno != ENOENT || !replacement.seen.empty()) return failed(replacement.path);
    like.st_uid = geteuid();
    like.st_gid = getegid();
    like.st_mode = 0644;
  }
  Status done = write_own(folder, own, like, replacement);
  if (done && !replacement.seen.empty()) done = exchange(*place, own, replacement);
  if (done && replacement.seen.empty() &&
      renameat2(folder, own.c_str(), folder, place->name.c_str(), RENAME_NOREPLACE) != 0)
    done = failed(replacement.path);
  static_cast<void>(unlinkat(folder, own.c_str(), 0));
  if (!done) return done;
  if (fsync(folder) != 0) return failed(replacement.path);
  return {};
}

}  // namespace fieldmedic
