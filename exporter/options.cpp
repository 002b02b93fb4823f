#include "exporter/options.hpp"

#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

#include "common/version.hpp"
#include "exporter/modules.hpp"

namespace fieldmedic {
namespace {

constexpr int kExitUsage = 64;  // sysexits.h

void add_host_flags(CLI::App& app, HostFlags& flags) {
  app.add_flag("--collector.disable-defaults", flags.disable_defaults,
               "Leave out every host module that is not named with --collector.NAME.");
  for (const auto name : host_module_names()) {
    const auto module = std::string(name);
    app.add_flag_callback("--collector." + module,
                          [&flags, module] { flags.enable.push_back(module); })
        ->group("Host modules");
    app.add_flag_callback("--no-collector." + module,
                          [&flags, module] { flags.disable.push_back(module); })
        ->group("Host modules");
  }
  for (const auto& flag : host_flags()) {
    app.add_option(std::string(flag.name), flags.*flag.value, std::string(flag.help));
  }
}

}  // namespace

std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Prometheus exporter for a host and the data collectors that run on it.",
               "fieldmedic-exporter");
  app.set_version_flag("--version", std::string(kVersion));
  app.add_option("--config.file", options.config_file,
                 "exporter.yml: collectors, filters, modules to leave out. Without it the host "
                 "modules run with their defaults.");
  app.add_option("--web.listen-address", options.listen_address,
                 "Address and port to serve on; port 0 takes a free one and logs it.")
      ->capture_default_str();
  app.add_option("--web.config.file", options.web_config_file,
                 "TLS and users, in Prometheus' web configuration format.");
  app.add_option(
      "--storage.path", options.storage_path,
      "Folder where positions in logs are kept over a restart; it must exist. Without it, "
      "and without storage.path in exporter.yml, logs are read from their ends on.");
  app.add_option("--path.procfs", options.host.procfs, "Where the host's /proc is mounted.")
      ->capture_default_str();
  app.add_option("--path.sysfs", options.host.sysfs, "Where the host's /sys is mounted.")
      ->capture_default_str();
  app.add_option("--path.rootfs", options.host.rootfs, "Where the host's / is mounted.")
      ->capture_default_str();
  add_host_flags(app, options.host_flags);
  const std::map<std::string, log::Level> levels{{"debug", log::Level::Debug},
                                                 {"info", log::Level::Info},
                                                 {"warn", log::Level::Warn},
                                                 {"error", log::Level::Error}};
  app.add_option("--log.level", options.log_level, "debug, info, warn or error; default info.")
      ->transform(CLI::CheckedTransformer(levels, CLI::ignore_case));
  app.add_flag("--check-config", options.check_config,
               "Read both files as at the start, say what is wrong with them, and end: 0, or 78.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {  // CLI11 says --help this way too
    return ExitCode{app.exit(e) == 0 ? 0 : kExitUsage};
  }
  if (const auto checked = check(options.host_flags); !checked) {
    std::cerr << checked.error().message << '\n';
    return ExitCode{kExitUsage};
  }
  return options;
}

}  // namespace fieldmedic
