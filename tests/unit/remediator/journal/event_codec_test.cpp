#include "remediator/journal/event_codec.hpp"

#include <fstream>
#include <set>
#include <string>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/every_event.hpp"

namespace fieldmedic {
namespace {

core::Event decoded(std::string_view name, std::string_view json) {
  auto event = decode_event(name, json);
  INFO((event ? std::string() : event.error().message));
  REQUIRE(event);
  return *std::move(event);
}

core::Event through_codec(const core::Event& event) {
  return decoded(core::name_of(event.payload), encode_event(event));
}

std::string error_of(std::string_view name, std::string_view json) {
  const auto event = decode_event(name, json);
  REQUIRE_FALSE(event);
  CHECK(event.error().code == Errc::Malformed);
  return event.error().message;
}

TEST_CASE("every event comes back from its JSON as it was") {
  std::set<std::size_t> kinds;
  for (const auto& event : every_event()) {
    DYNAMIC_SECTION(core::name_of(event.payload)) {
      CHECK(through_codec(event) == event);
    }
    kinds.insert(event.payload.index());
  }
  CHECK(kinds.size() == std::variant_size_v<core::Payload>);
}

TEST_CASE("a default event of each kind comes back as it was") {
  const auto each = [&]<class... Events>(std::type_identity<std::variant<Events...>>) {
    for (const core::Payload& payload : {core::Payload(Events{})...}) {
      const core::Event event{core::Time{}, payload};
      CHECK(through_codec(event) == event);
    }
  };
  each(std::type_identity<core::Payload>{});
}

TEST_CASE("equal events give equal bytes with the envelope in front") {
  const auto events = every_event();
  const auto again = every_event();
  for (std::size_t i = 0; i < events.size(); ++i)
    CHECK(encode_event(events[i]) == encode_event(again[i]));
  const core::Event event{core::Time(core::Duration(1'795'000'000'000)),
                          core::Recovered{17, "all \"checks\" held"}};
  CHECK(encode_event(event) ==
        R"({"v":1,"at":1795000000000,"incident":17,"reason":"all \"checks\" held"})");
}

// The golden journal is what older versions wrote: a line may be added, never changed (S18).
TEST_CASE("the golden journal of version 1 is read and written as ever") {
  std::ifstream file(FIELDMEDIC_SOURCE_DIR "/tests/golden/journal-v1.jsonl");
  REQUIRE(file);
  const auto events = every_event();
  std::size_t line_number = 0;
  for (std::string line; std::getline(file, line); ++line_number) {
    INFO("line " << line_number + 1);
    REQUIRE(line_number < events.size());
    const auto json = nlohmann::ordered_json::parse(line);
    const auto name = json.at("name").get<std::string>();
    const auto body = json.at("body").dump();
    CHECK(decoded(name, body) == events[line_number]);
    CHECK(line ==
          fmt::format(R"({{"name":"{}","body":{}}})", name, encode_event(events[line_number])));
  }
  CHECK(line_number == events.size());
}

TEST_CASE("hostile strings come back as they were") {
  const std::string hostile[] = {
      std::string("nul\0inside", 10),
      "\"quoted\" \\back\\ /slash/",
      "line\nfeed\ttab\x01\x1f\x7f",
      "</script>\xE2\x80\xA8",
      "告警😀",
      std::string(100'000, 'x'),
      R"({"v":1})",
      "",
  };
  for (const auto& text : hostile) {
    const core::Event event{core::Time{}, core::HandedOver{1, text}};
    CHECK(through_codec(event) == event);
    CHECK(encode_event(event).find('\n') == std::string::npos);
  }
  const core::Event labels{core::Time{},
                           core::AlertIgnored{sample_alert_key(),
                                              core::AlertStatus::Firing,
                                              core::IgnoreReason::BadTarget,
                                              "why",
                                              {{"", "empty name"}, {"a\"b\nc", "v"}, {"v", "1"}}}};
  CHECK(through_codec(labels) == labels);
}

TEST_CASE("invalid UTF-8 is replaced and the rest stays") {
  const struct {
    const char* name;
    std::string text;
    std::string want;
  } cases[] = {
      {"a lone continuation byte", "a\x80z", "a\xEF\xBF\xBDz"},
      {"a cut sequence", "a\xE5\x91", "a\xEF\xBF\xBD"},
      {"an overlong slash", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      const core::Event event{core::Time{}, core::HandedOver{1, c.text}};
      CHECK(through_codec(event) == core::Event{core::Time{}, core::HandedOver{1, c.want}});
    }
}

TEST_CASE("nested JSON text is stored as an object and otherwise as the text it is") {
  const auto seen_of = [](std::string seen) {
    const core::Event event{
        core::Time{},
        core::PlanMade{
            1, "a-1-1", {{{"step", std::move(seen), "{}", core::Confirmable::Yes}}, {}, {}}}};
    return std::get<core::PlanMade>(through_codec(event).payload).plan.steps.at(0).seen;
  };
  CHECK(seen_of(R"({ "b" : 1, "a" : [ 2 ] })") == R"({"b":1,"a":[2]})");  // its order is kept
  CHECK(seen_of("not json") == "not json");
  CHECK(seen_of("[1]") == "[1]");
  CHECK(seen_of("") == "");
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  CHECK(seen_of("{\"a\":" + deep + "}") == "{\"a\":" + deep + "}");
}

TEST_CASE("extreme numbers come back as they were") {
  core::Playbook playbook = sample_playbook();
  playbook.limits.attempts = std::numeric_limits<int>::min();
  playbook.limits.per = core::Duration::max();
  const core::Event event{core::Time(core::Duration::min()),
                          core::IncidentOpened{std::numeric_limits<std::uint64_t>::max(),
                                               {},
                                               playbook,
                                               {},
                                               0,
                                               std::numeric_limits<std::uint32_t>::max()}};
  CHECK(through_codec(event) == event);
}

TEST_CASE("what is not an event of this version is malformed and says where") {
  const struct {
    const char* name;
    const char* event;
    const char* json;
    const char* why;
  } cases[] = {
      {"not JSON", "recovered", "{", "recovered: not a JSON object"},
      {"empty", "recovered", "", "recovered: not a JSON object"},
      {"a list", "recovered", "[]", "recovered: not a JSON object"},
      {"two values", "recovered", "{}{}", "recovered: not a JSON object"},
      {"no version", "recovered", R"({"at":1})", "recovered: no 'v'"},
      {"a version from the future", "recovered", R"({"v":2,"at":1})",
       "recovered: version 2 is not known"},
      {"no time", "recovered", R"({"v":1})", "recovered: no 'at'"},
      {"a missing field", "recovered", R"({"v":1,"at":1,"incident":2})", "recovered: no 'reason'"},
      {"a wrong type", "recovered", R"({"v":1,"at":1,"incident":"2","reason":""})",
       "recovered: incident: wants a whole number, got string"},
      {"a negative number", "recovered", R"({"v":1,"at":1,"incident":-2,"reason":""})",
       "recovered: incident: wants a number in range, got number"},
      {"a broken number", "recovered", R"({"v":1,"at":1.5,"incident":2,"reason":""})",
       "recovered: at: wants a whole number, got number"},
      {"a number too large", "tier_failed",
       R"({"v":1,"at":1,"incident":1,"tier":4294967296,"reason":""})",
       "tier_failed: tier: wants a smaller number, got number"},
      {"an unknown word", "confirm_answered",
       R"({"v":1,"at":1,"incident":1,"attempt":"a","step":0,"answer":"perhaps","evidence":""})",
       "confirm_answered: answer: not a word that this version knows"},
      {"the word for no word", "confirm_answered",
       R"({"v":1,"at":1,"incident":1,"attempt":"a","step":0,"answer":"invalid","evidence":""})",
       "confirm_answered: answer: not a word that this version knows"},
      {"deep inside", "checks_answered",
       R"({"v":1,"at":1,"incident":1,"answers":[{"verdict":"pass","evidence":""},{"verdict":"pass"}]})",
       "checks_answered: answers: [1]: no 'evidence'"},
      {"an unknown event", "exploded", R"({"v":1,"at":1})",
       "exploded: no event of this name is known"},
      {"invalid UTF-8", "intake_lost", "{\"v\":1,\"at\":1,\"why\":\"\x80\"}",
       "intake_lost: not a JSON object"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      CHECK(error_of(c.event, c.json) == c.why);
    }
}

TEST_CASE("fields that this version does not know are ignored") {
  CHECK(decoded("recovered", R"({"v":1,"at":5,"incident":2,"reason":"r","later":{"x":[1]}})") ==
        core::Event{core::Time(core::Duration(5)), core::Recovered{2, "r"}});
}

TEST_CASE("events nested beyond reason are malformed instead of a crash") {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  CHECK(error_of("recovered", R"({"v":1,"at":1,"incident":2,"reason":)" + deep + "}") ==
        "recovered: not a JSON object");
}

}  // namespace
}  // namespace fieldmedic
