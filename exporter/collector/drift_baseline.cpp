#include "exporter/collector/drift_baseline.hpp"

#include <utility>

#include <fmt/format.h>

#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kDigits = 64;
constexpr std::size_t kMostLines = 4096;

std::optional<std::string> unescape(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '\\') {
      plain += name[i];
      continue;
    }
    if (++i == name.size()) return std::nullopt;
    switch (name[i]) {
      case 'n': plain += '\n'; break;
      case 'r': plain += '\r'; break;
      case '\\': plain += '\\'; break;
      default: return std::nullopt;
    }
  }
  return plain;
}

std::optional<std::pair<std::string, std::string>> parse_line(std::string_view line) {
  const bool escaped = line.starts_with('\\');
  if (escaped) line.remove_prefix(1);
  auto digest = parse_sha256(line.substr(0, kDigits));
  if (!digest || line.size() < kDigits + 3) return std::nullopt;
  const auto between = line.substr(kDigits, 2);
  if (between != "  " && between != " *") return std::nullopt;
  const auto name = line.substr(kDigits + 2);
  auto plain = escaped ? unescape(name) : std::string(name);
  if (!plain || plain->empty()) return std::nullopt;
  return std::pair(std::move(*plain), std::move(*digest));
}

}  // namespace

std::optional<std::string> parse_sha256(std::string_view text) {
  if (text.size() != kDigits) return std::nullopt;
  std::string digest(text);
  for (char& c : digest) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return std::nullopt;
  }
  return digest;
}

Result<std::map<std::string, std::string>> parse_sha256_baseline(std::string_view text,
                                                                 std::string_view folder) {
  std::map<std::string, std::string> digests;
  for (std::size_t number = 1; !text.empty(); ++number) {
    if (number > kMostLines) {
      return fail(Errc::TooLarge, fmt::format("more than {} lines", kMostLines));
    }
    std::string_view line = take_line(text);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    auto entry = parse_line(line);
    if (!entry) {
      return fail(Errc::Malformed,
                  fmt::format("line {}: wants a line of sha256sum: 64 hexadecimal digits, two "
                              "blanks, a file",
                              number));
    }
    auto& [name, digest] = *entry;
    while (name.starts_with("./")) name.erase(0, 2);
    if (!name.starts_with('/')) name = fmt::format("{}/{}", folder == "/" ? "" : folder, name);
    if (!digests.try_emplace(name, std::move(digest)).second) {
      return fail(Errc::Malformed, fmt::format("line {}: a file that is named before", number));
    }
  }
  return digests;
}

}  // namespace fieldmedic
