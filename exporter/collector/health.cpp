#include "exporter/collector/health.hpp"

#include <utility>

#include "exporter/collector/collector_family.hpp"

namespace fieldmedic {
namespace {

double unix_seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

constexpr std::string_view kUp = "collector_health_up";
constexpr std::string_view kPeerUp = "collector_peer_up";

std::optional<double> number(const std::optional<bool>& up) {
  return up ? std::optional(*up ? 1.0 : 0.0) : std::nullopt;
}

std::optional<double> number(const std::optional<int>& status) {
  return status ? std::optional(static_cast<double>(*status)) : std::nullopt;
}

}  // namespace

HealthModule::HealthModule(const std::vector<CollectorConfig>& collectors, const Clock& clock) {
  std::vector<Probe> probes;
  for (const auto& collector : collectors) {
    add(collector.name, Role::Health, collector.health, probes);
    add(collector.name, Role::Peer, collector.peers, probes);
  }
  prober_ = std::make_unique<Prober>(std::move(probes), std::make_shared<CurlHttpClient>(), clock);
}

void HealthModule::add(const std::string& collector, Role role,
                       const std::vector<ProbeConfig>& configs, std::vector<Probe>& probes) {
  for (const auto& config : configs) {
    auto probe = Probe::compile(config);
    if (!probe) continue;  // reading the configuration has refused it
    probes.push_back(std::move(*probe));
    asked_.push_back({collector, role, role == Role::Peer ? config.address : config.shown()});
  }
}

Result<Families> HealthModule::collect(SteadyTime) {
  CollectorFamily up({kUp, "Whether the probe was answered as expected."});
  CollectorFamily status({"collector_health_status_code", "HTTP status of the probe's answer."});
  CollectorFamily took({"collector_health_duration_seconds", "Time that the probe took."});
  CollectorFamily at({"collector_health_timestamp_seconds",
                      "Unix time at which the probe's last sample was finished."});
  CollectorFamily peer_up({kPeerUp, "Whether the peer accepts TCP connections."});
  CollectorFamily peer_at({"collector_peer_timestamp_seconds",
                           "Unix time at which the peer's last sample was finished."});
  const auto samples = prober_->samples();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!samples[i]) continue;
    const auto& sample = *samples[i];
    const auto& [collector, role, shown] = asked_[i];
    switch (role) {
      case Role::Health:
        up.add(collector, number(sample.up), {{"url", shown}});
        status.add(collector, number(sample.status), {{"url", shown}});
        took.add(collector, sample.took.count(), {{"url", shown}});
        at.add(collector, unix_seconds(sample.at), {{"url", shown}});
        break;
      case Role::Peer:
        peer_up.add(collector, number(sample.up), {{"peer", shown}});
        peer_at.add(collector, unix_seconds(sample.at), {{"peer", shown}});
        break;
    }
  }
  Families families;
  for (auto* family : {&up, &status, &took, &at, &peer_up, &peer_at})
    std::move(*family).append_to(families);
  return families;
}

std::vector<Remark> HealthModule::remarks() const {
  std::vector<Remark> remarks;
  const auto samples = prober_->samples();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!samples[i] || samples[i]->reason.empty()) continue;
    const auto& [collector, role, shown] = asked_[i];
    remarks.push_back({collector, samples[i]->reason, role == Role::Peer ? kPeerUp : kUp, shown});
  }
  return remarks;
}

}  // namespace fieldmedic
