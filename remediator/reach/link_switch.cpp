#include "remediator/reach/link_switch.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include <fmt/core.h>
#include <stdio.h>

#include "remediator/reach/folder.hpp"

namespace fieldmedic {
namespace {

std::unexpected<Error> failed(const std::string& path) {
  Errc code = Errc::Io;
  if (errno == ENOENT) code = Errc::NotFound;
  if (errno == EACCES || errno == EPERM || errno == EROFS) code = Errc::Denied;
  if (errno == EINVAL) return fail(Errc::Conflict, fmt::format("{} is no symbolic link", path));
  return fail(code, fmt::format("{}: {}", path, std::strerror(errno)));
}

Result<std::string> target_of(int folder, const std::string& name, const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = readlinkat(folder, name.c_str(), target.data(), target.size());
  if (length < 0) return failed(path);
  return std::string(target.data(), static_cast<std::size_t>(length));
}

// What a crash of ours left there.
Status remove_own(int folder, const std::string& name, const std::string& path) {
  struct stat seen{};
  if (fstatat(folder, name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? Status{} : failed(path);
  if (!S_ISLNK(seen.st_mode))
    return fail(Errc::Conflict, fmt::format("{} beside {} is no link of ours", name, path));
  if (unlinkat(folder, name.c_str(), 0) != 0) return failed(path);
  return {};
}

}  // namespace

Result<std::string> read_link(const std::string& path) {
  const auto place = open_place(path);
  if (!place) return fail(place.error());
  return target_of(place->folder.get(), place->name, path);
}

Status switch_link(const std::string& path, const std::string& seen, const std::string& wanted) {
  const auto place = open_place(path);
  if (!place) return fail(place.error());
  const int folder = place->folder.get();
  const std::string own = "." + place->name + ".fieldmedic";
  if (auto status = remove_own(folder, own, path); !status) return status;
  if (symlinkat(wanted.c_str(), folder, own.c_str()) != 0) return failed(path);
  // An exchange, so that what was there is in our hands and can be put back: a rename over it would
  // have replaced whatever another had put there meanwhile.
  const auto exchange = [&] {
    return renameat2(folder, own.c_str(), folder, place->name.c_str(), RENAME_EXCHANGE) == 0;
  };
  if (!exchange()) {
    const auto why = failed(path);
    static_cast<void>(unlinkat(folder, own.c_str(), 0));
    return why;
  }
  const auto before = target_of(folder, own, path);
  if (!before || *before != seen) {
    if (!exchange()) return failed(path);
    static_cast<void>(unlinkat(folder, own.c_str(), 0));
    return fail(Errc::Conflict, before ? fmt::format("{} points to {} by now", path, *before)
                                       : before.error().message);
  }
  static_cast<void>(unlinkat(folder, own.c_str(), 0));
  if (fsync(folder) != 0) return failed(path);
  return {};
}

}  // namespace fieldmedic
