#include "exporter/collector/storage_probes.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include <prometheus/histogram.h>

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

// From a cache that lies to a disk that hardly answers; the patience is the last.
const prometheus::Histogram::BucketBoundaries kBounds{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

}  // namespace

struct SyncProbes::Probe {
  SyncProbeConfig config;
  SteadyTime due;
  prometheus::Histogram durations{kBounds};
  SyncProbeSample sample;
};

struct SyncProbes::State {
  std::shared_ptr<FileClient> files;
  const Clock& clock;
  mutable std::mutex mutex;  // not held while files are asked
  std::vector<std::unique_ptr<Probe>> probes;
};

SyncProbes::SyncProbes(std::shared_ptr<FileClient> files, const Clock& clock)
    : state_(new State{.files = std::move(files), .clock = clock, .mutex = {}, .probes = {}}) {}

SyncProbes::~SyncProbes() = default;

void SyncProbes::add(std::string collector, const SyncProbeConfig& config) {
  auto probe = std::make_unique<Probe>();
  probe->config = config;
  probe->due = state_->clock.steady() + config.interval;
  probe->sample.collector = std::move(collector);
  probe->sample.folder = config.folder;
  state_->probes.push_back(std::move(probe));
}

milliseconds SyncProbes::turn() {
  auto& [files, clock, mutex, probes] = *state_;
  const auto begun = clock.steady();
  std::vector<FileRequest> requests;
  std::vector<Probe*> asked;
  for (auto& probe : probes) {
    if (probe->due > begun) continue;
    probe->due = begun + probe->config.interval;
    requests.push_back({.verb = FileVerb::SyncProbe, .path = probe->config.folder});
    asked.push_back(probe.get());
  }
  const auto answers = files->ask(requests, begun + kPatience);
  {
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      auto& [config, due, durations, sample] = *asked[i];
      sample.probed_at = clock.wall();
      sample.trouble = answers[i] ? "" : answers[i].error().message;
      if (answers[i]) {
        durations.Observe(std::chrono::duration<double>(answers[i]->took).count());
      } else {
        ++sample.failures;
      }
    }
  }
  auto next = SteadyTime::max();
  for (const auto& probe : probes) next = std::min(next, probe->due);
  const auto left = std::chrono::ceil<milliseconds>(next - clock.steady());
  return std::clamp<milliseconds>(left, milliseconds(0), std::chrono::hours(1));
}

std::vector<SyncProbeSample> SyncProbes::samples() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<SyncProbeSample> samples;
  for (const auto& probe : state_->probes) {
    samples.push_back(probe->sample);
    samples.back().durations = probe->durations.Collect();
  }
  return samples;
}

}  // namespace fieldmedic
