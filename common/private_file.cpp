#include "common/private_file.hpp"

#include <sys/stat.h>

#include <fmt/core.h>

namespace fieldmedic {

Status check_private(const std::filesystem::path& file) {
  struct stat about{};
  if (stat(file.c_str(), &about) != 0 || (about.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return fail(Errc::Invalid,
              fmt::format("{}: others than its owner may use it; chmod 600", file.native()));
}

}  // namespace fieldmedic
