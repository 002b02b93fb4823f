// The command line of fieldmedic-exporter.
#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include "common/host_root.hpp"
#include "common/log.hpp"
#include "exporter/host_flags.hpp"

namespace fieldmedic {

struct Options {
  std::filesystem::path config_file;      // empty: none, the defaults serve
  std::filesystem::path web_config_file;  // empty: no TLS, no users
  std::string listen_address = "127.0.0.1:9987";
  std::filesystem::path storage_path;  // empty: that of the configuration, if it names one
  HostRoot host;
  HostFlags host_flags;
  log::Level log_level = log::Level::Info;
  bool check_config = false;
};

struct ExitCode {
  int value = 0;
};

// Prints --help, --version or what is wrong itself, and then says how to exit.
[[nodiscard]] std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv);

}  // namespace fieldmedic
