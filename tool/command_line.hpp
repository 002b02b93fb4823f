// The command line of `fieldmedic`.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "tool/ask.hpp"
#include "tool/check_command.hpp"
#include "tool/exit_code.hpp"
#include "tool/journal_command.hpp"
#include "tool/replay_command.hpp"

namespace fieldmedic::tool {

enum class Output { Text, Json };

// Labels of an alert, "name=value" each.
struct PlanFor {
  std::vector<std::string> labels;
};

struct CommandLine {
  std::filesystem::path config_file;  // where the remediator is; empty: the usual places
  Output output = Output::Text;
  std::variant<Ask, PlanFor, CheckFile, VerifyJournal, DumpJournal, RestoreJournal, ReplayJournal>
      command;
};

// Prints --help, --version or what is wrong itself, and then says how to exit.
[[nodiscard]] std::variant<CommandLine, ExitCode> parse_command_line(int argc,
                                                                     const char* const* argv);

}  // namespace fieldmedic::tool
