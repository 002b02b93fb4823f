// Typed reading of YAML that collects every error with its place, and refuses unknown keys.
//
//   ConfigErrors errors;
//   YamlMap root = read_yaml_file(path, errors);   // or parse_yaml(name, text, errors)
//   config.listen = root.string("listen", "127.0.0.1:9988");
//   for (YamlMap group : root.maps("groups")) …
//   root.done();                                   // every key not asked for by now is unknown
//
// Values are read by asking; asking wrongly typed content records an error and answers the default,
// so one pass finds everything. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

// "remediator.yml:4:15: 'cooldown' wants a duration such as 90s or 5m, got 'soon'", one a line.
// Of more than a thousand it keeps the first.
class ConfigErrors {
 public:
  void add(std::string where, std::string what);
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] std::string text() const;  // all lines, sorted by place, '\n' between

 private:
  std::vector<std::string> lines_;
};

class YamlValue;

// A mapping. Copies share what was asked for. A default-constructed one is empty and reports
// nothing.
class YamlMap {
 public:
  YamlMap() = default;

  [[nodiscard]] bool has(std::string_view key) const;
  // Whether its value is a mapping, for keys that take a word too.
  [[nodiscard]] bool is_map(std::string_view key) const;
  [[nodiscard]] std::string where() const;                      // "file:line:column" of the mapping
  [[nodiscard]] std::string where(std::string_view key) const;  // of that key's value, else where()

  // With a default: optional. Without: missing is an error and the answer is empty / zero.
  [[nodiscard]] std::string string(std::string_view key) const;
  [[nodiscard]] std::string string(std::string_view key, std::string_view fallback) const;
  [[nodiscard]] bool boolean(std::string_view key, bool fallback) const;
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback,
                                     std::int64_t least, std::int64_t most) const;
  [[nodiscard]] std::chrono::milliseconds duration(std::string_view key,
                                                   std::chrono::milliseconds fallback) const;
  [[nodiscard]] std::chrono::milliseconds duration(std::string_view key) const;
  // One of the given words; otherwise an error that lists them, and the fallback.
  [[nodiscard]] std::string one_of(std::string_view key, const std::vector<std::string_view>& words,
                                   std::string_view fallback) const;
  [[nodiscard]] std::vector<std::string> strings(std::string_view key) const;  // absent: empty
  [[nodiscard]] YamlMap map(std::string_view key) const;                       // absent: empty map
  [[nodiscard]] std::vector<YamlMap> maps(std::string_view key) const;         // a list of mappings
  [[nodiscard]] std::vector<YamlValue> values(std::string_view key) const;     // a list of anything
  [[nodiscard]] std::vector<std::string> keys() const;  // in order of the file

  // An error when the key is missing or has nothing in it.
  void require(std::string_view key) const;

  // Records an error at a key of this mapping (or at the mapping itself).
  void error(std::string_view key, std::string what) const;
  void error(std::string what) const;

  // Reports every key that was never asked for as unknown, with the nearest known key as a hint.
  void done() const;

  struct Node;
  explicit YamlMap(std::shared_ptr<Node> node) : node_(std::move(node)) {}

 private:
  std::shared_ptr<Node> node_;
};

// A list element that may be a string or a mapping.
class YamlValue {
 public:
  [[nodiscard]] std::optional<std::string> string() const;  // set when it is a scalar
  [[nodiscard]] std::optional<YamlMap> map() const;         // set when it is a mapping
  [[nodiscard]] std::string where() const;
  void error(std::string what) const;

  struct Node;
  explicit YamlValue(std::shared_ptr<Node> node) : node_(std::move(node)) {}

 private:
  std::shared_ptr<Node> node_;
};

// A parsed file. At most 4 MiB and 64 levels; anchors, aliases and a second document are refused,
// duplicate keys are errors. `name` stands in front of every error. `errors` must outlive every map
// read from it. Unreadable or not YAML at all: recorded in `errors`, and the answer is an empty
// map.
[[nodiscard]] YamlMap read_yaml_file(const std::filesystem::path& file, ConfigErrors& errors);
[[nodiscard]] YamlMap parse_yaml(std::string_view name, std::string_view text,
                                 ConfigErrors& errors);

// The same of a file that is a list of mappings, as Prometheus' file_sd files are (JSON is YAML).
[[nodiscard]] std::vector<YamlMap> read_yaml_list(const std::filesystem::path& file,
                                                  ConfigErrors& errors);
[[nodiscard]] std::vector<YamlMap> parse_yaml_list(std::string_view name, std::string_view text,
                                                   ConfigErrors& errors);

}  // namespace fieldmedic
