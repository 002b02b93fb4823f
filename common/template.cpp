#include "common/template.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>

#include "common/quote.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kTextLimit = 4096;
constexpr std::size_t kPlaceholderLimit = 64;
constexpr std::size_t kLabelValueLimit = 256;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_alphanumeric(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// [a-z_]+(\.[A-Za-z0-9_]+)?
bool is_placeholder_name(std::string_view name) {
  const std::size_t dot = name.find('.');
  const std::string_view head = name.substr(0, dot);
  if (head.empty()) return false;
  if (!std::ranges::all_of(head, [](char c) { return is_lower(c) || c == '_'; })) return false;
  if (dot == std::string_view::npos) return true;
  const std::string_view field = name.substr(dot + 1);
  return !field.empty() &&
         std::ranges::all_of(field, [](char c) { return is_alphanumeric(c) || c == '_'; });
}

std::string_view trim_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::unexpected<Error> refuse_label_value(std::string_view value, std::string_view why) {
  return fail(Errc::Invalid, fmt::format("value {} {}", quote_hostile(value), why));
}

}  // namespace

Result<Template> Template::parse(std::string_view text) {
  if (text.size() > kTextLimit)
    return fail(Errc::Invalid, fmt::format("a template is longer than {} bytes", kTextLimit));
  Template parsed;
  std::size_t placeholders = 0;
  while (!text.empty()) {
    const std::size_t open = text.find("{{");
    if (open != 0)
      parsed.parts_.push_back({std::string(text.substr(0, open)), Part::Kind::Literal});
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos)
      return fail(Errc::Invalid, "'{{' without '}}' in " + quote_hostile(text.substr(open)));
    const std::string_view name = trim_spaces(text.substr(open + 2, close - open - 2));
    if (!is_placeholder_name(name))
      return fail(Errc::Invalid,
                  fmt::format("a placeholder wants a name such as labels.host, got {}",
                              quote_hostile(name)));
    if (++placeholders > kPlaceholderLimit)
      return fail(Errc::Invalid, fmt::format("more than {} placeholders", kPlaceholderLimit));
    parsed.parts_.push_back({std::string(name), Part::Kind::Placeholder});
    text.remove_prefix(close + 2);
  }
  return parsed;
}

std::vector<std::string> Template::names() const {
  std::vector<std::string> names;
  for (const Part& part : parts_)
    if (part.kind == Part::Kind::Placeholder) names.push_back(part.text);
  return names;
}

Result<std::string> Template::render(const Lookup& value) const {
  std::string text;
  for (const Part& part : parts_) {
    switch (part.kind) {
      case Part::Kind::Literal: text += part.text; break;
      case Part::Kind::Placeholder: {
        const Result<std::string> filled = value(part.text);
        if (!filled) return fail(filled.error());
        text += *filled;
        break;
      }
    }
  }
  return text;
}

Status validate_label_value(std::string_view value) {
  constexpr std::string_view kPunctuation = "._:@/-";
  if (value.empty()) return fail(Errc::Invalid, "value is empty");
  if (value.size() > kLabelValueLimit)
    return refuse_label_value(value, fmt::format("is longer than {} bytes", kLabelValueLimit));
  const auto allowed = [kPunctuation](char c) {
    return is_alphanumeric(c) || kPunctuation.find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(value, allowed))
    return refuse_label_value(value, "holds a character outside [A-Za-z0-9._:@/-]");
  if (value.starts_with('-') || value.starts_with('/'))
    return refuse_label_value(value, "starts with '-' or '/'");
  if (value.find("..") != std::string_view::npos) return refuse_label_value(value, "holds '..'");
  return {};
}

}  // namespace fieldmedic
