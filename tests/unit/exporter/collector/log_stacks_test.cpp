#include "exporter/collector/log_stacks.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

constexpr std::string_view kJava =
    "ERROR cannot send\n"
    "java.lang.IllegalStateException: closed\n"
    "\tat com.example.Orders.send(Orders.java:42)\n"
    "\tat com.example.Orders.run(Orders.java:7)\n"
    "Caused by: java.io.IOException: broken pipe\n"
    "\tat com.example.Pipe.write(Pipe.java:1)\n";
constexpr std::string_view kPython =
    "Traceback (most recent call last):\n"
    "  File \"orders.py\", line 3, in send\n"
    "KeyError: 'id'\n";
constexpr std::string_view kGo =
    "panic: runtime error: index out of range [5] with length 3\n"
    "\n"
    "goroutine 1 [running]:\n"
    "main.main()\n"
    "\t/src/main.go:8 +0x1b\n"
    "exit status 2\n";

RecentStacks in(std::string_view text, std::size_t lines = kDiagnosedLines) {
  return find_stacks(text, lines, SeverityRules());
}

TEST_CASE("log stacks: a stack of many lines is one, in each language") {
  struct Case {
    const char* name;
    std::string text;
    std::size_t stacks;
    std::string_view last_begins;
  };
  const Case cases[] = {
      {"empty", "", 0, ""},
      {"none", "INFO fine\nERROR but no stack\n", 0, ""},
      {"Java", std::string(kJava), 1, "ERROR cannot send\njava.lang"},
      {"Python", std::string(kPython), 1, "Traceback"},
      {"Go", std::string(kGo), 1, "panic: runtime error"},
      {"three",
       std::string(kJava) + "INFO x\n" + std::string(kPython) + "INFO x\n" + std::string(kGo), 3,
       "panic: runtime error"},
      {"no newline at the end", "INFO x\nTraceback (most recent call last):", 1, "Traceback"},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto recent = in(c.text);
      CHECK(recent.stacks == c.stacks);
      CHECK(recent.last.starts_with(c.last_begins));
      CHECK(recent.last.empty() == (c.stacks == 0));
    }
  }
}

TEST_CASE("log stacks: only the last lines are looked at") {
  std::string text(kPython);
  for (int i = 0; i < 10; ++i) text += "INFO fine\n";
  CHECK(in(text, 10).stacks == 0);
  CHECK(in(text, 10).lines == 10);
  CHECK(in(text, 13).stacks == 1);
  CHECK(in(text, 13).lines == 13);
  CHECK(in(text, 1000).lines == 13);
}

TEST_CASE("log stacks: what is shown of a stack is bounded and printable") {
  const std::string hostile = "Traceback (most recent call last):\n  \x1b[31m\xff\n  " +
                              std::string(10'000, 'x') + "\nKeyError: 1\n";
  const auto recent = in(hostile);
  CHECK(recent.stacks == 1);
  CHECK(recent.last.size() <= 2048);
  CHECK(recent.last.find('\x1b') == std::string::npos);
  CHECK(recent.last.find('\xff') == std::string::npos);
}

TEST_CASE("log stacks: what is shown ends at a whole line, or word, never inside of a password") {
  const std::string head = "Traceback (most recent call last):\n";
  const auto cut_inside = [&](const std::string& before) {
    return in(head + before + std::string(2048 - head.size() - before.size() - 20, 'x') +
              " password=hunter2hunter2hunter2\nKeyError: 1\n")
        .last;
  };
  CHECK(cut_inside("  one\n  ") == head.substr(0, head.size()) + "  one");
  CHECK(cut_inside("").find("hunter2") == std::string::npos);
}

TEST_CASE("log stacks: a young file is continued into what rotation left") {
  const TempTree tree{{{"a.log.1", std::string(kJava)}, {"a.log", "INFO new\n"}}};
  LogFiles files(std::make_shared<FakeFiles>());
  LogConfig config;
  config.files = {tree.root / "a.log"};
  const auto recent = recent_stacks(files, config, kDiagnosedLines, SteadyTime::max());
  REQUIRE(recent);
  CHECK(recent->stacks == 1);
  CHECK(recent->lines == 7);
  config.files = {tree.root / "absent.log"};
  CHECK(recent_stacks(files, config, kDiagnosedLines, SteadyTime::max())->lines == 0);
  config.files = {tree.root};
  CHECK_FALSE(recent_stacks(files, config, kDiagnosedLines, SteadyTime::max()));
}

}  // namespace
}  // namespace fieldmedic
