// Fields that both configurations have, read and validated in one way. Each records its errors
// through the mapping it reads from, at the place of the value. Not thread-safe, as YamlMap.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/process_table.hpp"
#include "common/yaml_reader.hpp"

namespace fieldmedic {

// A required name: 1 to 64 bytes of [A-Za-z0-9_.-], not starting with '.' or '-' (names become
// label values, parts of unit names and of paths). `taken` holds the names seen so far; one of them
// again is an error.
[[nodiscard]] std::string read_name(const YamlMap& map, std::string_view key,
                                    std::set<std::string>& taken);

// An absolute path; empty when absent, which read_required_path calls an error.
[[nodiscard]] std::string read_path(const YamlMap& map, std::string_view key);
[[nodiscard]] std::string read_required_path(const YamlMap& map, std::string_view key);
[[nodiscard]] std::vector<std::string> read_paths(const YamlMap& map, std::string_view key);

// `ca_file`: the absolute path of certificates, which can be read now. Empty when absent.
[[nodiscard]] std::string read_ca_file(const YamlMap& map);

// A regular expression that RE2 takes.
[[nodiscard]] std::string read_regexp(const YamlMap& map, std::string_view key,
                                      std::string_view fallback);

// {pid_file, executable, command_line}; absent: empty. Given without any of them: an error.
[[nodiscard]] ProcessPattern read_process_pattern(const YamlMap& map, std::string_view key);
// Those three of a mapping that may hold more.
[[nodiscard]] ProcessPattern read_process_parts(const YamlMap& process);

// The name of a systemd unit, "orders.service" (systemd.unit(5)). Empty when absent.
[[nodiscard]] std::string read_unit(const YamlMap& map, std::string_view key);

// A list of addresses somebody listens on: a number and a port other than 0 each.
[[nodiscard]] std::vector<std::string> read_addresses(const YamlMap& map, std::string_view key);

// The address a server of ours listens on: ":9988" and port 0 are allowed.
[[nodiscard]] std::string read_listen_address(const YamlMap& map, std::string_view key,
                                              std::string_view fallback);

// An http:// or https:// URL without a user in it (credentials come from files). Its path keeps no
// slash at the end. Empty when absent.
[[nodiscard]] std::string read_url(const YamlMap& map, std::string_view key);
[[nodiscard]] std::vector<std::string> read_urls(const YamlMap& map, std::string_view key);
// Why a text is no such URL, to be put after "'url' "; without the text, which may hold a secret.
[[nodiscard]] std::optional<std::string_view> fault_of_url(std::string_view url);

// A duration within bounds, both included.
struct DurationBounds {
  std::chrono::milliseconds least;
  std::chrono::milliseconds most;
};
[[nodiscard]] std::chrono::milliseconds read_bounded_duration(const YamlMap& map,
                                                              std::string_view key,
                                                              std::chrono::milliseconds fallback,
                                                              DurationBounds bounds);

}  // namespace fieldmedic
