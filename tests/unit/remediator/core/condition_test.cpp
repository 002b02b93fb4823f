// When a tier applies: the language, its three values, and what each part of it looks at.
#include "remediator/core/condition.hpp"

#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace fieldmedic;
using namespace fieldmedic::core;

namespace {

constexpr Truth kNo = Truth::No;
constexpr Truth kYes = Truth::Yes;
constexpr Truth kUnknown = Truth::Unknown;

std::string nested(int depth) {
  std::string text(static_cast<std::size_t>(depth), '(');
  return text + "alert == A" + std::string(static_cast<std::size_t>(depth), ')');
}

}  // namespace

TEST_CASE("condition: and, or and not over three values") {
  struct Case {
    const char* text;
    std::vector<Truth> known;
    Truth want;
  };
  const Case cases[] = {
      {"alert == A", {kYes}, kYes},
      {"alert == A", {kUnknown}, kUnknown},
      {"alert != A", {kYes}, kNo},
      {"alert != A", {kNo}, kYes},
      {"alert != A", {kUnknown}, kUnknown},
      {"not alert == A", {kNo}, kYes},
      {"not not alert == A", {kYes}, kYes},
      {"alert == A and alert == B", {kYes, kYes}, kYes},
      {"alert == A and alert == B", {kYes, kNo}, kNo},
      {"alert == A and alert == B", {kUnknown, kNo}, kNo},
      {"alert == A and alert == B", {kNo, kUnknown}, kNo},
      {"alert == A and alert == B", {kYes, kUnknown}, kUnknown},
      {"alert == A or alert == B", {kNo, kNo}, kNo},
      {"alert == A or alert == B", {kUnknown, kYes}, kYes},
      {"alert == A or alert == B", {kYes, kUnknown}, kYes},
      {"alert == A or alert == B", {kUnknown, kNo}, kUnknown},
      // "and" binds closer than "or", "not" closer than both.
      {"alert == A or alert == B and alert == C", {kYes, kNo, kNo}, kYes},
      {"(alert == A or alert == B) and alert == C", {kYes, kNo, kNo}, kNo},
      {"not alert == A and alert == B", {kNo, kNo}, kNo},
      {"not (alert == A and alert == B)", {kNo, kNo}, kYes},
  };
  for (const Case& each : cases) {
    INFO(each.text);
    const auto condition = Condition::parse(each.text);
    REQUIRE(condition);
    CHECK(condition->holds(each.known) == each.want);
  }
}

TEST_CASE("condition: each term says what it is about") {
  const auto condition = Condition::parse(
      "check.port == fail and labels.zone in (north,\"south \\\"2\\\"\") and\talert != "
      "Disk:Full-2");
  REQUIRE(condition);
  const auto& terms = condition->terms();
  REQUIRE(terms.size() == 3);
  CHECK(terms[0].about == Condition::About::Check);
  CHECK(terms[0].name == "port");
  CHECK(terms[0].values == std::vector<std::string>{"fail"});
  CHECK(terms[1].about == Condition::About::Label);
  CHECK(terms[1].name == "zone");
  CHECK(terms[1].values == std::vector<std::string>{"north", "south \"2\""});
  CHECK(terms[2].about == Condition::About::Alert);
  CHECK(terms[2].name.empty());
  CHECK(terms[2].values == std::vector<std::string>{"Disk:Full-2"});
}

TEST_CASE("condition: what cannot be read names its column") {
  struct Case {
    std::string text;
    std::string want;
  };
  const Case cases[] = {
      {"", "column 1: wants labels.NAME, check.NAME or alert, got the end"},
      {"zone == a", "column 1: wants labels.NAME, check.NAME or alert, got 'zone'"},
      {"labels. == a", "column 1: wants labels.NAME, check.NAME or alert, got 'labels.'"},
      {"alert", "column 6: wants '==', '!=' or 'in', got the end"},
      {"alert = A", "column 7: wants '==', '!=' or 'in', got '='"},
      {"alert == ", "column 10: wants a word or \"text\", got the end"},
      {"alert == )", "column 10: wants a word or \"text\", got ')'"},
      {"alert == \"A", "column 10: wants a closing '\"', got 'A'"},
      {"check.port == down", "column 15: wants pass or fail, got 'down'"},
      {"check.port == unknown", "column 15: wants pass or fail, got 'unknown'"},
      {"check.port in (fail, maybe)", "column 22: wants pass or fail, got 'maybe'"},
      {"labels.a in b", "column 13: wants '(', got 'b'"},
      {"labels.a in ()", "column 14: wants a word or \"text\", got ')'"},
      {"labels.a in (b c)", "column 16: wants ',' or ')', got 'c'"},
      {"(alert == A", "column 12: wants ')', got the end"},
      {"alert == A alert == B", "column 12: wants 'and', 'or' or the end, got 'alert'"},
      {"alert == A and", "column 15: wants labels.NAME, check.NAME or alert, got the end"},
      {nested(kDeepestCondition), "column 17: wants less nesting, got 'alert'"},
      {"alert == " + std::string(504, 'a'), "wants at most 512 bytes"},
  };
  for (const Case& each : cases) {
    INFO(each.text);
    const auto condition = Condition::parse(each.text);
    REQUIRE_FALSE(condition);
    CHECK(condition.error().code == Errc::Invalid);
    CHECK(condition.error().message == each.want);
  }
  CHECK(Condition::parse(nested(kDeepestCondition - 1)));
  CHECK(Condition::parse("alert == " + std::string(503, 'a')));
}
