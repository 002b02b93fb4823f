#include "common/secret.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "common/secret_text.hpp"
#include "common/unique_fd.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMaxSecret = 64 * 1024;

std::unexpected<Error> cannot_read(const std::filesystem::path& path, int error) {
  const Errc code = error == ENOENT || error == ENOTDIR ? Errc::NotFound
                    : error == EACCES || error == EPERM ? Errc::Denied
                                                        : Errc::Io;
  return fail(code, fmt::format("{}: {}", path.string(), std::strerror(error)));
}

}  // namespace

Result<Secret> read_secret_text(const std::filesystem::path& path) {
  // A FIFO that nobody writes to would keep whoever asks for ever.
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) return cannot_read(path, errno);
  std::string text(kMaxSecret + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxSecret) {
    return fail(Errc::TooLarge, fmt::format("{}: more than {} bytes", path.string(), kMaxSecret));
  }
  text.resize(size);
  return Secret(std::move(text));
}

Result<Secret> read_secret_file(const std::filesystem::path& path) {
  const auto all = read_secret_text(path);
  if (!all) return all;
  std::string line = all->reveal().substr(0, all->reveal().find('\n'));
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return fail(Errc::Invalid, fmt::format("{}: empty", path.string()));
  return Secret(std::move(line));
}

}  // namespace fieldmedic
