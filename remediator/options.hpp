// The command line of fieldmedic-remediator.
#pragma once

#include <filesystem>
#include <variant>

#include "common/host_root.hpp"
#include "common/log.hpp"

namespace fieldmedic {

struct Options {
  std::filesystem::path config_file = "/etc/fieldmedic/remediator.yml";
  HostRoot host;
  log::Level log_level = log::Level::Info;
  bool check_config = false;
};

struct ExitCode {
  int value = 0;
};

// Prints --help, --version or what is wrong itself, and then says how to exit.
[[nodiscard]] std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv);

}  // namespace fieldmedic
