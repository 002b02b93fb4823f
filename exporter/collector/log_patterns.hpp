// What one line of a log adds to what has been counted: a message of some severity, a stack trace,
// or nothing because it belongs to the message before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "exporter/collector/severity_rules.hpp"

namespace fieldmedic {

struct LineVerdict {
  std::optional<Severity> message;  // a message begins here
  bool stack = false;               // a stack trace begins here

  friend bool operator==(const LineVerdict&, const LineVerdict&) = default;
};

// Fed with the lines of one file in order. A stack trace of however many lines is one event: of
// Java, JavaScript and .NET ("    at …" and what causes it), of Python (Traceback, chained ones
// included) and of Go (panic, fatal error, goroutines). A trace right behind an error or a warning
// belongs to that message; one that stands alone is an error message itself. Keeps one state,
// however hostile the lines. Not thread-safe.
class LogClassifier {
 public:
  explicit LogClassifier(SeverityRules rules = SeverityRules()) : rules_(std::move(rules)) {}

  [[nodiscard]] LineVerdict classify(std::string_view line);

  // Where in a trace it is, so that a trace goes on over a restart, and one classifier can serve
  // several files in turn. Anything is taken: what is no context of ours is the beginning.
  [[nodiscard]] std::uint32_t context() const;
  void go_on_from(std::uint32_t context);

 private:
  enum class Trace {
    None,
    FrameHead,      // "java.lang.IllegalStateException: …": a trace when frames follow
    Frames,         // "\tat com.example.Orders.send(Orders.java:42)"
    Python,         // indented lines, up to "ValueError: …"
    PythonEnd,      // behind it: the end, or a sentence that chains another one
    PythonChained,  // behind that sentence
    Go,
  };

  // Whether the line carries on the trace that we are in.
  [[nodiscard]] bool carries_on(std::string_view line);
  [[nodiscard]] LineVerdict begin_trace(Trace trace);
  [[nodiscard]] LineVerdict begin_message(std::string_view line);

  SeverityRules rules_;
  Trace trace_ = Trace::None;
  bool after_trouble_ = false;  // the last message was an error or a warning
};

}  // namespace fieldmedic
