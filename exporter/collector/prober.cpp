#include "exporter/collector/prober.hpp"

#include <mutex>
#include <utility>

namespace fieldmedic {

// Shared by the prober and what is under way, which may outlive it.
struct Prober::Desk {
  std::mutex mutex;
  std::vector<std::optional<ProbeSample>> samples;
};

Prober::Prober(std::vector<Probe> probes, const std::shared_ptr<HttpClient>& http,
               const Clock& clock)
    : desk_(std::make_shared<Desk>()), rounds_(clock) {
  desk_->samples.resize(probes.size());
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const auto interval = probes[i].config().interval;
    rounds_.add(interval, [desk = desk_, i, probe = std::move(probes[i]), http,
                           &clock](std::stop_token stop) {
      auto sample = probe.ask(*http, clock, std::move(stop));
      const std::lock_guard lock(desk->mutex);
      desk->samples[i] = std::move(sample);
    });
  }
}

std::vector<std::optional<ProbeSample>> Prober::samples() const {
  const std::lock_guard lock(desk_->mutex);
  return desk_->samples;
}

}  // namespace fieldmedic
