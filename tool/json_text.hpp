// JSON from the remediator as text for a terminal: every value that is asked for comes as one
// printable line, whatever it is; what is absent is empty.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic::tool {

// A JSON object. Copies share it. Not thread-safe.
class JsonText {
 public:
  // Errc::Malformed: not a JSON object, or one that nests too deep.
  [[nodiscard]] static Result<JsonText> parse(std::string_view text);

  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::optional<JsonText> member(std::string_view name) const;  // an object
  [[nodiscard]] std::vector<JsonText> elements(std::string_view name) const;  // objects of a list
  // Name and text of each member, in order.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> members() const;

 private:
  struct Value;
  explicit JsonText(std::shared_ptr<const Value> value) : value_(std::move(value)) {}
  std::shared_ptr<const Value> value_;
};

// UTF-8 stays readable; control characters, direction marks and what is not UTF-8 become escapes.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace fieldmedic::tool
