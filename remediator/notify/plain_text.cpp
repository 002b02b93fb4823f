#include "remediator/notify/plain_text.hpp"

#include "common/utf8.hpp"
#include "common/utf8_cut.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostBytes = 16 * 1024;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    const char first = text.front();
    if (length == 0)
      line += kReplacement;
    else if (length == 1 && ((first >= '\0' && first < ' ') || first == '\x7f'))
      line += ' ';
    else
      line += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return line;
}

std::string plain_text(const core::Message& message) {
  std::string text = one_line(message.title);
  for (const auto& [name, value] : message.fields)
    text += "\n" + one_line(name) + ": " + one_line(value);
  return std::string(cut_utf8(text, kMostBytes));
}

}  // namespace fieldmedic
