#include "exporter/collector/log_patterns.hpp"

#include <algorithm>
#include <cctype>

#include <re2/re2.h>

namespace fieldmedic {
namespace {

constexpr std::string_view kTraceback = "Traceback (most recent call last):";
constexpr std::size_t kLookedAt = 4096;

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

bool indented(std::string_view line) {
  return !line.empty() && is_space(line.front());
}

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return line;
}

// "\tat com.example.Orders.send(Orders.java:42)", "    at main (/srv/orders.js:1:2)"
bool is_frame(std::string_view line) {
  return indented(line) && trimmed(line).starts_with("at ");
}

bool carries_on_frames(std::string_view line) {
  const auto text = trimmed(line);
  if (text.starts_with("Caused by: ")) return true;
  return indented(line) && (text.starts_with("at ") || text.starts_with("... ") ||
                            text.starts_with("Suppressed: ") || text.starts_with("[CIRCULAR"));
}

// The head of a Java trace at the beginning of a line.
bool is_frame_head(std::string_view line) {
  static const re2::RE2 kHead(
      R"(^(?:Exception in thread "|(?:[A-Za-z_][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error|Throwable)\b))",
      re2::RE2::Latin1);
  return re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kHead);
}

// "ValueError: not a number", "KeyboardInterrupt"
bool is_python_exception(std::string_view line) {
  const auto end = std::ranges::find_if(line, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '.';
  });
  return end != line.begin() && (end == line.end() || *end == ':');
}

bool chains_python(std::string_view line) {
  return line.starts_with("During handling of the above exception") ||
         line.starts_with("The above exception was the direct cause");
}

bool is_goroutine(std::string_view line) {
  return line.starts_with("goroutine ") && line.find(" [") != line.npos;
}

bool is_go_panic(std::string_view line) {
  return line.starts_with("panic: ") || line.starts_with("fatal error: ");
}

bool carries_on_go(std::string_view line) {
  if (trimmed(line).empty() || line.front() == '\t' || is_goroutine(line)) return true;
  for (const std::string_view head :
       {"created by ", "exit status ", "[signal ", "[recovered]", "runtime stack:"}) {
    if (line.starts_with(head)) return true;
  }
  // "net/http.(*conn).serve(0xc000120000, {0x7a, 0x1})": a name without spaces, then arguments.
  const auto parenthesis = line.find('(');
  return line.ends_with(')') && parenthesis != 0 && parenthesis < line.find(' ');
}

}  // namespace

LineVerdict LogClassifier::classify(std::string_view line) {
  line = line.substr(0, kLookedAt);
  if (carries_on(line)) return {};
  const auto text = trimmed(line);
  if (text.empty()) {
    if (trace_ != Trace::PythonEnd) trace_ = Trace::None;
    return {};
  }
  if (is_frame(line)) return begin_trace(Trace::Frames);
  if (text.starts_with(kTraceback)) return begin_trace(Trace::Python);
  if (is_goroutine(line)) return begin_trace(Trace::Go);
  if (is_go_panic(line)) {
    after_trouble_ = false;  // the end of a program, whatever it said before
    return begin_trace(Trace::Go);
  }
  return begin_message(line);
}

std::uint32_t LogClassifier::context() const {
  return static_cast<std::uint32_t>(trace_) << 1U | (after_trouble_ ? 1U : 0U);
}

void LogClassifier::go_on_from(std::uint32_t context) {
  const auto trace = context >> 1U;
  const bool ours = trace <= static_cast<std::uint32_t>(Trace::Go);
  trace_ = ours ? static_cast<Trace>(trace) : Trace::None;
  after_trouble_ = ours && (context & 1U) != 0;
}

bool LogClassifier::carries_on(std::string_view line) {
  switch (trace_) {
    case Trace::None:
    case Trace::FrameHead: return false;
    case Trace::Frames: return carries_on_frames(line);
    case Trace::Python:
      if (indented(line)) return true;
      trace_ = Trace::PythonEnd;
      return is_python_exception(line);
    case Trace::PythonEnd:
      if (!chains_python(line)) return false;
      trace_ = Trace::PythonChained;
      return true;
    case Trace::PythonChained:
      if (trimmed(line).empty()) return true;
      trace_ = line.starts_with(kTraceback) ? Trace::Python : Trace::None;
      return trace_ == Trace::Python;
    case Trace::Go: return carries_on_go(line);
  }
  return false;
}

LineVerdict LogClassifier::begin_trace(Trace trace) {
  LineVerdict verdict;
  verdict.stack = true;
  if (!after_trouble_) verdict.message = Severity::Error;
  trace_ = trace;
  after_trouble_ = false;  // a second trace is a message of its own
  return verdict;
}

LineVerdict LogClassifier::begin_message(std::string_view line) {
  if (is_frame_head(line)) {
    LineVerdict verdict;
    if (!after_trouble_) verdict.message = Severity::Error;
    trace_ = Trace::FrameHead;
    after_trouble_ = true;
    return verdict;
  }
  LineVerdict verdict;
  verdict.message = rules_.severity(line);
  const bool traceback = line.find(kTraceback) != line.npos;  // behind a time or a level
  if (traceback) verdict.message = Severity::Error;
  verdict.stack = traceback;
  trace_ = traceback ? Trace::Python : Trace::None;
  after_trouble_ =
      !traceback && (verdict.message == Severity::Error || verdict.message == Severity::Warning);
  return verdict;
}

}  // namespace fieldmedic
