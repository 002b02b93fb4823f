#include "exporter/collector/log_patterns.hpp"

#include <map>
#include <random>
#include <string>

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

TEST_CASE("log severity: formats that people write") {
  struct Case {
    const char* line;
    Severity want;
  };
  constexpr auto kError = Severity::Error;
  constexpr auto kWarning = Severity::Warning;
  constexpr auto kInfo = Severity::Info;
  constexpr auto kOther = Severity::Other;
  const Case cases[] = {
      {"2026-11-23 08:05:58,123 ERROR [main] c.e.Orders - cannot send", kError},
      {"2026-11-23 08:05:58 INFO handled with 0 errors", kInfo},
      {"2026-11-23 08:05:58 INFO no error and no warning", kInfo},
      {"2026-11-23 08:05:58 DEBUG error=none", kOther},
      {"2026/11/23 08:05:58 [error] 12#12: *1 open() failed", kError},
      {"[warn] disk is slow", kWarning},
      {"08:05:58 WARNING retry", kWarning},
      {"ERROR:root:division by zero", kError},
      {"error: cannot find file", kError},
      {"Warning: deprecated", kWarning},
      {"<11>Nov 23 08:05:58 host orders: it broke", kError},
      {"<12>Nov 23 08:05:58 host orders: ERROR in text", kWarning},
      {"<14>orders: fine", kInfo},
      {"<15>orders: fine", kOther},
      {"<999>orders: no priority", kOther},
      {"E1123 08:05:58.000000 1 orders.go:12] it broke", kError},
      {"W1123 08:05:58.000000 1 orders.go:12] it may break", kWarning},
      {"I1123 08:05:58.000000 1 error.go:12] all is well", kInfo},
      {R"({"level":"error","msg":"x"})", kError},
      {R"({"msg":"an error that was handled","level":"info"})", kInfo},
      {R"({"severity": "WARNING", "message": "x"})", kWarning},
      {R"({"@timestamp":"2026","log.level":"ERROR"})", kError},
      {R"({"level":30,"msg":"error"})", kInfo},
      {R"({"level":50,"msg":"x"})", kError},
      {R"({"version":"1.1","level":3,"short_message":"x"})", kError},
      {R"({"version":"1.1","level":7,"short_message":"x"})", kOther},
      {"ts=2026 caller=error.go:12 level=info msg=x", kInfo},
      {"ts=2026 level=warn msg=\"error\"", kWarning},
      {"time=2026 level=error", kError},
      {"water level: high; pump failed", kError},
      {"rsyslogd: action 'forward' suspended, an exception", kError},
      {"could not connect: IllegalStateException", kError},
      {"3 errors_total found in terrors", kOther},
      {"ERROR_CODE=0", kOther},
      {"started", kOther},
      {"", kOther},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.line) {
      CHECK(to_label(severity_of(c.line)) == to_label(c.want));
    }
  }
}

TEST_CASE("log severity: only the beginning of a long line is looked at") {
  CHECK(severity_of(std::string(4000, 'x') + " ERROR") == Severity::Error);
  CHECK(severity_of(std::string(5000, 'x') + " ERROR") == Severity::Other);
  CHECK(severity_of("\xff\xfe\x80 ERROR \xff") == Severity::Error);
  CHECK(severity_of(std::string("\0\0 ERROR", 8)) == Severity::Error);
}

struct Counts {
  std::map<Severity, int> messages;
  int stacks = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
};

Counts count(std::string_view text) {
  Counts counts;
  LogClassifier classifier;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto verdict = classifier.classify(text.substr(0, end));
    if (verdict.message) ++counts.messages[*verdict.message];
    if (verdict.stack) ++counts.stacks;
    text.remove_prefix(end + 1);
  }
  return counts;
}

constexpr std::string_view kJava =
    "java.lang.IllegalStateException: cannot send ERROR\n"
    "\tat com.example.Orders.send(Orders.java:42)\n"
    "\tat com.example.Main.main(Main.java:7) ~[app.jar:?]\n"
    "Caused by: java.io.IOException: Connection refused\n"
    "\tat java.base/sun.nio.ch.Net.connect0(Native Method)\n"
    "\t... 12 more\n"
    "\tSuppressed: java.lang.RuntimeException: close failed\n"
    "\t\tat com.example.Orders.close(Orders.java:50)\n";

constexpr std::string_view kPython =
    "Traceback (most recent call last):\n"
    "  File \"/srv/orders.py\", line 12, in send\n"
    "    raise ValueError('error')\n"
    "ValueError: error\n";

constexpr std::string_view kPythonChained =
    "Traceback (most recent call last):\n"
    "  File \"/srv/orders.py\", line 12, in send\n"
    "KeyError: 'a'\n"
    "\n"
    "During handling of the above exception, another exception occurred:\n"
    "\n"
    "Traceback (most recent call last):\n"
    "  File \"/srv/orders.py\", line 14, in send\n"
    "orders.SendError\n";

constexpr std::string_view kGo =
    "panic: runtime error: invalid memory address or nil pointer dereference\n"
    "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4567]\n"
    "\n"
    "goroutine 1 [running]:\n"
    "main.(*Orders).Send(0x0, {0xc000012345, 0x5})\n"
    "\t/srv/orders.go:12 +0x1d\n"
    "main.main()\n"
    "\t/srv/main.go:7 +0x85\n"
    "\n"
    "goroutine 5 [select]:\n"
    "created by main.main in goroutine 1\n"
    "\t/srv/main.go:6 +0x20\n"
    "exit status 2\n";

TEST_CASE("log patterns: a stack trace is one event") {
  const std::string info = "INFO next\n";
  const std::string error = "ERROR it broke\n";
  const auto one_error = Counts{{{Severity::Error, 1}}, 1};
  const auto error_and_info = Counts{{{Severity::Error, 1}, {Severity::Info, 1}}, 1};
  for (const auto trace : {kJava, kPython, kPythonChained, kGo}) {
    DYNAMIC_SECTION(trace.substr(0, 30)) {
      CHECK(count(trace) == one_error);
      CHECK(count(std::string(trace) + info) == error_and_info);
      CHECK(count(info + std::string(trace)) == error_and_info);
      CHECK(count(std::string(trace) + std::string(trace)).stacks == 2);
      CHECK(count(std::string(trace) + info + std::string(trace)).messages[Severity::Error] == 2);
    }
  }
  for (const auto trace : {kJava, kPython, kPythonChained}) {
    DYNAMIC_SECTION("behind the error that it belongs to: " << trace.substr(0, 30)) {
      CHECK(count(error + std::string(trace) + info) == error_and_info);
    }
  }
}

TEST_CASE("log patterns: traces that begin in the middle of a line") {
  CHECK(count("2026 ERROR Orders - sending java.io.IOException: refused\n"
              "\tat com.example.Orders.send(Orders.java:42)\n"
              "2026 INFO next\n") == Counts{{{Severity::Error, 1}, {Severity::Info, 1}}, 1});
  CHECK(
      count("2026 INFO Traceback (most recent call last):\n  File \"x\"\nKeyError: 1\nINFO x\n") ==
      Counts{{{Severity::Error, 1}, {Severity::Info, 1}}, 1});
  CHECK(count("2026 http: panic serving 127.0.0.1:80: boom\n"
              "goroutine 5 [running]:\nnet/http.(*conn).serve.func1()\n\t/x.go:1\n") ==
        Counts{{{Severity::Error, 1}}, 1});
  CHECK(count("Error: no route\n    at send (/srv/orders.js:1:2)\n    at main (/srv/x.js:1:2)\n") ==
        Counts{{{Severity::Error, 1}}, 1});
}

TEST_CASE("log patterns: what only looks like a trace is none") {
  CHECK(count("java.io.IOException: refused\nINFO next\n") ==
        Counts{{{Severity::Error, 1}, {Severity::Info, 1}}, 0});
  CHECK(count("meet me\nat the corner\n") == Counts{{{Severity::Other, 2}}, 0});
  CHECK(count("goroutine pool resized\n") == Counts{{{Severity::Other, 1}}, 0});
  // A trace that another message interrupts ends there.
  CHECK(count("Traceback (most recent call last):\n2026 WARN other\nINFO x\n") ==
        Counts{{{Severity::Error, 1}, {Severity::Warning, 1}, {Severity::Info, 1}}, 1});
  CHECK(count("panic: boom\n\nfinished (done)\n") ==
        Counts{{{Severity::Error, 1}, {Severity::Other, 1}}, 1});
}

TEST_CASE("log patterns: hostile lines are survived") {
  std::mt19937 random(4711);
  const std::string text = std::string(kJava) + std::string(kPythonChained) + std::string(kGo);
  int messages = 0;
  LogClassifier classifier;
  for (int round = 0; round < 3'000; ++round) {
    std::string line = text.substr(random() % text.size(), random() % 80);
    for (int i = 0; i < 3 && !line.empty(); ++i) {
      line[random() % line.size()] = static_cast<char>(random() & 0xff);
    }
    if (classifier.classify(line).message) ++messages;
  }
  CHECK(messages > 0);
  CHECK(classifier.classify(std::string(1 << 20, '(')).message);
  CHECK_FALSE(classifier.classify(std::string(1 << 20, ' ')).message);
}

}  // namespace
}  // namespace fieldmedic
