#include "exporter/collector/json_counters.hpp"

#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/quote.hpp"

namespace fieldmedic {
namespace {

using nlohmann::json;
using Parts = std::vector<std::string>;

constexpr std::size_t kLongest = 1024;
constexpr std::size_t kMostParts = 16;
constexpr int kDeepest = 32;

std::unexpected<Error> wanted(std::string_view text) {
  return fail(Errc::Invalid,
              fmt::format("wants a JSON pointer such as /output/*/records, got {}", quote(text)));
}

// "a~1b" is "a/b", "a~0b" is "a~b"; empty: no escape of these.
std::optional<std::string> unescape(std::string_view part) {
  std::string plain;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '~') {
      plain += part[i];
    } else if (part.substr(i, 2) == "~0" || part.substr(i, 2) == "~1") {
      plain += part[++i] == '0' ? '~' : '/';
    } else {
      return std::nullopt;
    }
  }
  return plain;
}

const json* element(const json& list, const std::string& part) {
  std::size_t index = 0;
  const auto* const end = part.data() + part.size();
  const auto parsed = std::from_chars(part.data(), end, index);
  const bool whole = parsed.ec == std::errc{} && parsed.ptr == end;
  return whole && index < list.size() ? &list[index] : nullptr;
}

// All that the parts from `from` on lead to; as deep as the pointer is long, which is bounded.
void collect(const json& value, const Parts& parts, std::size_t from,
             std::vector<const json*>& found) {
  if (from == parts.size()) {
    found.push_back(&value);
    return;
  }
  const auto& part = parts[from];
  if (!value.is_structured()) return;
  if (part == "*") {
    for (const auto& child : value) collect(child, parts, from + 1, found);
  } else if (value.is_array()) {
    if (const auto* const child = element(value, part)) collect(*child, parts, from + 1, found);
  } else if (const auto child = value.find(part); child != value.end()) {
    collect(*child, parts, from + 1, found);
  }
}

Result<json> parse(std::string_view text) {
  bool too_deep = false;
  const auto shallow = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kDeepest;
    return depth <= kDeepest;
  };
  json document = json::parse(text.begin(), text.end(), shallow, false);
  if (too_deep) return fail(Errc::Malformed, fmt::format("JSON deeper than {}", kDeepest));
  if (document.is_discarded()) return fail(Errc::Malformed, "no JSON");
  return document;
}

}  // namespace

Result<Parts> parse_json_pointer(std::string_view text) {
  if (!text.starts_with('/') || text.size() > kLongest) return wanted(text);
  Parts parts;
  for (auto rest = text; !rest.empty();) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    auto part = unescape(rest.substr(0, end));
    if (!part) return wanted(text);
    parts.push_back(std::move(*part));
    rest.remove_prefix(end);
  }
  if (parts.size() > kMostParts) return wanted(text);
  return parts;
}

Result<CounterReading> read_json_counters(std::string_view text, const SuccessTerms& terms) {
  const auto document = parse(text);
  if (!document) return fail(document.error());
  return read_terms(terms, [&](const std::string& term) -> Result<std::optional<double>> {
    const auto pointer = parse_json_pointer(term);
    if (!pointer) return std::nullopt;  // told when the configuration was read
    std::vector<const json*> found;
    collect(*document, *pointer, 0, found);
    std::optional<double> total;
    for (const auto* const value : found) {
      const double number = value->is_number() ? value->get<double>() : -1;
      if (!std::isfinite(number) || number < 0)
        return fail(Errc::Malformed, fmt::format("{} leads to what is no count", quote(term)));
      total = total.value_or(0) + number;
    }
    return total;
  });
}

}  // namespace fieldmedic
