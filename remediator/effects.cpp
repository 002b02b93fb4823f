#include "remediator/effects.hpp"

#include <algorithm>
#include <utility>

#include "common/crash_point.hpp"
#include "remediator/plan_hash.hpp"
#include "remediator/touch.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kActionThreads = 32;
constexpr std::size_t kCheckThreads = 16;
constexpr std::size_t kMessageThreads = 4;

// In order. When one failure is enough, those after it are not asked.
std::vector<core::CheckAnswer> run_checks(const core::RunChecks& effect, const CheckTools& tools,
                                          const std::stop_token& stop) {
  std::vector<core::CheckAnswer> answers;
  bool known = false;
  for (const core::CheckSpec& spec : *effect.checks) {
    if (known) {
      answers.push_back({core::Verdict::Unknown, "not asked: one failure is enough"});
      continue;
    }
    answers.push_back(ask_check(spec.check, effect.target, tools, stop));
    known = effect.until == core::RunChecks::Until::FirstFail &&
            answers.back().verdict == core::Verdict::Fail;
  }
  return answers;
}

// Sick enough to plan for: what the exporter of its host knows goes into the record, beside the
// answer of the check that failed. Words only: verdicts are the checks' own.
void add_evidence(std::vector<core::CheckAnswer>& answers, const core::RunChecks& effect,
                  const EffectTools& tools, const std::stop_token& stop) {
  if (!tools.evidence || effect.until != core::RunChecks::Until::FirstFail) return;
  const auto failed = std::ranges::find(answers, core::Verdict::Fail, &core::CheckAnswer::verdict);
  if (failed == answers.end()) return;
  const std::string told = tools.evidence(effect.target, stop);
  if (!told.empty()) failed->evidence += "; " + told;
}

ApplyRequest request_of(const core::StepEffect& effect) {
  return {effect.attempt, effect.target, effect.plan, effect.step, effect.timeout};
}

}  // namespace

Effects::Effects(Post post)
    : post_(std::move(post)),
      action_pool_(kActionThreads),
      check_pool_(kCheckThreads),
      message_pool_(kMessageThreads) {}

Effects::~Effects() {
  cancel_all();
}

void Effects::cancel_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [attempt, stop] : attempts_) stop->request_stop();
}

bool Effects::settle(SteadyTime until) {
  cancel_all();
  bool settled = true;
  for (WorkerPool* pool : {&action_pool_, &check_pool_, &message_pool_})
    settled = pool->settle(until) && settled;
  return settled;
}

void Effects::use(std::shared_ptr<const EffectTools> tools) {
  const std::lock_guard lock(mutex_);
  tools_ = std::move(tools);
}

std::shared_ptr<const EffectTools> Effects::tools() const {
  const std::lock_guard lock(mutex_);
  return tools_;
}

void Effects::start(core::Effect effect) {
  std::visit([this](auto&& what) { carry_out(std::forward<decltype(what)>(what)); },
             std::move(effect.what));
}

void Effects::carry_out(core::RunChecks effect) {
  check_pool_.submit(
      [this, tools = tools(), effect = std::move(effect)](const std::stop_token& stop) {
        crash_point("before_effect", "checks");
        std::vector<core::CheckAnswer> answers = run_checks(effect, tools->checks, stop);
        add_evidence(answers, effect, *tools, stop);
        crash_point("after_effect", "checks");
        post_(core::ChecksDone{effect.incident, effect.round, std::move(answers)});
      });
}

// Ends with the answer in hand, before it is posted: whoever acts on the answer finds nothing under
// way.
struct Effects::UnderWay {
  Effects& effects;
  const core::AttemptId& attempt;
  ~UnderWay() { effects.end(attempt); }
};

void Effects::carry_out(core::MakePlan effect) {
  act(begin(effect.attempt), [this, tools = tools(), effect](const std::stop_token& stop) {
    crash_point("before_effect", "plan");
    Result<core::Plan> plan = fail(Errc::Cancelled, "cancelled before it began");
    {
      const UnderWay under_way{*this, effect.attempt};
      auto action = action_on(effect.target, effect.action, tools->actions);
      if (!action)
        plan = fail(action.error());
      else if (!stop.stop_requested())
        plan = (*action)->plan({effect.target, effect.labels, effect.made}, stop);
    }
    crash_point("after_effect", "plan");
    std::string hash = plan ? plan_hash(effect.action, effect.target, *plan) : std::string();
    std::optional<Result<core::GroupHealth>> health;
    if (plan && tools->health) health = tools->health(effect.target, stop);
    post_(core::Planned{effect.incident, effect.attempt, std::move(plan), std::move(hash),
                        std::move(health)});
  });
}

void Effects::carry_out(core::PlanUndo effect) {
  act(begin(effect.attempt), [this, tools = tools(), effect](const std::stop_token& stop) {
    crash_point("before_effect", "plan_undo");
    Result<core::Plan> plan = fail(Errc::Cancelled, "cancelled before it began");
    {
      const UnderWay under_way{*this, effect.attempt};
      auto action = action_on(effect.target, effect.action, tools->actions);
      if (!action)
        plan = fail(action.error());
      else if (!stop.stop_requested())
        plan = (*action)->plan_undo(
            {effect.target, effect.labels, effect.made_by, effect.made, effect.left}, stop);
    }
    crash_point("after_effect", "plan_undo");
    post_(core::Planned{effect.incident, effect.attempt, std::move(plan), "", std::nullopt});
  });
}

void Effects::carry_out(core::Apply effect) {
  act(begin(effect.attempt), [this, tools = tools(), effect](const std::stop_token& stop) {
    crash_point("before_effect", "apply");
    ApplyAnswer answer{core::Applied::Refused, "cancelled before it began"};
    {
      const UnderWay under_way{*this, effect.attempt};
      auto action = action_on(effect.target, effect.action, tools->actions);
      if (!action)
        answer.evidence = action.error().message;
      else if (!stop.stop_requested())
        answer = (*action)->apply(request_of(effect), stop);
    }
    crash_point("after_effect", "apply");
    post_(core::ApplyDone{effect.incident, effect.attempt, effect.step, answer.outcome,
                          std::move(answer.evidence)});
  });
}

// What its own apply has not come back from cannot be "not applied", whatever the world looks like
// now (S1).
void Effects::carry_out(const core::Confirm& effect) {
  act(std::make_shared<std::stop_source>(),
      [this, tools = tools(), effect](const std::stop_token& stop) {
        crash_point("before_effect", "confirm");
        ConfirmAnswer answer{core::Confirmed::InProgress, "its apply has not returned"};
        if (!under_way(effect.attempt)) {
          auto action = action_on(effect.target, effect.action, tools->actions);
          answer = action ? (*action)->confirm(request_of(effect), stop)
                          : ConfirmAnswer{core::Confirmed::Unknown, action.error().message};
        }
        crash_point("after_effect", "confirm");
        post_(core::ConfirmDone{effect.incident, effect.attempt, effect.step, answer.answer,
                                std::move(answer.evidence), std::move(answer.left)});
      });
}

void Effects::act(std::shared_ptr<std::stop_source> source,
                  std::function<void(const std::stop_token&)> work) {
  action_pool_.submit(
      [source = std::move(source), work = std::move(work)](const std::stop_token& pool) {
        const std::stop_callback with_pool(pool, [&source] { source->request_stop(); });
        work(source->get_token());
      });
}

std::shared_ptr<std::stop_source> Effects::begin(const core::AttemptId& attempt) {
  const std::lock_guard lock(mutex_);
  return attempts_[attempt] = std::make_shared<std::stop_source>();
}

void Effects::end(const core::AttemptId& attempt) {
  const std::lock_guard lock(mutex_);
  attempts_.erase(attempt);
}

bool Effects::under_way(const core::AttemptId& attempt) const {
  const std::lock_guard lock(mutex_);
  return attempts_.contains(attempt);
}

void Effects::carry_out(const core::CancelAttempt& effect) {
  const std::lock_guard lock(mutex_);
  const auto found = attempts_.find(effect.attempt);
  if (found != attempts_.end()) found->second->request_stop();
}

void Effects::carry_out(core::Deliver effect) {
  message_pool_.submit(
      [this, tools = tools(), effect = std::move(effect)](const std::stop_token& stop) {
        const auto receiver = tools->receivers.find(effect.receiver);
        if (receiver == tools->receivers.end() || effect.channel >= receiver->second.size()) {
          post_(core::DeliveryDone{effect.id,
                                   "",
                                   core::Delivery::Retry,  // a reload may be under way
                                   {},
                                   "receiver " + effect.receiver + " is not configured any more"});
          return;
        }
        const Channel& channel = receiver->second[effect.channel];
        crash_point("before_effect", "deliver");
        DeliveryAnswer answer = channel.notifier->deliver(effect.id, effect.message, stop);
        crash_point("after_effect", "deliver");
        post_(core::DeliveryDone{effect.id, channel.type, answer.outcome, answer.retry_after,
                                 std::move(answer.detail)});
      });
}

void Effects::carry_out(const core::Reconcile& effect) {
  message_pool_.submit([this, tools = tools(), effect](const std::stop_token& stop) {
    post_(core::ReconcileDone{effect.tries, effect.losses, tools->reconcile(stop)});
  });
}

void Effects::carry_out(const core::AskAlerts& effect) {
  message_pool_.submit([this, tools = tools(), effect](const std::stop_token& stop) {
    post_(core::AlertsAsked{effect.incident, effect.round, tools->existing(stop)});
  });
}

// The engine keeps time itself.
void Effects::carry_out(core::Wake) {}
void Effects::carry_out(core::ExpectWatchdog) {}

}  // namespace fieldmedic
