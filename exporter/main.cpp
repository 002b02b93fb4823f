// fieldmedic-exporter: reads the command line and the configuration, runs until told to stop.
// Exit codes: 0 stopped as told, 1 cannot serve, 64 wrong command line, 78 the configuration is
// wrong (sysexits.h).
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

#include <malloc.h>

#include "common/clock.hpp"
#include "common/log.hpp"
#include "common/stop_signal.hpp"
#include "common/version.hpp"
#include "exporter/files/file_helper.hpp"
#include "exporter/options.hpp"
#include "exporter/program.hpp"

namespace fieldmedic {
namespace {

constexpr int kExitCannotServe = 1;
constexpr int kExitConfig = 78;

// A scrape frees what it takes, so one arena is enough; a second would only keep memory.
void keep_memory_small() {
  mallopt(M_ARENA_MAX, 1);
  constexpr int kTrimAbove = 256 * 1024;
  mallopt(M_TRIM_THRESHOLD, kTrimAbove);
}

void reload(Program& program) {
  if (auto reloaded = program.reload(); reloaded) {
    log::info("configuration read again");
  } else {
    log::error("configuration not changed: " + reloaded.error().message);
  }
}

int serve(Options options, Configuration configuration, const Clock& clock) {
  StopSignal signals;
  const auto address = options.listen_address;
  auto program = Program::start(std::move(options), std::move(configuration), clock);
  if (!program) {
    log::error(program.error().message);
    return kExitCannotServe;
  }
  log::info("fieldmedic-exporter " + std::string(kVersion) + " listening on " +
            address.substr(0, address.rfind(':') + 1) + std::to_string((*program)->port()));
  while (true) {
    switch (signals.wait(std::chrono::hours(1))) {
      case Signal::None: break;
      case Signal::Reload: reload(**program); break;
      case Signal::Stop: return 0;
    }
  }
}

int run(int argc, const char* const* argv) {
  static const SystemClock clock;  // the threads of modules that hang outlive this function
  auto parsed = parse_options(argc, argv);
  if (const auto* exit = std::get_if<ExitCode>(&parsed)) return exit->value;
  auto& options = std::get<Options>(parsed);
  log::set_level(options.log_level);
  auto configuration = read_configuration(options);
  if (!configuration) {
    std::cerr << configuration.error().message << '\n';
    return kExitConfig;
  }
  if (options.check_config) {
    for (const auto& file : {options.config_file, options.web_config_file}) {
      if (!file.empty()) std::cout << file.string() << ": OK\n";
    }
    return 0;
  }
  return serve(std::move(options), std::move(*configuration), clock);
}

}  // namespace
}  // namespace fieldmedic

int main(int argc, char** argv) {
  fieldmedic::keep_memory_small();
  if (argc == 2 && argv[1] == fieldmedic::kFileHelperFlag) fieldmedic::run_file_helper();
  const int code = fieldmedic::run(argc, argv);
  // Threads of modules that hang live on to the very end: nothing that they use may be taken down.
  std::cout.flush();
  std::_Exit(code);
}
