// Carries out the engine's effects with the actions, checks and channels of the running
// configuration.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "remediator/actions/action.hpp"
#include "remediator/checks/check.hpp"
#include "remediator/core/input.hpp"
#include "remediator/effect_runner.hpp"
#include "remediator/notify/notifier.hpp"
#include "remediator/worker_pool.hpp"

namespace fieldmedic {

struct Channel {
  std::string type;                    // its name in the table
  std::shared_ptr<Notifier> notifier;  // never null
};

// What else is known of a target that was found sick, in words; empty: nothing.
using EvidenceReader = std::function<std::string(const core::Target&, std::stop_token)>;
using HealthReader = std::function<Result<core::GroupHealth>(const core::Target&, std::stop_token)>;

// Built from one configuration, swapped whole by a reload; what runs keeps what it started with.
struct EffectTools {
  ActionTools actions;
  CheckTools checks;
  std::map<std::string, std::vector<Channel>, std::less<>> receivers;
  // Alertmanager's own list, routed by the policy of the same configuration.
  std::function<Result<core::AskedBack>(std::stop_token)> reconcile;
  // The alerts that it has for us, silenced or not.
  std::function<Result<std::vector<core::AlertKey>>(std::stop_token)> existing;
  HealthReader health;        // of the target's group; empty: no guard asks
  EvidenceReader evidence{};  // empty: there is nobody to ask
};

// Thread-safe. `post` brings a result home; it may be called until the destructor returns.
class Effects final : public EffectRunner {
 public:
  using Post = std::function<void(core::Input)>;

  explicit Effects(Post post);
  ~Effects() override;

  void use(std::shared_ptr<const EffectTools> tools);
  // Those of the last use().
  [[nodiscard]] std::shared_ptr<const EffectTools> tools() const;
  // Stops what runs. False when something still does at `until`: a thread that hangs in the kernel,
  // which nothing ends.
  [[nodiscard]] bool settle(SteadyTime until);
  void start(core::Effect effect) override;

 private:
  struct UnderWay;
  // One overload an effect: hands it to the pool it belongs to.
  void carry_out(core::RunChecks effect);
  void carry_out(core::MakePlan effect);
  void carry_out(core::Apply effect);
  void carry_out(const core::Confirm& effect);
  void carry_out(const core::CancelAttempt& effect);
  void carry_out(core::Deliver effect);
  void carry_out(const core::Reconcile& effect);
  void carry_out(const core::AskAlerts& effect);
  void carry_out(core::Wake effect);
  void carry_out(core::ExpectWatchdog effect);
  void carry_out(core::PlanUndo effect);

  // Runs `work` with a stop that comes when the pool's does or when the attempt is cancelled.
  void act(std::shared_ptr<std::stop_source> source,
           std::function<void(const std::stop_token&)> work);
  [[nodiscard]] std::shared_ptr<std::stop_source> begin(const core::AttemptId& attempt);
  void end(const core::AttemptId& attempt);
  void cancel_all();
  [[nodiscard]] bool under_way(const core::AttemptId& attempt) const;

  Post post_;
  mutable std::mutex mutex_;
  std::shared_ptr<const EffectTools> tools_;
  // Plans and applies handed to the pool and not yet answered: to be cancelled by name, also while
  // they wait.
  std::map<core::AttemptId, std::shared_ptr<std::stop_source>> attempts_;
  WorkerPool action_pool_;
  WorkerPool check_pool_;
  WorkerPool message_pool_;
};

}  // namespace fieldmedic
