// An engine over a real journal, with an outside that answers at once: what is measured is ours.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/clock.hpp"
#include "remediator/engine.hpp"
#include "remediator/journal/sqlite_journal.hpp"

namespace fieldmedic::bench {

// Whether the outside answers: a silent one leaves every incident open.
enum class Outside { Instant, Silent };

// Thread-safe. Every check fails until the target was repaired, every action works at once.
class World final : public EffectRunner {
 public:
  explicit World(Outside outside) : outside_(outside) {}
  void start(core::Effect effect) override;

  std::function<void(core::Input)> post;
  // When the action of each incident began.
  [[nodiscard]] std::map<core::IncidentId, SteadyTime> applied() const;

 private:
  const Outside outside_;
  const SystemClock clock_;
  mutable std::mutex mutex_;
  std::map<core::IncidentId, SteadyTime> applied_;
};

// So many hosts with one collector each; limits lifted.
[[nodiscard]] std::shared_ptr<const core::Policy> policy_for(int hosts);
// Restarts, and wants its check to pass for so long.
[[nodiscard]] std::shared_ptr<const core::Playbook> playbook_holding(core::Duration hold);
// The first alert of host `n`, for a playbook that holds for 10 s; `occurrence` tells further ones
// apart.
[[nodiscard]] core::RoutedAlert alert_of(int n, int occurrence = 0);

// Opens the journal in `folder`, folds it and runs; ends the process with 2 when it cannot.
class RunningEngine {
 public:
  RunningEngine(const std::filesystem::path& folder, World& world, int hosts);
  ~RunningEngine();
  RunningEngine(const RunningEngine&) = delete;
  RunningEngine& operator=(const RunningEngine&) = delete;
  [[nodiscard]] Engine& engine() { return *engine_; }

 private:
  SystemClock clock_;
  Metrics metrics_{clock_};
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Engine> engine_;
  std::thread thread_;
};

// Milliseconds that one commit of one row costs in `folder`, with the journal's settings.
[[nodiscard]] std::vector<double> bare_commits(const std::filesystem::path& folder, int count);

// The value below which a share of them lies.
[[nodiscard]] double quantile(std::vector<double> values, double share);

}  // namespace fieldmedic::bench
