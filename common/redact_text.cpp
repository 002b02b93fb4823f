#include "common/redact_text.hpp"

#include <algorithm>

#include <re2/re2.h>

#include "common/utf8.hpp"
#include "common/utf8_cut.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostLooked = 64UL * 1024;  // of one text; the rest is not shown

// A key whose value is a secret.
const std::string& secret_key() {
  static const std::string pattern =
      R"((?:[\w.-]*(?:passw(?:or)?d|passphrase|passcode|pwd|secret|token|credential|cookie|)"
      R"((?:api|access|private|account)[_-]?key|authorization|session[_-]?id)[\w.-]*)"
      R"(|\b(?:[\w.-]*[_.-])?pass))";
  return pattern;
}

struct Rule {
  RE2 pattern;
  const char* replacement;
};

// RE2 reads UTF-8 and stops at what is none.
std::string as_utf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto length = utf8_sequence_length(text);
    if (length == 0) {
      clean += "\uFFFD";
      text.remove_prefix(1);
      continue;
    }
    clean += text.substr(0, length);
    text.remove_prefix(length);
  }
  return clean;
}

// C0, DEL and C1: what a terminal may obey. Also what turns the direction of text around.
bool obeyed_by_terminals(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) return first < ' ' || first == 0x7F;
  const auto second = static_cast<unsigned char>(sequence[1]);
  if (sequence.size() == 2) return first == 0xC2 && second < 0xA0;
  if (sequence.size() != 3 || first != 0xE2) return false;
  const auto third = static_cast<unsigned char>(sequence[2]);
  const bool breaks_line = second == 0x80 && (third == 0xA8 || third == 0xA9);
  const bool turns = (second == 0x80 && third >= 0xAA && third <= 0xAE) ||
                     (second == 0x81 && third >= 0xA6 && third <= 0xA9);
  return breaks_line || turns;
}

}  // namespace

std::string redact_text(std::string_view text) {
  // In this order: a key's value goes whole before its parts are looked at.
  static const Rule kRules[] = {
      // To the end marker, or to the end of what is there.
      {RE2(R"((?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z))"),
       R"(\1 ***)"},
      // Quoted, also inside of a quoted string (\"), with or without the closing quote; else up to
      // a blank.
      {RE2("(?i)(" + secret_key() + R"re(\\?["']?[ \t]*(?:=>|:=|[:=]))[ \t]*(?:)re" +
           R"re(\\"(?:\\\\\\"|[^"\n])*"?|"(?:[^"\\\n]|\\[^\n])*"?|'(?:[^'\\\n]|\\[^\n])*'?|)re" +
           R"re((?:bearer|basic|digest)[ \t]+\S+|\S+))re"),
       R"(\1***)"},
      {RE2("(?i)(--?" + secret_key() + R"([ \t]+)\S+)"), R"(\1***)"},
      {RE2(R"((?i)\b(bearer|basic)[ \t]+[A-Za-z0-9+/=._~-]{16,})"), R"(\1 ***)"},
      // Up to the last '@': a password may hold one.
      {RE2(R"(([A-Za-z][A-Za-z0-9+.-]*://)[^\s"'<>]*@)"), R"(\1***@)"},
      // A URL that was cut inside of its password: what follows the colon is no port.
      {RE2(R"(([A-Za-z][A-Za-z0-9+.-]*://)[^\s"'<>/:@]+:[0-9]*[^\s"'<>/:@0-9?#,;.)\]][^\s"'<>/@]*$)"),
       R"(\1***)"},
      {RE2(R"(([A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>?]*\?)[^\s"'<>]+)"), R"(\1***)"},
      {RE2(R"(\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?)"), "***"},
      {RE2(R"(\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)"), "***"},
  };
  auto redacted = as_utf8(text.substr(0, kMostLooked));
  for (const auto& [pattern, replacement] : kRules) {
    RE2::GlobalReplace(&redacted, pattern, replacement);
  }
  return redacted;
}

std::string shown_line(std::string_view text, std::size_t most) {
  constexpr std::string_view kCut = "…";
  const auto redacted = redact_text(text);
  std::string line;
  for (std::string_view rest = redacted; !rest.empty();) {
    const auto sequence = rest.substr(0, std::max<std::size_t>(1, utf8_sequence_length(rest)));
    if (obeyed_by_terminals(sequence)) {
      line += ' ';
    } else {
      line += sequence;
    }
    rest.remove_prefix(sequence.size());
  }
  if (line.size() <= most) return line;
  return std::string(cut_utf8(line, most - std::min(most, kCut.size()))).append(kCut);
}

}  // namespace fieldmedic
