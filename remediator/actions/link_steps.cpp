#include "remediator/actions/link_steps.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/crash_point.hpp"
#include "remediator/reach/dead_man.hpp"
#include "remediator/reach/link_probe.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kProbe{3'000};
// A program has to start for it, on a host that may have much to do.
constexpr milliseconds kDeadManAnswers{10'000};

// How a switch is spoken of.
struct Words {
  std::string_view of_what;
  std::string_view put_back;
  std::string_view is_back;
};

Words words_of(SwitchBy by) {
  if (by == SwitchBy::Bond)
    return {"the active slave of the bond", "put back the active slave that was there",
            "the active slave that was there is back"};
  return {"the default route", "put back the default route that was there",
          "the default route that was there is back"};
}

std::string as_found(const RouteSwitch& planned) {
  return fmt::format("{} is as it was found", words_of(planned.by).of_what);
}

std::string neither(const RouteSwitch& planned) {
  return fmt::format("{} is neither as found nor as the switch left it",
                     words_of(planned.by).of_what);
}

// Each address over the new link, with a time of its own.
Status prove(const RouteSwitch& planned, const LinkProof& proof, milliseconds timeout,
             const std::stop_token& stop) {
  std::vector<std::string> addresses{proof.probe};
  addresses.insert(addresses.end(), proof.keeps.begin(), proof.keeps.end());
  for (const std::string& address : addresses) {
    const auto waiter = Waiter::start(std::min(kProbe, timeout), stop);
    if (!waiter) return fail(waiter.error());
    const std::string& over = proof.over.empty() ? planned.way.interface : proof.over;
    if (auto answered = probe_over(over, address, *waiter); !answered) return answered;
  }
  return {};
}

// A backup slave takes no answers: of it only its link can be told.
Status prove_before(const RouteSwitch& planned, const LinkProof& proof, milliseconds timeout,
                    const std::stop_token& stop) {
  if (planned.by != SwitchBy::Bond) return prove(planned, proof, timeout, stop);
  const auto bond = read_bond(planned.bond);
  if (!bond) return fail(bond.error());
  return may_become_active(*bond, planned.way.interface);
}

Status arm(const ApplyRequest& request, const RouteSwitch& planned, const LinkProof& proof,
           const std::filesystem::path& self, const std::stop_token& stop) {
  const auto waiter = Waiter::start(kDeadManAnswers, stop);
  if (!waiter) return fail(waiter.error());
  return arm_dead_man({self, request.attempt, planned, proof.dead_man}, *waiter);
}

// Not stopped by a cancellation: what was armed must not fire later.
Result<StoodDown> disarm(const core::AttemptId& attempt) {
  const auto waiter = Waiter::start(kDeadManAnswers, {});
  if (!waiter) return fail(waiter.error());
  return stand_down(attempt, *waiter);
}

// Refused, with its reason, once the dead man has stood down; where it may be left, it only finds
// the routes as they were.
ApplyAnswer refused(const core::AttemptId& attempt, std::string why) {
  if (const auto down = disarm(attempt); !down) why += "; " + down.error().message;
  return {Applied::Refused, std::move(why)};
}

ApplyAnswer switch_over(const ApplyRequest& request, const RouteSwitch& planned,
                        const LinkProof& proof, const std::filesystem::path& self,
                        const std::stop_token& stop) {
  const auto state = read_switch_state(planned);
  if (!state) return {Applied::Refused, state.error().message};
  if (*state != SwitchState::AsFound)
    return {Applied::WorldDiffers,
            fmt::format("{} is not as it was found", words_of(planned.by).of_what)};
  if (const auto proved = prove_before(planned, proof, request.timeout, stop); !proved)
    return {Applied::Refused, "before the switch: " + proved.error().message};
  if (stop.stop_requested()) return cancelled_before_change();
  if (const auto armed = arm(request, planned, proof, self, stop); !armed)
    return refused(request.attempt, armed.error().message);
  crash_point("before_switch", "link");
  if (const auto made = make_switch(planned); !made) {
    ApplyAnswer answer = refused(request.attempt, made.error().message);
    if (made.error().code == Errc::Conflict) answer.outcome = Applied::WorldDiffers;
    if (made.error().code == Errc::Unavailable) answer.outcome = Applied::Unknown;
    return answer;
  }
  crash_point("after_switch", "link");
  // A stop does not shorten this: the switch is made, and must be known to be good.
  const auto proved = prove(planned, proof, request.timeout, {});
  if (proved) return {Applied::Done, "the new link carries the traffic"};
  if (const auto back = put_switch_back(planned); !back)
    return {Applied::Unknown, fmt::format("after the switch: {}; and it could not be put back: {}",
                                          proved.error().message, back.error().message)};
  return refused(request.attempt,
                 fmt::format("after the switch: {}; it was put back", proved.error().message));
}

ApplyAnswer put_back(const RouteSwitch& planned) {
  const auto back = put_switch_back(planned);
  if (back) return {Applied::Done, std::string(words_of(planned.by).is_back)};
  const Errc code = back.error().code;
  if (code == Errc::Conflict) return {Applied::WorldDiffers, back.error().message};
  return {code == Errc::Unavailable ? Applied::Unknown : Applied::Refused, back.error().message};
}

ConfirmAnswer confirm_put_back(const RouteSwitch& planned, SwitchState state) {
  switch (state) {
    case SwitchState::AsFound: return {Confirmed::Applied, as_found(planned)};
    case SwitchState::Switched: return {Confirmed::NotApplied, "the new link carries the traffic"};
    case SwitchState::Other: break;
  }
  return {Confirmed::Unknown, neither(planned)};
}

// The dead man is told first, and the routes are read after it: then nothing changes them later.
ConfirmAnswer confirm_switch(const ApplyRequest& request, const RouteSwitch& planned,
                             const LinkProof& proof, const std::stop_token& stop) {
  const auto before = read_switch_state(planned);
  if (!before) return {Confirmed::Unknown, before.error().message};
  if (*before == SwitchState::Switched) {
    if (const auto proved = prove(planned, proof, request.timeout, stop); !proved)
      return {Confirmed::Unknown, proved.error().message};  // the dead man puts it back
  }
  if (const auto down = disarm(request.attempt); !down)
    return {Confirmed::Unknown, down.error().message};
  const auto state = read_switch_state(planned);
  if (!state) return {Confirmed::Unknown, state.error().message};
  switch (*state) {
    case SwitchState::Switched:
      return {Confirmed::Applied, "the new link carries the traffic and what must answer does"};
    case SwitchState::AsFound: return {Confirmed::NotApplied, as_found(planned)};
    case SwitchState::Other: break;
  }
  return {Confirmed::Unknown, neither(planned)};
}

}  // namespace

core::Step link_step(LinkDeed deed, const RouteSwitch& planned, const std::string& carrying) {
  const bool back = deed == LinkDeed::PutBack;
  return {.name = back ? std::string(words_of(planned.by).put_back)
                       : fmt::format("carry traffic by {}", planned.way.interface),
          .seen = Json{{"carrying", carrying}}.dump(),
          .wanted = Json{{"do", back ? "put_back" : "switch"},
                         {"switch", Json::parse(switch_json(planned))}}
                        .dump()};
}

Result<LinkOrder> link_order(const core::Step& step) {
  try {
    const Json json = Json::parse(step.wanted);
    auto planned = parse_switch(json.at("switch").dump());
    if (!planned) return fail(planned.error());
    const bool back = json.at("do").get<std::string>() == "put_back";
    return LinkOrder{back ? LinkDeed::PutBack : LinkDeed::Switch, *std::move(planned)};
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no step of link_switch: {}", error.what()));
  }
}

Result<RouteSwitch> switch_of(const core::Step& step) {
  auto ordered = link_order(step);
  if (!ordered) return fail(ordered.error());
  return std::move(ordered->planned);
}

ApplyAnswer apply_link_step(const ApplyRequest& request, const LinkProof& proof,
                            const std::filesystem::path& self, const std::stop_token& stop) {
  const auto ordered = link_order(request.plan.steps[request.step]);
  if (!ordered) return {Applied::Refused, ordered.error().message};
  if (stop.stop_requested()) return cancelled_before_change();
  switch (ordered->deed) {
    case LinkDeed::Switch: return switch_over(request, ordered->planned, proof, self, stop);
    case LinkDeed::PutBack: return put_back(ordered->planned);
  }
  return {Applied::Refused, "no deed"};
}

ConfirmAnswer confirm_link_step(const ApplyRequest& request, const LinkProof& proof,
                                const std::stop_token& stop) {
  const auto ordered = link_order(request.plan.steps[request.step]);
  if (!ordered) return {Confirmed::Unknown, ordered.error().message};
  if (ordered->deed == LinkDeed::Switch)
    return confirm_switch(request, ordered->planned, proof, stop);
  const auto state = read_switch_state(ordered->planned);
  if (!state) return {Confirmed::Unknown, state.error().message};
  return confirm_put_back(ordered->planned, *state);
}

}  // namespace fieldmedic
