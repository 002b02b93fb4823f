#include "remediator/reach/ssh_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>
#include <libssh/libssh.h>

#include "common/private_file.hpp"

namespace fieldmedic {

namespace {

Status check_readable(const std::filesystem::path& file, struct stat& about) {
  const auto refuse = [&](std::string_view why) {
    return fail(Errc::Invalid, fmt::format("{}: {}", file.native(), why));
  };
  if (stat(file.c_str(), &about) != 0) return refuse(std::strerror(errno));
  if (!S_ISREG(about.st_mode)) return refuse("is no file");
  if (access(file.c_str(), R_OK) != 0) return refuse(std::strerror(errno));
  return {};
}

// Without it libssh would ask at the terminal.
int no_passphrase(const char*, char*, std::size_t, int, int, void*) {
  return -1;
}

}  // namespace

Status check_ssh_key(const std::filesystem::path& file) {
  struct stat about{};
  if (auto readable = check_readable(file, about); !readable) return readable;
  if (auto ours = check_private(file); !ours) return ours;
  ssh_key key = nullptr;
  const int read = ssh_pki_import_privkey_file(file.c_str(), nullptr, no_passphrase, nullptr, &key);
  ssh_key_free(key);
  if (read == SSH_OK) return {};
  return fail(Errc::Invalid,
              fmt::format("{}: holds no private key, or one with a passphrase", file.native()));
}

Status check_known_hosts(const std::filesystem::path& file) {
  struct stat about{};
  return check_readable(file, about);
}

}  // namespace fieldmedic
