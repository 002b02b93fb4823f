#include "remediator/emergency.hpp"

#include <utility>

#include "common/log.hpp"

namespace fieldmedic {
namespace {

constexpr std::chrono::minutes kTellEvery{10};
constexpr std::chrono::minutes kLogEvery{1};
// So that what is broken need not wait behind a channel that is slow to take a refusal.
constexpr std::size_t kThreads = 8;

// Whether `every` has passed since `last`, which then is now.
bool due(std::optional<SteadyTime>& last, SteadyTime now, std::chrono::minutes every) {
  if (last && now - *last < every) return false;
  last = now;
  return true;
}

}  // namespace

Emergency::Emergency(const Clock& clock, Channels channels, std::chrono::milliseconds patience)
    : clock_(clock), channels_(std::move(channels)), patience_(patience), pool_(kThreads) {}

std::vector<Emergency::Told> Emergency::send(const std::string& what) {
  const auto message = std::make_shared<const core::Message>(core::Message{
      core::MessageKind::SelfAlert, "Fieldmedic itself needs a person", {{"detail", what}}});
  std::vector<Told> told;
  for (const Channel& channel : channels_()) {
    auto answered = std::make_shared<std::promise<void>>();
    told.push_back(answered->get_future());
    pool_.submit([notifier = channel.notifier, message, answered = std::move(answered)](
                     const std::stop_token& stop) { (void)notifier->deliver(0, *message, stop); });
  }
  return told;
}

void Emergency::refusing(const std::string& what) {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  if (due(last_logged_, now, kLogEvery)) log::error(what);
  if (due(last_told_, now, kTellEvery)) (void)send(what);
}

void Emergency::broken(const std::string& what) {
  log::error(what);
  const SteadyTime until = clock_.steady() + patience_;
  for (const Told& told : send(what)) told.wait_for(until - clock_.steady());
}

}  // namespace fieldmedic
