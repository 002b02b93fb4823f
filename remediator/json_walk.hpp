// A walk over JSON text that builds no tree: what is not wanted costs no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

enum class JsonType { Null, Boolean, Number, Text, Object, Array };

// "a string", "a number" …: for messages.
[[nodiscard]] std::string_view to_string(JsonType type);

struct JsonScalar {
  JsonType type = JsonType::Null;
  std::string_view text;                // of a Text, valid UTF-8; only during the call
  std::optional<std::uint64_t> number;  // of a Number that is whole and not negative
};

// Where a value stands: one level a container around it.
class JsonPath {
 public:
  [[nodiscard]] std::size_t depth() const { return levels_.size(); }  // 0: the root value
  // Under which name the value, or what holds it, stands in the container at `level` (0: the root);
  // empty in an array.
  [[nodiscard]] std::string_view key(std::size_t level) const { return levels_[level].key; }
  // "alerts[3].labels.zone": from outside, so cut and escaped to one printable line.
  [[nodiscard]] std::string text() const;

 private:
  friend class JsonWalk;
  struct Level {
    JsonType type = JsonType::Object;
    std::size_t entries = 0;  // begun so far
    std::string key;
  };
  std::vector<Level> levels_;
};

// Told in the order of the text. An error ends the walk and is returned by it.
class JsonListener {
 public:
  virtual ~JsonListener() = default;
  [[nodiscard]] virtual Status opened(const JsonPath& at, JsonType type) = 0;  // Object or Array
  [[nodiscard]] virtual Status scalar(const JsonPath& at, const JsonScalar& value) = 0;
  [[nodiscard]] virtual Status closed(const JsonPath& at) = 0;
};

// Errc::Malformed: not one JSON value in UTF-8 (says at which byte, nothing of the text), or more
// than `deepest` containers within each other.
[[nodiscard]] Status walk_json(std::string_view text, std::size_t deepest, JsonListener& listener);

}  // namespace fieldmedic
