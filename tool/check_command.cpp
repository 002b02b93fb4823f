#include "tool/check_command.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/core.h>

namespace fieldmedic::tool {

Error check_file(const CheckFile& command) {
  const std::string name = "fieldmedic-" + command.daemon;
  std::error_code error;
  std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / name;
  if (error || access(program.c_str(), X_OK) != 0) program = name;
  const std::string file = "--config.file=" + command.file.string();
  execlp(program.c_str(), name.c_str(), "--check-config", file.c_str(),
         static_cast<char*>(nullptr));
  return {Errc::Unavailable,
          fmt::format("{} is not beside this program and not in PATH ({}); check the file where "
                      "the daemon is installed",
                      name, std::strerror(errno))};
}

}  // namespace fieldmedic::tool
