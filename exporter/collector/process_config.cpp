#include "exporter/collector/process_config.hpp"

#include <fmt/format.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"

namespace fieldmedic {
namespace {

// What container engines allow as an id, and no more than a control group's name may have.
std::string read_container(const YamlMap& map) {
  if (!map.has("container")) return {};
  std::string container = map.string("container", "");
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  const bool well = !container.empty() && container.size() <= 128 && container.front() != '.' &&
                    container.front() != '-' &&
                    container.find_first_not_of(kAllowed) == std::string::npos;
  if (!well)
    map.error("container", fmt::format("'container' wants the id of a container, or its first 12 "
                                       "hex digits, got {}",
                                       quote(container)));
  return container;
}

}  // namespace

ProcessConfig read_process_config(const YamlMap& map, std::string_view key) {
  const YamlMap process = map.map(key);
  ProcessConfig config{.pattern = read_process_parts(process),
                       .unit = read_unit(process, "unit"),
                       .container = read_container(process)};
  const bool nothing_said = process.keys().empty();
  process.done();
  if (map.has(key) && nothing_said)
    process.error(
        fmt::format("'{}' wants unit, container, pid_file, executable or command_line", key));
  return config;
}

}  // namespace fieldmedic
