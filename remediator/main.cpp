// fieldmedic-remediator: reads the command line and the configuration, runs until told to stop.
// Exit codes (sysexits.h): 0 stopped as told, 1 cannot serve, 64 wrong command line, 74 the journal
// broke, 78 the configuration is wrong.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

#include <malloc.h>

#include "common/log.hpp"
#include "common/stop_signal.hpp"
#include "common/version.hpp"
#include "remediator/options.hpp"
#include "remediator/program.hpp"
#include "remediator/reach/dead_man.hpp"
#include "remediator/reach/zookeeper_helper.hpp"

namespace fieldmedic {
namespace {

constexpr int kExitCannotServe = 1;
constexpr int kExitJournal = 74;
constexpr int kExitConfig = 78;
// How long what runs may take to stop; systemd's TimeoutStopSec is far longer.
constexpr std::chrono::seconds kPatience{10};

// Dozens of threads, few at work: two arenas serve them, more would only keep memory.
void keep_memory_small() {
  mallopt(M_ARENA_MAX, 2);
  constexpr int kTrimAbove = 256 * 1024;
  mallopt(M_TRIM_THRESHOLD, kTrimAbove);
}

void reload(Program& program) {
  if (auto reloaded = program.reload(); reloaded)
    log::info("configuration read again");
  else
    log::error("configuration not changed:\n" + reloaded.error().message);
}

int serve(Options options, std::shared_ptr<const RemediatorConfig> config, Outside& outside,
          StopSignal& signals) {
  const std::string address = config->listen;
  auto program = Program::start(std::move(options), std::move(config), outside);
  if (!program) {
    log::error(program.error().message);
    return kExitCannotServe;
  }
  log::info("fieldmedic-remediator " + std::string(kVersion) + " listening on " +
            address.substr(0, address.rfind(':') + 1) + std::to_string((*program)->port()));
  while (true) {
    switch (signals.wait(std::chrono::milliseconds(250))) {
      case Signal::None:
        if (const auto broken = (*program)->broken()) {
          log::error("the journal broke; start again to recover: " + broken->message);
          std::_Exit(
              kExitJournal);  // at once: a worker may hang in the kernel, and starting recovers
        }
        (*program)->look_again();
        break;
      case Signal::Reload: reload(**program); break;
      case Signal::Stop:
        if ((*program)->stop(kPatience)) return 0;
        log::warn("a worker hangs in the kernel, ending without it; the next start looks it up");
        std::_Exit(0);  // all that was decided is on disk
    }
  }
}

int run(int argc, const char* const* argv) {
  auto parsed = parse_options(argc, argv);
  if (const auto* exit = std::get_if<ExitCode>(&parsed)) return exit->value;
  auto& options = std::get<Options>(parsed);
  log::set_level(options.log_level);
  keep_memory_small();
  StopSignal signals;
  Outside outside;
  auto config = read_configuration(options, outside);
  if (!config) {
    std::cerr << config.error().message << '\n';
    return kExitConfig;
  }
  if (options.check_config) {
    std::cout << options.config_file.string() << ": OK\n";
    return 0;
  }
  return serve(std::move(options), std::move(*config), outside, signals);
}

}  // namespace
}  // namespace fieldmedic

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == fieldmedic::kDeadManVerb)
    return fieldmedic::run_dead_man(argc, argv);
  if (argc == 2 && argv[1] == fieldmedic::kZookeeperHelperVerb) fieldmedic::run_zookeeper_helper();
  return fieldmedic::run(argc, argv);
}
