// What health probes and peers answered the last time: collector_health_*, collector_peer_*.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/prober.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// Probes run in the background, so collecting waits for nobody; each sample says when it was taken.
// A probe without a sample yet is absent, and so is whether it is up when the trouble is ours.
class HealthModule final : public Module {
 public:
  HealthModule(const std::vector<CollectorConfig>& collectors, const Clock& clock);

  [[nodiscard]] std::string_view name() const override { return "health"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override;
  // Why a probe is not up.
  [[nodiscard]] std::vector<Remark> remarks() const override;

 private:
  enum class Role { Health, Peer };
  struct Asked {
    std::string collector;
    Role role;
    std::string shown;  // the value of the label url or peer
  };

  void add(const std::string& collector, Role role, const std::vector<ProbeConfig>& configs,
           std::vector<Probe>& probes);

  std::vector<Asked> asked_;  // in the order of the prober's samples
  std::unique_ptr<Prober> prober_;
};

}  // namespace fieldmedic
