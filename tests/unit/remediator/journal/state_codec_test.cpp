// A snapshot is as good as the events before it.
#include "remediator/journal/state_codec.hpp"

#include "remediator/core/fold.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/every_event.hpp"
#include "tests/fakes/scenario.hpp"

namespace fieldmedic {
namespace {

core::State through_codec(const core::State& state) {
  auto decoded = decode_state(encode_state(state));
  INFO((decoded ? std::string() : decoded.error().message));
  REQUIRE(decoded);
  return *std::move(decoded);
}

// What operator== leaves out.
void check_same_pins(const core::State& a, const core::State& b) {
  REQUIRE(a.pinned.size() == b.pinned.size());
  for (const auto& [name, playbook] : a.pinned) {
    REQUIRE(b.pinned.contains(name));
    CHECK(*playbook == *b.pinned.find(name)->second);
  }
}

TEST_CASE("a state comes back from its snapshot after each kind of event") {
  core::State state;
  for (const core::Event& event : every_event()) {
    core::fold(state, event);
    const core::State again = through_codec(state);
    CHECK(again == state);
    check_same_pins(again, state);
    CHECK(encode_state(again) == encode_state(state));
  }
}

// Incidents that recover, fail, wait, are asked about and run; histories, messages, breakers.
std::vector<core::Event> a_life() {
  using namespace core;
  Scenario s;
  s.act("h1");
  s.hold_and_recover(s.state.last_incident);
  s.wait(1h);
  s.act("h2");
  s.wait(200s);
  s.checks(s.state.last_incident, Verdict::Fail, Verdict::Pass);  // the first tier did not help
  s.give(Pause{"host/h1", "bob", "new kernel"});
  s.wait(2h);
  s.occurrence = s.now;
  s.fire("h1");
  s.fail_checks(s.state.last_incident);  // waits: paused
  s.restart();
  s.give(CancelIncident{s.state.last_incident, "bob", "by hand"});
  REQUIRE(s.state.open.size() == 1);
  REQUIRE(s.state.ended.size() == 2);
  REQUIRE_FALSE(s.state.outbox.empty());
  return s.events;
}

TEST_CASE("what is folded on after a snapshot is what is folded on without one") {
  for (const std::vector<core::Event>& events : {every_event(), a_life()}) {
    for (std::size_t cut = 1; cut < events.size(); ++cut) {
      core::State whole;
      core::State resumed;
      for (std::size_t i = 0; i < events.size(); ++i) {
        core::fold(whole, events[i]);
        if (i + 1 == cut)
          resumed = through_codec(whole);
        else if (i + 1 > cut)
          core::fold(resumed, events[i]);
      }
      CHECK(resumed == whole);
    }
  }
}

TEST_CASE("a text that is no snapshot of this version is refused") {
  core::State state;
  for (const core::Event& event : every_event()) core::fold(state, event);
  const std::string good = encode_state(state);
  const auto refused = [](const std::string& text) {
    const auto decoded = decode_state(text);
    if (decoded) return std::string();
    CHECK(decoded.error().code == Errc::Malformed);
    return decoded.error().message;
  };
  CHECK(refused("") == "without its first line");
  CHECK(refused("state {}").starts_with("snapshot, line 1: no 'v'"));
  CHECK(refused("state 7\n").starts_with("snapshot, line 1: "));
  CHECK(refused(good + "news {}\n").ends_with("of a kind that is not known"));
  CHECK(refused(good + "open [999,{}]\n").ends_with("its playbook is not there"));
  CHECK(refused(good + "target [1\n").ends_with("not JSON"));
  CHECK(refused(good + "message null\n").find(": ") != std::string::npos);
  std::string newer = good;
  newer.replace(newer.find("\"v\":1"), 5, "\"v\":2");
  CHECK(refused(newer) == "snapshot, line 1: of another version");
}

}  // namespace
}  // namespace fieldmedic
