#include "remediator/core/packed_labels.hpp"

#include <cstdint>
#include <cstring>

namespace fieldmedic::core {
namespace {

using Length = std::uint32_t;  // bodies that hold labels are far smaller

void put(std::string& text, std::string_view part) {
  const auto length = static_cast<Length>(part.size());
  char bytes[sizeof(Length)];
  std::memcpy(bytes, &length, sizeof(Length));
  text.append(bytes, sizeof(Length)).append(part);
}

std::string_view take(std::string_view& rest) {
  Length length = 0;
  std::memcpy(&length, rest.data(), sizeof(Length));
  const std::string_view part = rest.substr(sizeof(Length), length);
  rest.remove_prefix(sizeof(Length) + length);
  return part;
}

}  // namespace

PackedLabels::PackedLabels(const LabelMap& labels) {
  std::size_t size = 0;
  for (const auto& [name, value] : labels) size += 2 * sizeof(Length) + name.size() + value.size();
  text_.reserve(size);
  for (const auto& [name, value] : labels) {
    put(text_, name);
    put(text_, value);
  }
}

std::optional<std::string_view> PackedLabels::find(std::string_view name) const {
  for (std::string_view rest = text_; !rest.empty();) {
    const bool found = take(rest) == name;
    const std::string_view value = take(rest);
    if (found) return value;
  }
  return std::nullopt;
}

LabelMap PackedLabels::unpacked() const {
  LabelMap labels;
  for (std::string_view rest = text_; !rest.empty();) {
    const std::string name(take(rest));
    labels.emplace_hint(labels.end(), name, take(rest));
  }
  return labels;
}

}  // namespace fieldmedic::core
