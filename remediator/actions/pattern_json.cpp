#include "remediator/actions/pattern_json.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace fieldmedic {

std::string pattern_json(const ProcessPattern& pattern) {
  nlohmann::json json = nlohmann::json::object();
  if (!pattern.pid_file.empty()) json["pid_file"] = pattern.pid_file;
  if (!pattern.executable.empty()) json["executable"] = pattern.executable;
  if (!pattern.command_line.empty()) json["command_line"] = pattern.command_line;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<ProcessPattern> parse_pattern(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    return ProcessPattern{.pid_file = json.value("pid_file", ""),
                          .executable = json.value("executable", ""),
                          .command_line = json.value("command_line", "")};
  } catch (const nlohmann::json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no process pattern: {}", error.what()));
  }
}

}  // namespace fieldmedic
