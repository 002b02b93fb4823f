#include "common/matcher.hpp"

#include <optional>

#include <fmt/core.h>
#include <re2/re2.h>

#include "common/quote.hpp"

namespace fieldmedic {

struct Matcher::Rule {
  std::string label;
  bool wanted = true;                 // false for != and !~
  std::string value;                  // for = and !=
  std::unique_ptr<const RE2> regexp;  // for =~ and !~
};

namespace {

constexpr std::string_view kSpace = " \t\n\r\f";
constexpr std::int64_t kRegexpMemory = 1 << 20;

struct Operator {
  std::string_view text;
  bool wanted;
  bool regexp;
};
// The longer ones first: "=~" also starts with "=".
constexpr Operator kOperators[] = {
    {"=~", true, true}, {"!~", false, true}, {"!=", false, false}, {"=", true, false}};

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(Errc::Invalid,
              fmt::format("wants a matcher such as severity=~\"critical|warning\", got {}: {}",
                          quote(text), why));
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool is_label_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

std::size_t label_length(std::string_view text) {
  if (text.empty() || !is_label_start(text.front())) return 0;
  std::size_t length = 1;
  while (length < text.size() &&
         (is_label_start(text[length]) || (text[length] >= '0' && text[length] <= '9')))
    ++length;
  return length;
}

// Alertmanager 0.25, pkg/labels/parse.go, ParseMatcher: \n \" and \\ are escapes, any other
// backslash stands for itself, and a double quote may stand only around the whole value. A comma
// outside quotes parts two matchers there, so here it is refused. Empty: not well formed.
std::optional<std::string> unescape(std::string_view raw) {
  const bool quoted = raw.starts_with('"');
  if (quoted) raw.remove_prefix(1);
  bool closed = false;
  std::string value;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (c == '"') {
      closed = quoted && i + 1 == raw.size();
      if (!closed) return std::nullopt;
    } else if (c == ',' && !quoted) {
      return std::nullopt;
    } else if (c != '\\' || i + 1 == raw.size()) {
      value += c;
    } else {
      const char next = raw[++i];
      if (next == 'n')
        value += '\n';
      else if (next == '"' || next == '\\')
        value += next;
      else
        value.append({'\\', next});
    }
  }
  if (closed != quoted) return std::nullopt;
  return value;
}

const Operator* operator_at(std::string_view text) {
  for (const Operator& candidate : kOperators)
    if (text.starts_with(candidate.text)) return &candidate;
  return nullptr;
}

}  // namespace

Result<Matcher> Matcher::parse(std::string_view text) {
  std::string_view rest = trim(text);
  const std::size_t length = label_length(rest);
  if (length == 0) return refuse(text, "it must start with a label name");
  auto rule = std::make_shared<Rule>();
  rule->label = rest.substr(0, length);

  rest = trim(rest.substr(length));
  const Operator* comparison = operator_at(rest);
  if (comparison == nullptr)
    return refuse(text, "after the label name one of = != =~ !~ must stand");
  rule->wanted = comparison->wanted;

  std::optional<std::string> value = unescape(trim(rest.substr(comparison->text.size())));
  if (!value) return refuse(text, "the value is not quoted well");
  if (comparison->regexp) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kRegexpMemory);
    rule->regexp = std::make_unique<const RE2>(*value, options);
    if (!rule->regexp->ok()) return refuse(text, rule->regexp->error());
  } else {
    rule->value = std::move(*value);
  }

  Matcher matcher;
  matcher.text_ = text;
  matcher.rule_ = std::move(rule);
  return matcher;
}

bool Matcher::matches(const Labels& labels) const {
  const auto found = labels.find(rule_->label);
  const std::string_view value = found == labels.end() ? std::string_view() : found->second;
  const bool equal = rule_->regexp ? RE2::FullMatch(value, *rule_->regexp) : value == rule_->value;
  return equal == rule_->wanted;
}

}  // namespace fieldmedic
