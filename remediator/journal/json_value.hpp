// What was parsed of JSON, as the field readers look at it. Shows the JSON library.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "common/result.hpp"

namespace fieldmedic::journal {

using Json = simdjson::dom::element;  // valid until its parser parses again

[[nodiscard]] inline std::string_view type_name(const Json& json) {
  using enum simdjson::dom::element_type;
  switch (json.type()) {
    case ARRAY: return "array";
    case OBJECT: return "object";
    case INT64:
    case UINT64:
    case DOUBLE: return "number";
    case STRING: return "string";
    case BOOL: return "boolean";
    case NULL_VALUE: return "null";
  }
  return "invalid";
}

inline std::unexpected<Error> unfit(std::string_view wanted, const Json& found) {
  return fail(Errc::Malformed, fmt::format("wants {}, got {}", wanted, type_name(found)));
}

// The members of an object, which were written in the order in which they are asked for.
class Members {
 public:
  explicit Members(const simdjson::dom::object& object)
      : object_(object), next_(object.begin()), end_(object.end()) {}

  [[nodiscard]] std::optional<Json> find(std::string_view name) {
    if (next_ != end_ && next_.key() == name) {
      const Json found = next_.value();
      ++next_;
      return found;
    }
    Json found;
    if (object_.at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
    return found;
  }

 private:
  simdjson::dom::object object_;
  simdjson::dom::object::iterator next_;
  simdjson::dom::object::iterator end_;
};

// Both elements of a list of two.
[[nodiscard]] inline std::optional<std::pair<Json, Json>> pair_of(const Json& json) {
  simdjson::dom::array array;
  if (json.get(array) != simdjson::SUCCESS || array.size() != 2) return std::nullopt;
  auto element = array.begin();
  const Json first = *element;
  return std::pair{first, *++element};
}

}  // namespace fieldmedic::journal
