#include "remediator/reach/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <ranges>
#include <vector>

#include <fmt/core.h>

#include "common/file_descriptor.hpp"

namespace fieldmedic {

namespace {

using namespace std::string_view_literals;

constexpr int kMostDepth = 64;
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// Nothing at or below these.
constexpr std::array kSystemTrees{"/bin"sv,  "/boot"sv,  "/dev"sv,   "/etc"sv,
                                  "/lib"sv,  "/lib32"sv, "/lib64"sv, "/libx32"sv,
                                  "/proc"sv, "/sbin"sv,  "/sys"sv,   "/usr"sv};
// Not these themselves, nor (by rule) anything directly below /.
constexpr std::array kSharedFolders{
    "/var/lib"sv, "/var/log"sv,  "/var/cache"sv,   "/var/spool"sv, "/var/tmp"sv,
    "/var/run"sv, "/var/lock"sv, "/var/mail"sv,    "/var/local"sv, "/var/backups"sv,
    "/var/opt"sv, "/run/lock"sv, "/run/systemd"sv, "/run/user"sv};

std::vector<std::string> components_of(std::string_view path) {
  std::vector<std::string> components;
  for (const auto part : std::views::split(path, '/'))
    if (!part.empty()) components.emplace_back(part.begin(), part.end());
  return components;
}

Error error_of(int number, const std::string& name) {
  Errc code = Errc::Io;
  if (number == ENOENT) code = Errc::NotFound;
  if (number == EACCES || number == EPERM || number == EROFS) code = Errc::Denied;
  if (number == ELOOP || number == ENOTDIR)
    return {Errc::Conflict, fmt::format("{}: a symbolic link or no folder", name)};
  if (number == EXDEV || number == EBUSY)
    return {Errc::Conflict, fmt::format("{}: something is mounted inside", name)};
  return {code, fmt::format("{}: {}", name, std::strerror(number))};
}

Result<FolderIdentity> identity_of(int folder, const std::string& path) {
  struct stat seen{};
  if (fstat(folder, &seen) != 0) return fail(error_of(errno, path));
  return FolderIdentity{seen.st_dev, seen.st_ino};
}

struct Entry {
  std::string name;
  bool folder = false;
  bool file = false;  // a regular one
  std::uint64_t bytes = 0;
};

// A folder inside one that is open. A mount point is refused (EXDEV), also one that binds a folder
// of the same device.
FileDescriptor open_inner(int folder, const std::string& name) {
  open_how how{};
  how.flags = kFolderFlags;
  how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
  return FileDescriptor(
      static_cast<int>(syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how)));
}

using Directory = std::unique_ptr<DIR, decltype([](DIR* stream) { closedir(stream); })>;

// The names of one folder, read to its end before anything in it is removed. `room` bounds it.
Result<std::vector<Entry>> entries_of(int folder, std::size_t room, const std::string& path) {
  const int copy = openat(folder, ".", kFolderFlags);
  const Directory stream(copy < 0 ? nullptr : fdopendir(copy));
  if (!stream) return fail(error_of(errno, path));
  std::vector<Entry> entries;
  errno = 0;
  while (const dirent* found = readdir(stream.get())) {
    const std::string_view name(found->d_name);
    if (name == "." || name == "..") continue;
    struct stat seen{};
    if (fstatat(folder, found->d_name, &seen, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;
      return fail(error_of(errno, path));
    }
    if (entries.size() == room)
      return fail(Errc::TooLarge, fmt::format("{}: more than {} entries", path, kMostEntries));
    const bool file = S_ISREG(seen.st_mode);
    entries.push_back({std::string(name), S_ISDIR(seen.st_mode), file,
                       file ? static_cast<std::uint64_t>(seen.st_size) : 0});
    errno = 0;
  }
  if (errno != 0) return fail(error_of(errno, path));
  return entries;
}

// Goes through a tree, children before their folder. `visit` gets the open parent and the entry.
class Walk {
 public:
  using Visit = std::function<Status(int parent, const Entry& entry)>;
  Walk(std::string path, Visit visit) : path_(std::move(path)), visit_(std::move(visit)) {}

  // NOLINTNEXTLINE(misc-no-recursion): at most kMostDepth deep
  Status go(int folder, int depth) {
    if (depth > kMostDepth)
      return fail(Errc::TooLarge, fmt::format("{}: more than {} deep", path_, kMostDepth));
    const auto entries = entries_of(folder, kMostEntries - seen_, path_);
    if (!entries) return fail(entries.error());
    seen_ += entries->size();
    for (const Entry& entry : *entries) {
      if (entry.folder) {
        const FileDescriptor inner = open_inner(folder, entry.name);
        if (!inner) return fail(error_of(errno, path_));
        if (auto status = go(inner.get(), depth + 1); !status) return status;
      }
      if (auto status = visit_(folder, entry); !status) return status;
    }
    return {};
  }

 private:
  std::string path_;
  Visit visit_;
  std::size_t seen_ = 0;
};

Status may_go_on(const Waiter& until, const std::string& path) {
  switch (until.pause(std::chrono::milliseconds(0))) {
    case Waiter::Woke::Ready: return {};
    case Waiter::Woke::Deadline: return fail(Errc::Timeout, path + ": its time is over");
    case Waiter::Woke::Stopped: return fail(Errc::Cancelled, path + ": told to stop");
  }
  return {};
}

}  // namespace

Result<FileDescriptor> open_folder(const std::string& path) {
  FileDescriptor folder(::open("/", kFolderFlags));
  for (const std::string& name : components_of(path)) {
    if (!folder) break;
    folder = FileDescriptor(openat(folder.get(), name.c_str(), kFolderFlags));
  }
  if (!folder) return fail(error_of(errno, path));
  return folder;
}

Result<FolderEntry> open_place(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  auto folder = open_folder(path.substr(0, std::max<std::size_t>(slash, 1)));
  if (!folder) return fail(folder.error());
  return FolderEntry{std::move(*folder), path.substr(slash + 1)};
}

Status may_be_emptied(std::string_view path) {
  const auto refuse = [&](std::string_view why) {
    return fail(Errc::Invalid, fmt::format("'{}' cannot be cleared: {}", path, why));
  };
  if (!path.starts_with('/')) return refuse("it is not an absolute path");
  if (path.size() > 4095 || path.find('\0') != std::string_view::npos) return refuse("no path");
  const auto components = components_of(path);
  if (std::ranges::find(components, ".") != components.end() ||
      std::ranges::find(components, "..") != components.end())
    return refuse("it holds '.' or '..'");
  std::string clean;
  for (const std::string& component : components) clean += "/" + component;
  if (components.size() < 2) return refuse("it is a folder of the system");
  for (const std::string_view tree : kSystemTrees)
    if (clean == tree || clean.starts_with(std::string(tree) + "/"))
      return refuse(fmt::format("it lies in {}", tree));
  if (std::ranges::find(kSharedFolders, clean) != kSharedFolders.end())
    return refuse("it is a folder of the system");
  if (components.size() == 2 && components[0] == "home") return refuse("it is a home");
  return {};
}

Result<FolderSight> look_at_folder(const std::string& path) {
  const auto folder = open_folder(path);
  if (!folder) return fail(folder.error());
  const auto identity = identity_of(folder->get(), path);
  if (!identity) return fail(identity.error());
  FolderSight sight{*identity};
  Walk walk(path, [&](int, const Entry& entry) -> Status {
    ++sight.entries;
    sight.files += entry.file ? 1 : 0;
    sight.bytes += entry.bytes;
    return {};
  });
  if (auto status = walk.go(folder->get(), 0); !status) return fail(status.error());
  return sight;
}

Emptied empty_folder(const std::string& path, FolderIdentity expected, const Waiter& until) {
  Emptied emptied;
  const auto folder = open_folder(path);
  if (!folder) return {0, fail(folder.error())};
  const auto identity = identity_of(folder->get(), path);
  if (!identity) return {0, fail(identity.error())};
  if (*identity != expected)
    return {0, fail(Errc::Conflict, fmt::format("{}: another folder than the one seen", path))};
  Walk walk(path, [&](int parent, const Entry& entry) -> Status {
    if (auto status = may_go_on(until, path); !status) return status;
    if (unlinkat(parent, entry.name.c_str(), entry.folder ? AT_REMOVEDIR : 0) != 0 &&
        errno != ENOENT)
      return fail(error_of(errno, path));
    ++emptied.removed;
    return {};
  });
  emptied.status = walk.go(folder->get(), 0);
  return emptied;
}

}  // namespace fieldmedic
