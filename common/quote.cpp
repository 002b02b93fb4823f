#include "common/quote.hpp"

#include <cstddef>

#include <fmt/core.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kShownLimit = 64;

std::string escaped(char c) {
  return fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
}

// The first bytes, not ending within a UTF-8 sequence.
std::string_view cut(std::string_view value) {
  if (value.size() <= kShownLimit) return value;
  std::size_t length = kShownLimit;
  while (length > 0 && (static_cast<unsigned char>(value[length]) & 0xc0) == 0x80) --length;
  return value.substr(0, length);
}

}  // namespace

std::string quote(std::string_view value) {
  const std::string_view shown = cut(value);
  std::string text = "'";
  for (const char c : shown) {
    if (c == '\n')
      text += "\\n";
    else if (c == 0x7f || (c >= 0 && c < ' '))
      text += escaped(c);
    else
      text += c;
  }
  return text + (shown.size() < value.size() ? "…'" : "'");
}

std::string quote_hostile(std::string_view value) {
  const std::string_view shown = value.substr(0, kShownLimit);
  std::string text = "'";
  for (const char c : shown) {
    if (c >= ' ' && c <= '~' && c != '\'' && c != '\\')
      text += c;
    else
      text += escaped(c);
  }
  return text + (shown.size() < value.size() ? "…'" : "'");
}

}  // namespace fieldmedic
