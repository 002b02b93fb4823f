#include "remediator/actions/scale_choice.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

using Names = std::vector<std::string>;

// A letter an instance, called 1, 2 …: r runs, f is free, u is unfit.
std::vector<Instance> row(std::string_view letters) {
  std::vector<Instance> instances;
  for (const char letter : letters) {
    Instance instance{std::to_string(instances.size() + 1), InstanceIs::Unfit, "is failed"};
    if (letter == 'r') instance = {instance.name, InstanceIs::Running};
    if (letter == 'f') instance = {instance.name, InstanceIs::Free};
    instances.push_back(std::move(instance));
  }
  return instances;
}

}  // namespace

TEST_CASE("scale out: to an absolute count by named instances") {
  struct Case {
    const char* row;
    ScaleTerms terms;
    ScaleChoice want;
  };
  const Case cases[] = {
      {"rfff", {4, 1}, {1, 2, {"2"}}},           {"rfff", {4, 2}, {1, 3, {"2", "3"}}},
      {"rfff", {4, 3}, {1, 4, {"2", "3", "4"}}}, {"rrrf", {4, 3}, {3, 4, {"4"}}},
      {"frff", {4, 1}, {1, 2, {"1"}}},           {"rurf", {4, 1}, {2, 3, {"4"}}},
      {"ffff", {4, 1}, {0, 1, {"1"}}},           {"ruuf", {4, 2}, {1, 2, {"4"}}},
  };
  for (const Case& c : cases) {
    INFO(c.row << " max " << c.terms.max << " step " << c.terms.step);
    const auto choice = choose_instances(row(c.row), c.terms, {});
    REQUIRE(choice.has_value());
    CHECK(*choice == c.want);
  }
}

TEST_CASE("scale out: nothing to start is a reason, not an empty plan") {
  struct Case {
    const char* row;
    ScaleTerms terms;
    std::vector<ScaleChoice> begun;
    const char* why;
  };
  const Case cases[] = {
      {"rrrr", {4, 1}, {}, "4 run already, of at most 4"},
      {"ruuu", {4, 1}, {}, "no instance is free to be started; 2 is failed; 3 is failed"},
      {"rrff", {4, 1}, {{1, 2, {"2"}}}, "2 run, the 2 that this incident scaled out to are there"},
      // Another one runs in the place of ours: the count is what is wanted.
      {"rfrf", {4, 1}, {{1, 2, {"2"}}}, "2 run, the 2"},
      {"ruff", {4, 1}, {{1, 2, {"2"}}}, "no instance is free to be started; 2 is failed"},
      // A reload lowered the maximum.
      {"rfff", {1, 1}, {{1, 2, {"2"}}}, "1 run"},
  };
  for (const Case& c : cases) {
    INFO(c.row << ": " << c.why);
    const auto choice = choose_instances(row(c.row), c.terms, c.begun);
    REQUIRE_FALSE(choice.has_value());
    CHECK(choice.error().code == Errc::Conflict);
    CHECK_THAT(choice.error().message, Catch::StartsWith(c.why));
  }
}

TEST_CASE("scale out: what an incident began is gone on with, and never gone beyond") {
  struct Case {
    const char* row;
    ScaleTerms terms;
    std::vector<ScaleChoice> begun;
    ScaleChoice want;
  };
  const Case cases[] = {
      // Dead between its two steps.
      {"rrff", {4, 2}, {{1, 3, {"2", "3"}}}, {2, 3, {"3"}}},
      // Neither was started.
      {"rfff", {4, 2}, {{1, 3, {"2", "3"}}}, {1, 3, {"2", "3"}}},
      // Only the named ones, though another is free before them.
      {"frff", {4, 1}, {{1, 2, {"3"}}}, {1, 2, {"3"}}},
      // A greater step of another tier does not go further under the same lease.
      {"rfff", {4, 3}, {{1, 2, {"2"}}}, {1, 2, {"2"}}},
      {"rfff", {2, 2}, {{1, 3, {"2", "3"}}}, {1, 2, {"2"}}},
  };
  for (const Case& c : cases) {
    INFO(c.row);
    const auto choice = choose_instances(row(c.row), c.terms, c.begun);
    REQUIRE(choice.has_value());
    CHECK(*choice == c.want);
  }
}

}  // namespace fieldmedic
