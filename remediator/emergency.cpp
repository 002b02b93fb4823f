#include "remediator/emergency.hpp"

#include "common/log.hpp"

namespace fieldmedic {
namespace {

constexpr std::chrono::minutes kTellEvery{10};
constexpr std::chrono::minutes kLogEvery{1};

// Whether `every` has passed since `last`, which then is now.
bool due(std::optional<SteadyTime>& last, SteadyTime now, std::chrono::minutes every) {
  if (last && now - *last < every) return false;
  last = now;
  return true;
}

}  // namespace

void Emergency::tell(const std::string& what) {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  if (due(last_logged_, now, kLogEvery)) log::error(what);
  if (!due(last_told_, now, kTellEvery)) return;
  core::Message message{
      core::MessageKind::SelfAlert, "Fieldmedic itself needs a person", {{"detail", what}}};
  pool_.submit([channels = channels_(), message = std::move(message)](const std::stop_token& stop) {
    for (const Channel& channel : channels) (void)channel.notifier->deliver(0, message, stop);
  });
}

}  // namespace fieldmedic
