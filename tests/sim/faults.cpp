#include "tests/sim/faults.hpp"

#include <algorithm>

namespace fieldmedic::core::sim {
namespace {

struct Row {
  Fault fault;
  std::string_view name;
  int per_ten_thousand;  // of its occasions
};

constexpr std::array<Row, kFaults> kTable{{
    {Fault::Crash, "crash", 250},
    {Fault::JournalRefuses, "journal_refuses", 20},
    {Fault::JournalBreaks, "journal_breaks", 20},
    {Fault::Sleep, "sleep", 15},
    {Fault::WallJump, "wall_jump", 15},
    {Fault::Reload, "reload", 30},
    {Fault::WebhookLost, "webhook_lost", 800},
    {Fault::WebhookTwice, "webhook_twice", 800},
    {Fault::WebhookLate, "webhook_late", 800},
    {Fault::WebhookCut, "webhook_cut", 400},
    {Fault::StrangeAlert, "strange_alert", 400},
    {Fault::FalseAlert, "false_alert", 1500},
    {Fault::CheckUnknown, "check_unknown", 300},
    {Fault::CheckLies, "check_lies", 150},
    {Fault::AnswerHangs, "answer_hangs", 300},
    {Fault::PlanFails, "plan_fails", 600},
    {Fault::WorldMoves, "world_moves", 800},
    {Fault::ApplyRefused, "apply_refused", 500},
    {Fault::ApplyUnknown, "apply_unknown", 800},
    {Fault::ApplyLies, "apply_lies", 800},
    {Fault::ConfirmUnknown, "confirm_unknown", 800},
    {Fault::HealthUnknown, "health_unknown", 1500},
    {Fault::ChannelDown, "channel_down", 2500},
    {Fault::WatchdogLost, "watchdog_lost", 1500},
    {Fault::Meddling, "meddling", 1500},
}};

// An absent fault, a usual one, a frequent one.
constexpr std::array<int, 5> kFactors{0, 1, 1, 1, 4};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kFaults; ++i)
    if (kTable[i].fault != static_cast<Fault>(i)) return false;
  return true;
}
static_assert(in_order());

}  // namespace

std::string_view to_string(Fault fault) {
  return kTable[static_cast<std::size_t>(fault)].name;
}

Faults::Faults(std::uint64_t seed, const std::vector<Fault>& without) {
  Rng swarm(seed, 1000);
  for (const Row& row : kTable) {
    const int factor = swarm.pick(kFactors);
    const bool left_out = std::ranges::find(without, row.fault) != without.end();
    sources_.push_back({Rng(seed, 100 + static_cast<std::uint64_t>(row.fault)),
                        left_out ? 0 : row.per_ten_thousand * factor});
  }
}

bool Faults::strikes(Fault fault) {
  Source& source = sources_[static_cast<std::size_t>(fault)];
  if (stopped_ || source.per_ten_thousand == 0) return false;
  return source.rng.between(1, 10'000) <= source.per_ten_thousand;
}

}  // namespace fieldmedic::core::sim
