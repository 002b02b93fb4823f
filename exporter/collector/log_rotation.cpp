#include "exporter/collector/log_rotation.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fnmatch.h>

#include "common/quote.hpp"

namespace fieldmedic {
namespace {

constexpr std::array<std::string_view, 10> kCompressed = {".gz",   ".bz2", ".xz",  ".zst", ".lz4",
                                                          ".lzma", ".Z",   ".zip", ".tgz", ".7z"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// ".1", "-20261125", "_2026-11-25T08": a separator, then a number or a date.
bool is_generation(std::string_view text) {
  if (text.size() < 2 || (text[0] != '.' && text[0] != '-' && text[0] != '_')) return false;
  const auto allowed = [](char c) {
    return is_digit(c) || c == '.' || c == '-' || c == '_' || c == 'T' || c == ':';
  };
  return is_digit(text[1]) && std::ranges::all_of(text, allowed);
}

}  // namespace

std::string join_path(const std::string& folder, const std::string& name) {
  return folder == "/" ? "/" + name : folder + "/" + name;
}

bool is_compressed(std::string_view name) {
  return std::ranges::any_of(kCompressed,
                             [name](std::string_view end) { return name.ends_with(end); });
}

bool is_old_generation(std::string_view name, std::string_view base) {
  if (name.starts_with(base) && is_generation(name.substr(base.size()))) return true;
  const auto dot = base.rfind('.');
  if (dot == base.npos || dot == 0) return false;
  const auto stem = base.substr(0, dot);
  const auto extension = base.substr(dot);
  if (name.size() <= base.size() || !name.starts_with(stem) || !name.ends_with(extension)) {
    return false;
  }
  return is_generation(name.substr(stem.size(), name.size() - base.size()));
}

Result<LogPattern> LogPattern::parse(std::string_view text) {
  constexpr std::string_view kWildcards = "*?[";
  const auto slash = text.rfind('/');
  if (!text.starts_with('/') || slash + 1 == text.size()) {
    return fail(Errc::Invalid,
                fmt::format("wants the absolute path of a file, got {}", quote(text)));
  }
  LogPattern pattern;
  pattern.folder = slash == 0 ? "/" : std::string(text.substr(0, slash));
  pattern.name = text.substr(slash + 1);
  pattern.wild = pattern.name.find_first_of(kWildcards) != std::string::npos;
  if (pattern.folder.find_first_of(kWildcards) != std::string::npos) {
    return fail(Errc::Invalid, fmt::format("takes wildcards in the name of a file only, not in a "
                                           "folder, got {}",
                                           quote(text)));
  }
  return pattern;
}

bool LogPattern::matches(const std::string& file_name) const {
  if (!wild) return file_name == name;
  return !is_compressed(file_name) && fnmatch(name.c_str(), file_name.c_str(), FNM_PERIOD) == 0;
}

std::vector<std::string> without_old_generations(std::vector<std::string> names) {
  const std::vector<std::string> all = names;
  std::erase_if(names, [&](const std::string& name) {
    return std::ranges::any_of(
        all, [&](const std::string& base) { return is_old_generation(name, base); });
  });
  return names;
}

}  // namespace fieldmedic
