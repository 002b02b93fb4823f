#include "remediator/actions/failover.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/absence_proof.hpp"
#include "remediator/actions/actions.hpp"
#include "remediator/actions/stages.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::string_view kFence = "fence";
constexpr std::string_view kPromote = "promote";
constexpr std::string_view kMove = "move";
constexpr std::string_view kMoveBack = "move_back";  // the undo of move
constexpr std::string_view kDemote = "demote";
constexpr std::string_view kUnfence = "unfence";
constexpr std::array kDeclared{kFence, kPromote, kMove, kDemote, kUnfence};
constexpr milliseconds kAskEvery{1'000};
constexpr milliseconds kFirstAsk{5'000};

struct Arguments {
  std::map<std::string, Stage, std::less<>> stages;
  std::string proof;  // as to_json wrote it

  [[nodiscard]] const Stage* stage(std::string_view name) const {
    const auto found = stages.find(name == kMoveBack ? kMove : name);
    return found == stages.end() ? nullptr : &found->second;
  }
};

// With a proof that may be none: the configuration is asked about while faults of it are collected.
Result<Arguments> parse(const std::string& text) {
  Arguments arguments;
  try {
    const Json json = Json::parse(text);
    for (const auto& [name, stage] : json.at("stages").items())
      arguments.stages[name] = {
          stage.at("on").get<std::string>(),
          {stage.at("type").get<std::string>(), stage.at("arguments").get<std::string>()}};
    arguments.proof = json.at("proof").get<std::string>();
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of failover: {}", error.what()));
  }
  return arguments;
}

void name_the_sick(core::Plan& plan, const core::Target& target) {
  const std::string host = "host/" + target.host;
  const std::string sick = target.kind == core::TargetKind::Host
                               ? host
                               : fmt::format("{}/process/{}", host, target.name);
  const bool is_named = std::ranges::any_of(
      plan.resources, [&](const std::string& each) { return each == host || each == sick; });
  if (!is_named) plan.resources.push_back(sick);
}

class Failover final : public Action {
 public:
  Failover(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    if (request.target.kind == core::TargetKind::Group)
      return fail(Errc::Invalid, "a failover is of one host or collector, not of a group");
    const auto declared = parse_absence_proof(arguments_.proof);
    if (!declared) return fail(declared.error());
    const auto proof = filled(*declared, request);
    if (!proof) return fail(proof.error());
    if (auto told = can_tell(*proof, stop); !told) return fail(told.error());
    core::Plan whole;
    for (const std::string_view name : {kFence, kPromote, kMove}) {
      const std::string extra = name == kPromote ? to_json(*proof) : std::string();
      if (auto added = add(whole, name, request, stop, extra); !added) return fail(added.error());
    }
    whole.summary = summary_of(whole);
    // Also where nothing fences it: two would be at work when it is started meanwhile.
    name_the_sick(whole, request.target);
    if (arguments_.stage(kDemote) != nullptr)
      whole.lease =
          core::LeaseClaim{whole.resources.front(), core::WhenAway::Nobody, whole.resources};
    return whole;
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    core::Plan whole;
    if (auto moved = add_move_back(whole, request, stop); !moved) return fail(moved.error());
    for (const std::string_view name : {kDemote, kUnfence})
      if (auto added = add(whole, name, {request.target, request.labels}, stop); !added)
        return fail(added.error());
    whole.summary = summary_of(whole);
    return whole;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const SteadyTime deadline = tools_.clock.steady() + request.timeout;
    const auto part = part_of(request);
    if (!part) return {core::Applied::Refused, part.error().message};
    if (part->step.stage == kPromote) {
      const auto proved = wait_for_proof(part->step.extra, request.timeout / 2, stop);
      if (proved.absence != Absence::Proved)
        return stop.stop_requested()
                   ? cancelled_before_change()
                   : ApplyAnswer{core::Applied::Refused,
                                 "not promoted, for nothing proves that the sick one is out: " +
                                     proved.evidence};
    }
    // What the proof took is gone: whoever waits for the whole would end a promotion half-way.
    ApplyRequest rest = part->request(request);
    rest.timeout = time_until(deadline);
    if (rest.timeout.count() <= 0)
      return {core::Applied::Refused, "no time was left for it, nothing was changed"};
    return part->action->apply(rest, std::move(stop));
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto part = part_of(request);
    if (!part) return {core::Confirmed::Unknown, part.error().message};
    return part->action->confirm(part->request(request), std::move(stop));
  }

 private:
  // A proof that tells nothing now would be missed after the fence, with nobody at work.
  [[nodiscard]] Status can_tell(const AbsenceProof& proof, const std::stop_token& stop) const {
    const auto answer = ask_absence(proof, tools_, kFirstAsk, stop);
    if (answer.absence != Absence::Unknown) return {};
    return fail(Errc::Unavailable,
                "nothing is fenced, for what is to prove that the sick one is out "
                "tells neither that nor the contrary: " +
                    answer.evidence);
  }

  // One stage's share of a request.
  struct Part {
    StageStep step;
    core::Target target;
    std::unique_ptr<Action> action;

    [[nodiscard]] ApplyRequest request(const ApplyRequest& whole) const {
      return {stage_attempt(whole.attempt, step.stage), target, step.plan, step.step,
              whole.timeout};
    }
  };

  [[nodiscard]] Result<Part> part_of(const ApplyRequest& request) const {
    auto step = stage_step(request.plan, request.step);
    if (!step) return fail(step.error());
    const Stage* stage = arguments_.stage(step->stage);
    if (stage == nullptr)
      return fail(Errc::Invalid, fmt::format("'{}' is declared no longer", step->stage));
    auto target = stage_target(*stage, request.target, *tools_.inventory);
    if (!target) return fail(target.error());
    auto action = make_stage(*stage, tools_);
    if (!action) return fail(action.error());
    return Part{*std::move(step), *std::move(target), *std::move(action)};
  }

  // Nothing is added where the stage is not declared.
  [[nodiscard]] Status add(core::Plan& whole, std::string_view name, const PlanRequest& request,
                           const std::stop_token& stop, const std::string& extra = {}) const {
    const Stage* stage = arguments_.stage(name);
    if (stage == nullptr) return {};
    const auto target = stage_target(*stage, request.target, *tools_.inventory);
    if (!target) return wrap(target.error(), name);
    const auto action = make_stage(*stage, tools_);
    if (!action) return wrap(action.error(), name);
    auto made = made_of(request.made, name);
    if (!made) return wrap(made.error(), name);
    const auto part = (*action)->plan({*target, request.labels, *std::move(made)}, stop);
    if (!part) return wrap(part.error(), name);
    append_stage(whole, name, *stage, *part, extra);
    return {};
  }

  // What a stage has changed already, as far as it is known: its share of each plan.
  static Result<std::vector<core::Plan>> made_of(const std::vector<core::Plan>& whole,
                                                 std::string_view name) {
    std::vector<core::Plan> parts;
    for (const core::Plan& plan : whole) {
      auto part = stage_plan(plan, name);
      if (!part) return fail(part.error());
      if (!part->steps.empty()) parts.push_back(*std::move(part));
    }
    return parts;
  }

  // What cannot be undone by its own action stays where it was moved to.
  [[nodiscard]] Status add_move_back(core::Plan& whole, const UndoRequest& request,
                                     const std::stop_token& stop) const {
    const auto made = stage_plan(request.made, kMove);
    if (!made) return fail(made.error());
    const Stage* stage = arguments_.stage(kMove);
    if (stage == nullptr || made->steps.empty() || !ended_when_away(stage->action)) return {};
    const auto target = stage_target(*stage, request.target, *tools_.inventory);
    if (!target) return wrap(target.error(), kMoveBack);
    const auto action = make_stage(*stage, tools_);
    if (!action) return wrap(action.error(), kMoveBack);
    const auto back = (*action)->plan_undo(
        {*target, request.labels, stage_attempt(request.made_by, kMove), *made}, stop);
    if (!back) return wrap(back.error(), kMoveBack);
    append_stage(whole, kMoveBack, *stage, *back);
    return {};
  }

  [[nodiscard]] milliseconds time_until(SteadyTime deadline) const {
    return std::chrono::floor<milliseconds>(deadline - tools_.clock.steady());
  }

  // Leases run out and machines take their time to stop: asked until the patience is over, the last
  // answer included.
  [[nodiscard]] AbsenceAnswer wait_for_proof(const std::string& text, milliseconds patience,
                                             const std::stop_token& stop) const {
    const SteadyTime deadline = tools_.clock.steady() + patience;
    const auto proof = parse_absence_proof(text);
    if (!proof) return {Absence::Unknown, proof.error().message};
    const auto waiter = Waiter::start(patience, stop);
    if (!waiter) return {Absence::Unknown, waiter.error().message};
    AbsenceAnswer answer{Absence::Unknown, "there was no time to ask"};
    for (milliseconds left = patience; left.count() > 0; left = time_until(deadline)) {
      answer = ask_absence(*proof, tools_, left, stop);
      if (answer.absence == Absence::Proved || waiter->pause(kAskEvery) != Waiter::Woke::Ready)
        break;
    }
    return answer;
  }

  static std::string summary_of(const core::Plan& whole) {
    std::string summary;
    for (const core::Step& step : whole.steps)
      summary.append(summary.empty() ? "" : "; ").append(step.name);
    return summary;
  }

  Arguments arguments_;
  ActionTools tools_;
};

}  // namespace

std::string read_failover(const YamlMap& map) {
  Json stages = Json::object();
  map.require(kPromote);
  map.require("proof");
  for (const std::string_view name : kDeclared)
    if (const auto stage = read_stage(map, name))
      stages[std::string(name)] = {
          {"on", stage->on}, {"type", stage->action.type}, {"arguments", stage->action.arguments}};
  if (map.has(kUnfence) && !map.has(kDemote))
    map.error(kUnfence,
              "it lets the sick one in again: with the standby still promoted there would "
              "be two, so it wants 'demote' too");
  const AbsenceProof proof =
      map.has("proof") ? read_absence_proof(map.map("proof")) : AbsenceProof();
  return Json{{"stages", stages}, {"proof", to_json(proof)}}.dump(-1, ' ', false,
                                                                  Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_failover(const std::string& text, const ActionTools& tools) {
  auto arguments = parse(text);
  if (!arguments) return fail(arguments.error());
  if (arguments->stage(kPromote) == nullptr) return fail(Errc::Invalid, "failover wants 'promote'");
  if (const auto proof = parse_absence_proof(arguments->proof); !proof) return fail(proof.error());
  return std::make_unique<Failover>(*std::move(arguments), tools);
}

std::optional<core::WhenAway> failover_ends(const std::string& text) {
  const auto arguments = parse(text);
  if (!arguments || arguments->stage(kDemote) == nullptr) return std::nullopt;
  return core::WhenAway::Nobody;
}

std::vector<std::string> failover_hosts(const std::string& text) {
  std::vector<std::string> hosts;
  const auto arguments = parse(text);
  if (!arguments) return hosts;
  for (const auto& [name, stage] : arguments->stages)
    if (!stage.on.empty()) hosts.push_back(stage.on);
  if (const auto proof = parse_absence_proof(arguments->proof); proof && !proof->on.empty())
    hosts.push_back(proof->on);
  return hosts;
}

}  // namespace fieldmedic
