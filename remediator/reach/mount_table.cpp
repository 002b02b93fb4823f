#include "remediator/reach/mount_table.hpp"

#include <algorithm>
#include <utility>

#include "common/mount_options.hpp"
#include "common/text_scan.hpp"

namespace fieldmedic {

namespace {

constexpr std::string_view kFile = "mountinfo";

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

// The kernel writes blanks, newlines, backslashes and '#' as \NNN.
std::string decoded(std::string_view field) {
  std::string text;
  text.reserve(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    const std::string_view digits = field.substr(i + 1, 3);
    if (field[i] != '\\' || digits.size() != 3 || !std::ranges::all_of(digits, is_octal)) {
      text += field[i];
      continue;
    }
    text += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
    i += 3;
  }
  return text;
}

// "36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw,errors=continue"
Result<MountEntry> parse_line(std::string_view line) {
  const std::string_view whole = line;
  MountEntry entry;
  const bool numbered = take_number(line, entry.id) && take_number(line, entry.parent);
  take_field(line);  // device
  take_field(line);  // the folder of it that is mounted
  entry.point = decoded(take_field(line));
  entry.read_only = has_mount_option(take_field(line), "ro");
  std::string_view optional = take_field(line);
  while (!optional.empty() && optional != "-") optional = take_field(line);
  entry.type = decoded(take_field(line));
  std::string_view source = take_field(line);
  std::string_view options = take_field(line);
  if (options.empty()) std::swap(source, options);  // a source may be nothing at all
  entry.source = decoded(source);
  entry.file_system_read_only = has_mount_option(options, "ro");
  if (!numbered || options.empty())
    return malformed(kFile, "two numbers, and a type, a source and options after '-'", whole);
  return entry;
}

const MountEntry* on_top_of(const std::vector<MountEntry>& mounts, const MountEntry* below,
                            std::string_view point) {
  // Each mount has another id, so this ends; a table that says otherwise is not followed for ever.
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const auto next = std::ranges::find_if(mounts, [&](const MountEntry& entry) {
      return entry.point == point && entry.parent == below->id && entry.id != below->id;
    });
    if (next == mounts.end()) break;
    below = &*next;
  }
  return below;
}

}  // namespace

Result<std::vector<MountEntry>> parse_mountinfo(std::string_view text) {
  if (auto whole = require_whole(text, kFile); !whole) return fail(std::move(whole.error()));
  std::vector<MountEntry> mounts;
  while (!text.empty()) {
    auto entry = parse_line(take_line(text));
    if (!entry) return fail(std::move(entry.error()));
    mounts.push_back(std::move(*entry));
  }
  return mounts;
}

std::optional<MountEntry> mount_at(const std::vector<MountEntry>& mounts, std::string_view point) {
  const auto root = std::ranges::find_if(mounts, [&](const MountEntry& entry) {
    const bool listed = entry.parent != entry.id &&
                        std::ranges::find(mounts, entry.parent, &MountEntry::id) != mounts.end();
    return entry.point == "/" && !listed;
  });
  if (root == mounts.end()) return std::nullopt;
  const MountEntry* at = on_top_of(mounts, &*root, "/");
  for (std::size_t end = point.find('/', 1); point != "/"; end = point.find('/', end + 1)) {
    at = on_top_of(mounts, at, point.substr(0, end));
    if (end == std::string_view::npos) break;
  }
  if (at->point != point) return std::nullopt;
  return *at;
}

}  // namespace fieldmedic
