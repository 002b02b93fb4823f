#include "tests/sim/coverage.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <type_traits>

namespace fieldmedic::core::sim {
namespace {

struct Excuse {
  std::string_view kind;
  std::string_view name;
  std::string_view why;
};

// What is not reached here, and why that is no gap.
constexpr std::array kExcused{
    Excuse{"crash before", "wake", "the engine's own timer: a crash takes it whenever it comes"},
    Excuse{"crash before", "expect_watchdog", "the same"},
};

constexpr std::array kInputs{"alerts",        "resume",      "planned",       "apply_done",
                             "confirm_done",  "checks_done", "delivery_done", "reconcile_done",
                             "alerts_asked",  "timer",       "slept",         "watchdog_missed",
                             "approve",       "cancel",      "pause",         "unpause",
                             "close_breaker", "end_lease"};
static_assert(kInputs.size() == std::variant_size_v<Input>);
constexpr std::size_t kOrders = 6;  // the last ones

constexpr std::array kEffects{"run_checks",     "make_plan",       "apply",     "confirm",
                              "cancel_attempt", "deliver",         "reconcile", "ask_alerts",
                              "wake",           "expect_watchdog", "plan_undo"};
static_assert(kEffects.size() == std::variant_size_v<decltype(Effect::what)>);

constexpr std::array kPhases{Phase::Diagnosing, Phase::Planning, Phase::Waiting,
                             Phase::Approving,  Phase::Acting,   Phase::Confirming,
                             Phase::Verifying,  Phase::Suspended};
constexpr std::array kReasons{IgnoreReason::NoPlaybook, IgnoreReason::BadTarget,
                              IgnoreReason::AlreadyUsed, IgnoreReason::UnknownResolved,
                              IgnoreReason::Poison};

template <std::size_t... kIndex>
auto every_event(std::index_sequence<kIndex...>) {
  return std::array{Payload(std::in_place_index<kIndex>)...};
}

std::string_view order_kind(bool granted) {
  return granted ? "order granted" : "order refused";
}

}  // namespace

Coverage::Coverage() {
  for (const Payload& event : every_event(std::make_index_sequence<std::variant_size_v<Payload>>()))
    for (const char* kind : {"event", "crash after"}) count(kind, name_of(event), 0);
  for (const char* input : kInputs) count("input", input, 0);
  for (std::size_t i = kInputs.size() - kOrders; i < kInputs.size(); ++i)
    for (const bool granted : {true, false}) count(order_kind(granted), kInputs[i], 0);
  for (const char* effect : kEffects)
    for (const char* kind : {"effect", "crash before"}) count(kind, effect, 0);
  for (const Guard guard : kGuards) count("refusal", to_string(guard), 0);
  for (const Phase phase : kPhases) count("crash in", to_string(phase), 0);
  for (const IgnoreReason reason : kReasons) count("repeated", to_string(reason), 0);
}

void Coverage::count(std::string_view kind, std::string_view name, std::uint64_t by) {
  auto names = kinds_.find(kind);
  if (names == kinds_.end()) names = kinds_.emplace(kind, Names{}).first;
  auto found = names->second.find(name);
  if (found == names->second.end()) found = names->second.emplace(name, 0).first;
  found->second += by;
}

void Coverage::gave(const Input& input) {
  count("input", kInputs[input.index()]);
}
void Coverage::recorded(const Payload& event) {
  count("event", name_of(event));
}
void Coverage::released(const Effect& effect) {
  count("effect", kEffects[effect.what.index()]);
}
void Coverage::refused(Guard guard) {
  count("refusal", to_string(guard));
}
void Coverage::ordered(const Input& order, bool granted) {
  count(order_kind(granted), kInputs[order.index()]);
}
void Coverage::repeated(IgnoreReason reason) {
  count("repeated", to_string(reason));
}
void Coverage::crashed_after(const Payload& event) {
  count("crash after", name_of(event));
}
void Coverage::crashed_before(const Effect& effect) {
  count("crash before", kEffects[effect.what.index()]);
}
void Coverage::crashed_in(Phase phase) {
  count("crash in", to_string(phase));
}
void Coverage::tested(const Rules& rules) {
  for (std::size_t i = 0; i < kRules; ++i)
    count("rule", to_string(static_cast<Rule>(i)), rules.tested(static_cast<Rule>(i)));
}

std::vector<std::string> Coverage::missing() const {
  std::vector<std::string> missing;
  for (const auto& [kind, names] : kinds_)
    for (const auto& [name, times] : names) {
      const bool excused = std::ranges::any_of(kExcused, [&](const Excuse& excuse) {
        return excuse.kind == kind && excuse.name == name;
      });
      if (times == 0 && !excused) missing.push_back(kind + ": " + name);
    }
  return missing;
}

std::string Coverage::table() const {
  std::string text;
  for (const auto& [kind, names] : kinds_) {
    text += kind + "\n";
    for (const auto& [name, times] : names) {
      const std::string number = std::to_string(times);
      text += std::string(number.size() < 12 ? 12 - number.size() : 0, ' ') + number + "  " + name +
              "\n";
    }
  }
  for (const Excuse& excuse : kExcused)
    text += "not asked for: " + std::string(excuse.kind) + " " + std::string(excuse.name) + " (" +
            std::string(excuse.why) + ")\n";
  return text;
}

}  // namespace fieldmedic::core::sim
