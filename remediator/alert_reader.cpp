#include "remediator/alert_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "common/utf8_cut.hpp"
#include "remediator/rfc3339.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostEntries = 64;       // labels, and annotations
constexpr std::size_t kMostValueBytes = 4096;  // of a label's name or value
constexpr std::size_t kMostFingerprint = 64;

bool is_fingerprint(std::string_view text) {
  return !text.empty() && text.size() <= kMostFingerprint &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

}  // namespace

void AlertReader::begin() {
  seen_ = 0;
  alert_ = {};
  alert_.key.source = "alertmanager";
  why_.clear();
}

void AlertReader::poison(const JsonPath& at, std::string_view why) {
  if (why_.empty()) why_ = fmt::format("{}: {}", at.text(), why);
}

void AlertReader::saw(const JsonPath& at, Seen field) {
  if ((seen_ & field) != 0) poison(at, "stands there twice");
  seen_ |= field;
}

void AlertReader::set_status(const JsonPath& at, core::AlertStatus status) {
  saw(at, kStatus);
  alert_.status = status;
}

void AlertReader::opened(const JsonPath& at, JsonType type) {
  const std::string_view field = at.key(level_);
  const bool is_map = field == "labels" || field == "annotations";
  if (at.depth() == level_ + 1) {
    if (is_map && type == JsonType::Object)
      saw(at, field == "labels" ? kLabels : kAnnotations);
    else if (is_map)
      poison(at, "wants an object of strings, got a list");
    else if (field == "startsAt" || field == "endsAt" || field == "fingerprint")
      poison(at, fmt::format("wants a string, got {}", to_string(type)));
  } else if (is_map && at.depth() == level_ + 2) {
    poison(at, fmt::format("wants a string, got {}", to_string(type)));
  }
}

void AlertReader::scalar(const JsonPath& at, const JsonScalar& value) {
  const std::string_view field = at.key(level_);
  const bool is_map = field == "labels" || field == "annotations";
  const bool is_entry = at.depth() == level_ + 2;
  if (is_map ? at.depth() > level_ + 2 : at.depth() != level_ + 1) return;
  if (is_map && !is_entry)
    return poison(at, fmt::format("wants an object of strings, got {}", to_string(value.type)));
  if (!is_map && field != "startsAt" && field != "endsAt" && field != "fingerprint") return;
  if (value.type != JsonType::Text)
    return poison(at, fmt::format("wants a string, got {}", to_string(value.type)));

  if (field == "labels")
    add_label(at, value.text);
  else if (field == "annotations")
    add_annotation(at, value.text);
  else
    read_field(at, field, value.text);
}

void AlertReader::read_field(const JsonPath& at, std::string_view field, std::string_view text) {
  if (field == "fingerprint") {
    if (!is_fingerprint(text)) return poison(at, "wants hex digits");
    saw(at, kPrint);
    alert_.key.fingerprint = text;
    return;
  }
  const auto time = parse_rfc3339(text);
  if (!time) return poison(at, time.error().message);
  saw(at, field == "startsAt" ? kStart : kEnd);
  if (field == "startsAt") alert_.key.starts_at = *time;
}

void AlertReader::add_label(const JsonPath& at, std::string_view value) {
  const std::string_view name = at.key(level_ + 1);
  if (name.size() > kMostValueBytes || value.size() > kMostValueBytes)
    return poison(at, fmt::format("longer than {} bytes", kMostValueBytes));
  if (alert_.labels.size() == kMostEntries)
    return poison(at, fmt::format("more than {} labels", kMostEntries));
  if (!alert_.labels.emplace(name, value).second) poison(at, "stands there twice");
}

void AlertReader::add_annotation(const JsonPath& at, std::string_view value) {
  const std::string_view name = at.key(level_ + 1);
  if (name.size() > kMostValueBytes || alert_.annotations.size() == kMostEntries) return;
  alert_.annotations.emplace(name, cut_utf8(value, kMostValueBytes));
}

std::expected<core::Alert, PoisonAlert> AlertReader::end(const JsonPath& at) {
  constexpr std::array<std::pair<Seen, std::string_view>, 5> kWanted{{{kStatus, "status"},
                                                                      {kLabels, "labels"},
                                                                      {kStart, "startsAt"},
                                                                      {kEnd, "endsAt"},
                                                                      {kPrint, "fingerprint"}}};
  for (const auto& [field, name] : kWanted)
    if ((seen_ & field) == 0) poison(at, fmt::format("no '{}'", name));
  if (why_.empty()) return std::move(alert_);

  PoisonAlert poison{std::move(why_), {}};
  if ((seen_ & kStart) != 0 && (seen_ & kPrint) != 0) poison.key = std::move(alert_.key);
  return std::unexpected(std::move(poison));
}

}  // namespace fieldmedic
