#include "remediator/options.hpp"

#include <map>

#include <CLI/CLI.hpp>

#include "common/version.hpp"

namespace fieldmedic {
namespace {

constexpr int kExitUsage = 64;  // sysexits.h

}  // namespace

std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app(
      "Receives alerts from Alertmanager and brings broken data collectors back: plans, acts, "
      "proves, tells.",
      "fieldmedic-remediator");
  app.set_version_flag("--version", std::string(kVersion));
  app.add_option("--config.file", options.config_file,
                 "remediator.yml: the fleet, the playbooks, who is told.")
      ->capture_default_str();
  app.add_option("--path.procfs", options.host.procfs, "Where the host's /proc is mounted.")
      ->capture_default_str();
  const std::map<std::string, log::Level> levels{{"debug", log::Level::Debug},
                                                 {"info", log::Level::Info},
                                                 {"warn", log::Level::Warn},
                                                 {"error", log::Level::Error}};
  app.add_option("--log.level", options.log_level, "debug, info, warn or error; default info.")
      ->transform(CLI::CheckedTransformer(levels, CLI::ignore_case));
  app.add_flag(
      "--check-config", options.check_config,
      "Read the configuration as at the start, say what is wrong with it, and end: 0, or 78.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {  // CLI11 says --help this way too
    return ExitCode{app.exit(e) == 0 ? 0 : kExitUsage};
  }
  return options;
}

}  // namespace fieldmedic
