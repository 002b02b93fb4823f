// Cutting the kernel's text files into lines and fields, without a copy.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

// The text up to the next newline, which is taken off `text` with it.
[[nodiscard]] inline std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// The next run of characters between blanks, taken off `line`; empty when there is none left.
inline std::string_view take_field(std::string_view& line) {
  std::size_t begin = 0;
  while (begin < line.size() && (line[begin] == ' ' || line[begin] == '\t')) ++begin;
  std::size_t end = begin;
  while (end < line.size() && line[end] != ' ' && line[end] != '\t') ++end;
  const auto field = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return field;
}

// The whole field as a number; false leaves `value` alone.
template <class Number>
[[nodiscard]] bool to_number(std::string_view field, Number& value) {
  Number parsed{};
  const char* const begin = field.data();
  const char* const end = begin + field.size();
  const auto [stop, error] = std::from_chars(begin, end, parsed);
  if (error != std::errc{} || stop != end) return false;
  value = parsed;
  return true;
}

// The next field of `line` as a number.
template <class Number>
[[nodiscard]] bool take_number(std::string_view& line, Number& value) {
  return to_number(take_field(line), value);
}

// Every file read here ends with a newline, so one that does not was cut off somewhere, and its
// last number would be wrong rather than missing.
[[nodiscard]] inline Status require_whole(std::string_view text, std::string_view file) {
  if (text.empty()) return fail(Errc::Malformed, std::string(file) + " is empty");
  if (text.back() != '\n') {
    return fail(Errc::Malformed, std::string(file) + " is cut off inside its last line");
  }
  return {};
}

// "stat: wanted ten numbers after the name, got 'cpu0 1 x'", with the line cut to a bearable
// length.
[[nodiscard]] inline std::unexpected<Error> malformed(std::string_view file,
                                                      std::string_view wanted,
                                                      std::string_view line) {
  constexpr std::size_t kShown = 80;
  std::string message(file);
  message.append(": wanted ").append(wanted).append(", got '");
  message.append(line.substr(0, kShown)).append(line.size() > kShown ? "…'" : "'");
  return fail(Errc::Malformed, std::move(message));
}

}  // namespace fieldmedic
