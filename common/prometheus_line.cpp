#include "common/prometheus_line.hpp"

#include <algorithm>
#include <utility>

#include "common/text_scan.hpp"
#include "common/utf8.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostLabels = 64;
constexpr std::string_view kBlank = " \t";

std::unexpected<Error> wanted(std::string_view what, std::string_view got) {
  constexpr std::size_t kShown = 40;
  std::string message("wanted ");
  message.append(what);
  if (got.empty()) {
    message += ", got the end of the line";
  } else {
    message.append(", got '").append(got.substr(0, kShown)).append("'");
  }
  return fail(Errc::Malformed, std::move(message));
}

void skip_blanks(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlank), rest.size()));
}

bool starts_name(char c, bool colon) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colon && c == ':');
}

enum class Name { Metric, Label };  // a metric's may hold colons

// Empty: there is none.
std::string_view take_name(std::string_view& rest, Name kind) {
  const bool colon = kind == Name::Metric;
  std::size_t end = 0;
  while (end < rest.size() &&
         (starts_name(rest[end], colon) || (end > 0 && rest[end] >= '0' && rest[end] <= '9'))) {
    ++end;
  }
  const auto name = rest.substr(0, end);
  rest.remove_prefix(end);
  return name;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// What stands between the quotes; `rest` begins after the first one and ends after the second.
Result<std::string> take_quoted(std::string_view& rest) {
  std::string value;
  const auto shown = rest;
  while (true) {
    const auto at = rest.find_first_of("\"\\");
    if (at == std::string_view::npos) return wanted("a closing quote", shown);
    value.append(rest.substr(0, at));
    const bool closed = rest[at] == '"';
    rest.remove_prefix(at + 1);
    if (closed) break;
    switch (rest.empty() ? '\0' : rest.front()) {
      case '\\': value += '\\'; break;
      case '"': value += '"'; break;
      case 'n': value += '\n'; break;
      default: return wanted(R"(\\, \" or \n in a label)", rest);
    }
    rest.remove_prefix(1);
  }
  if (!is_utf8(value)) return fail(Errc::Malformed, "a label's value is no UTF-8");
  return value;
}

Status take_label(std::string_view& rest, std::vector<prometheus::ClientMetric::Label>& labels) {
  const auto shown = rest;
  const auto name = take_name(rest, Name::Label);
  if (name.empty() || name == "__name__") return wanted("the name of a label", shown);
  skip_blanks(rest);
  if (!rest.starts_with('=')) return wanted("'=' after a label's name", rest);
  rest.remove_prefix(1);
  skip_blanks(rest);
  if (!rest.starts_with('"')) return wanted("a quote before a label's value", rest);
  rest.remove_prefix(1);
  auto value = take_quoted(rest);
  if (!value) return fail(std::move(value.error()));
  const bool twice =
      std::ranges::any_of(labels, [&](const auto& label) { return label.name == name; });
  if (twice) return fail(Errc::Malformed, "the label '" + std::string(name) + "' is there twice");
  if (labels.size() == kMostLabels) return fail(Errc::TooLarge, "more than 64 labels");
  labels.push_back({std::string(name), std::move(*value)});
  return {};
}

// `rest` begins after the opening brace and ends after the closing one.
Status take_labels(std::string_view& rest, std::vector<prometheus::ClientMetric::Label>& labels) {
  skip_blanks(rest);
  while (!rest.starts_with('}')) {
    if (auto taken = take_label(rest, labels); !taken) return taken;
    skip_blanks(rest);
    if (rest.starts_with(',')) {
      rest.remove_prefix(1);
      skip_blanks(rest);
    } else if (!rest.starts_with('}')) {
      return wanted("',' or '}' after a label", rest);
    }
  }
  rest.remove_prefix(1);
  return {};
}

// HELP knows \\ and \n and keeps every other backslash's partner out, as expfmt refuses them.
Result<std::string> unescape_help(std::string_view text) {
  std::string help;
  help.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      help += text[i];
      continue;
    }
    const char next = i + 1 < text.size() ? text[++i] : '\0';
    if (next != '\\' && next != 'n') return wanted(R"(\\ or \n in HELP)", text.substr(i));
    help += next == 'n' ? '\n' : '\\';
  }
  return help;
}

}  // namespace

std::optional<double> parse_sample_value(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  double value = 0;
  if (!to_number(text, value)) return std::nullopt;
  return value;
}

Result<SampleLine> parse_sample_line(std::string_view line) {
  SampleLine sample;
  auto rest = line;
  sample.name = take_name(rest, Name::Metric);
  if (sample.name.empty()) return wanted("the name of a metric", line);
  skip_blanks(rest);
  if (rest.starts_with('{')) {
    rest.remove_prefix(1);
    if (auto taken = take_labels(rest, sample.labels); !taken) return fail(taken.error());
    skip_blanks(rest);
  } else if (rest.data() == sample.name.data() + sample.name.size()) {
    return wanted("a blank or '{' after the name", rest);
  }
  const auto value_text = rest.substr(0, rest.find_first_of(kBlank));
  const auto value = parse_sample_value(value_text);
  if (!value) return wanted("a value", rest);
  sample.value = *value;
  rest.remove_prefix(value_text.size());
  if (rest.empty()) return sample;
  skip_blanks(rest);
  std::int64_t timestamp = 0;
  if (!to_number(rest, timestamp)) return wanted("a timestamp or nothing after the value", rest);
  sample.timestamp_ms = timestamp;
  return sample;
}

Result<CommentLine> parse_comment_line(std::string_view line) {
  CommentLine comment;
  auto rest = line.substr(1);
  const auto word = take_field(rest);
  if (word == "HELP") {
    comment.kind = CommentLine::Kind::Help;
  } else if (word == "TYPE") {
    comment.kind = CommentLine::Kind::Type;
  } else {
    return comment;
  }
  skip_blanks(rest);
  comment.name = take_name(rest, Name::Metric);
  if (comment.name.empty()) return wanted("the name of a metric", rest);
  if (!rest.empty() && kBlank.find(rest.front()) == std::string_view::npos) {
    return wanted("a blank after the name of a metric", rest);
  }
  skip_blanks(rest);
  if (comment.kind == CommentLine::Kind::Type) {
    comment.text = rest;
    return comment;
  }
  if (!is_utf8(rest)) return fail(Errc::Malformed, "HELP is no UTF-8");
  auto help = unescape_help(rest);
  if (!help) return fail(std::move(help.error()));
  comment.text = std::move(*help);
  return comment;
}

}  // namespace fieldmedic
