#include "remediator/actions/clean_path.hpp"

#include <string>

#include <fmt/core.h>

namespace fieldmedic {

namespace {

constexpr std::size_t kLongestPath = 4'000;

}  // namespace

Status check_clean_path(std::string_view key, std::string_view path) {
  const bool plain = path.starts_with('/') && !path.ends_with('/') &&
                     path.find("//") == std::string_view::npos && path.size() <= kLongestPath &&
                     (std::string(path) + "/").find("/./") == std::string::npos &&
                     (std::string(path) + "/").find("/../") == std::string::npos;
  if (plain && path.rfind('/') != 0) return {};
  return fail(Errc::Invalid,
              fmt::format("'{}' wants an absolute path below a folder, without '.', '..' or '/' at "
                          "its end",
                          key));
}

}  // namespace fieldmedic
