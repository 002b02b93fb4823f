#include "remediator/actions/far_link_steps.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "common/clock.hpp"
#include "common/crash_point.hpp"
#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/reach/far_dead_man.hpp"
#include "remediator/reach/far_link_probe.hpp"
#include "remediator/reach/far_routes.hpp"
#include "remediator/reach/far_switch.hpp"
#include "remediator/reach/ssh_connection.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using std::chrono::milliseconds;

constexpr milliseconds kChange{10'000};
constexpr milliseconds kPutBack{10'000};
constexpr milliseconds kLookEvery{200};
constexpr const char* kNotAsFound = "the default routes over there are not as they were found";
constexpr const char* kNeither =
    "the default routes over there are neither as found nor as the switch left them";

FarKey key_of(const ApplyRequest& request) {
  return fmt::format("{}.{}", request.attempt, request.step);
}

Status prove(ProcessRunner& runner, const RouteSwitch& planned, const LinkProof& proof,
             const std::stop_token& stop) {
  std::vector<std::string> addresses{proof.probe};
  addresses.insert(addresses.end(), proof.keeps.begin(), proof.keeps.end());
  return probe_over_far(runner, planned.way.interface, addresses, stop);
}

// The same host by a connection of its own. One that is not reached by an address, as those of
// tests, stays as it is.
FarHost by_new_connection(const FarHost& host) {
  static const SystemClock clock;
  FarHost anew = host;
  if (!host.access.address.empty())
    anew.runner = std::make_shared<SshConnection>(host.access, clock);
  return anew;
}

// What was armed must not fire later; not stopped by a cancellation.
ApplyAnswer refused(const FarHost& host, const FarKey& key, ApplyAnswer answer) {
  const auto down = stand_far_down(*host.runner, key, {});
  if (!down) answer.evidence += "; " + down.error().message;
  return answer;
}

std::string in_words(FarDeadMan dead_man) {
  switch (dead_man) {
    case FarDeadMan::Armed: return "its dead man over there is armed";
    case FarDeadMan::Down: return "its dead man over there stood down";
    case FarDeadMan::Putting: return "its dead man over there is putting it back";
    case FarDeadMan::PutBack: return "its dead man over there put it back";
    case FarDeadMan::LeftAlone: return "its dead man over there found nothing to put back";
    case FarDeadMan::Failed: return "its dead man over there could not put it back";
    case FarDeadMan::Gone: return "its dead man over there is gone";
  }
  return "no dead man";
}

bool is_over(FarDeadMan dead_man) {
  return dead_man != FarDeadMan::Armed && dead_man != FarDeadMan::Putting;
}

// By the dead man, which looks before it does, at once.
ApplyAnswer put_back_now(const FarHost& host, const RouteSwitch& planned, const FarKey& key,
                         const std::string& why) {
  const auto waiter = Waiter::start(kPutBack, {});
  auto told = fire_far_dead_man(*host.runner, key, {});
  while (waiter && told && !is_over(*told) && waiter->pause(kLookEvery) == Waiter::Woke::Ready)
    told = ask_far_dead_man(*host.runner, key, {});
  const std::string evidence =
      fmt::format("after the switch: {}; {}", why, told ? in_words(*told) : told.error().message);
  const auto state = read_far_switch_state(*host.runner, planned, {});
  const bool is_back = told && is_over(*told) && state && *state == SwitchState::AsFound;
  return {is_back ? Applied::Refused : Applied::Unknown, evidence};
}

// A stop does not shorten this: the switch is made, and must be known to be good.
ApplyAnswer prove_after(const FarHost& host, const RouteSwitch& planned, const LinkProof& proof,
                        const FarKey& key) {
  const FarHost anew = by_new_connection(host);
  if (const auto boot = far_boot_id(anew, {}); !boot)
    return {Applied::Unknown,
            fmt::format("after the switch the host does not answer over a new connection ({}): its "
                        "dead man over there puts the route back within {} s",
                        boot.error().message,
                        std::chrono::ceil<std::chrono::seconds>(proof.dead_man).count())};
  if (const auto proved = prove(*anew.runner, planned, proof, {}); !proved)
    return put_back_now(anew, planned, key, proved.error().message);
  // It may have been put back before that connection was made.
  const auto state = read_far_switch_state(*anew.runner, planned, {});
  if (!state) return {Applied::Unknown, "after the switch: " + state.error().message};
  if (*state != SwitchState::Switched)
    return {Applied::Unknown, "after the switch the new link does not carry the traffic any more"};
  return {Applied::Done, "the new link carries the traffic, and the host answers over it"};
}

ApplyAnswer make_change(const FarHost& host, const ApplyRequest& request,
                        const RouteSwitch& planned, const FarSwitch& commands,
                        const LinkProof& proof, const std::stop_token& stop) {
  const FarKey key = key_of(request);
  Command change = under_dead_man(commands.make, key);
  change.timeout = std::min(kChange, request.timeout);
  crash_point("before_switch", "link");
  ApplyAnswer changed = apply_far(host, change, request, stop);
  if (changed.outcome == Applied::Unknown) {
    changed.evidence += "; its dead man over there puts the route back unless it is confirmed";
    return changed;
  }
  if (changed.outcome != Applied::Done) return refused(host, key, std::move(changed));
  crash_point("after_switch", "link");
  return prove_after(host, planned, proof, key);
}

ApplyAnswer switch_over(const FarHost& host, const ApplyRequest& request,
                        const RouteSwitch& planned, const LinkProof& proof,
                        const std::stop_token& stop) {
  const auto commands = far_switch(planned, host.access.as_root);
  if (!commands) return {Applied::Refused, commands.error().message};
  const auto sight = look_at_far_switch(*host.runner, planned.by, planned.table, stop);
  if (!sight) return {Applied::Refused, sight.error().message};
  const bool leads_there = planned.by != SwitchBy::Rule ||
                           (!sight->of_table.empty() && sight->of_table.front().way == planned.way);
  if (state_of(planned, *sight) != SwitchState::AsFound || !leads_there)
    return {Applied::WorldDiffers, kNotAsFound};
  if (const auto proved = prove(*host.runner, planned, proof, stop); !proved)
    return {Applied::Refused, "before the switch: " + proved.error().message};
  if (stop.stop_requested()) return cancelled_before_change();
  const FarKey key = key_of(request);
  const auto armed = arm_far_dead_man(*host.runner, key, *commands, proof.dead_man, stop);
  if (!armed) return refused(host, key, {Applied::Refused, armed.error().message});
  return make_change(host, request, planned, *commands, proof, stop);
}

ApplyAnswer put_back(const FarHost& host, const ApplyRequest& request, const RouteSwitch& planned,
                     const std::stop_token& stop) {
  auto commands = far_switch(planned, host.access.as_root);
  if (!commands) return {Applied::Refused, commands.error().message};
  const auto state = read_far_switch_state(*host.runner, planned, stop);
  if (!state) return {Applied::Refused, state.error().message};
  switch (*state) {
    case SwitchState::AsFound: return {Applied::Done, "the default route that was there is back"};
    case SwitchState::Other: return {Applied::WorldDiffers, kNeither};
    case SwitchState::Switched: break;
  }
  Command change;
  change.argv = std::move(commands->put_back);
  change.timeout = std::min(kChange, request.timeout);
  ApplyAnswer answer = apply_far(host, change, request, stop);
  if (answer.outcome == Applied::Done) answer.evidence = "the default route that was there is back";
  return answer;
}

// Of a state that is to be as found; nothing: it is as the switch left it.
std::optional<ConfirmAnswer> unless_switched(SwitchState state, Confirmed as_found,
                                             const std::string& more) {
  switch (state) {
    case SwitchState::AsFound:
      return ConfirmAnswer{as_found, "the default route over there is as it was found" + more};
    case SwitchState::Other: return ConfirmAnswer{Confirmed::Unknown, kNeither};
    case SwitchState::Switched: break;
  }
  return std::nullopt;
}

// The dead man is told first, and the routes are read after it: then nothing changes them later.
ConfirmAnswer confirm_switch(const FarHost& host, const ApplyRequest& request,
                             const RouteSwitch& planned, const LinkProof& proof,
                             const std::stop_token& stop) {
  const auto before = read_far_switch_state(*host.runner, planned, stop);
  if (!before) return {Confirmed::Unknown, before.error().message};
  if (*before == SwitchState::Switched) {
    if (const auto proved = prove(*host.runner, planned, proof, stop); !proved)
      return {Confirmed::Unknown, proved.error().message};  // the dead man puts it back
  }
  const auto down = stand_far_down(*host.runner, key_of(request), stop);
  if (!down) return {Confirmed::Unknown, down.error().message};
  if (*down == FarDeadMan::Putting) return {Confirmed::InProgress, in_words(*down)};
  const auto state = read_far_switch_state(*host.runner, planned, stop);
  if (!state) return {Confirmed::Unknown, state.error().message};
  if (auto answer = unless_switched(*state, Confirmed::NotApplied, ": " + in_words(*down)))
    return *answer;
  if (*down != FarDeadMan::Down)
    return {Confirmed::Unknown, "the new link carries the traffic, and " + in_words(*down)};
  return {Confirmed::Applied,
          "the new link carries the traffic, and what must answer does, over a new connection too"};
}

ConfirmAnswer confirm_put_back(const FarHost& host, const RouteSwitch& planned,
                               const std::stop_token& stop) {
  const auto state = read_far_switch_state(*host.runner, planned, stop);
  if (!state) return {Confirmed::Unknown, state.error().message};
  return unless_switched(*state, Confirmed::Applied, "")
      .value_or(ConfirmAnswer{Confirmed::NotApplied, "the new link carries the traffic"});
}

}  // namespace

ApplyAnswer apply_far_link_step(const FarHost& host, const ApplyRequest& request,
                                const LinkProof& proof, const std::stop_token& stop) {
  const core::Step& step = request.plan.steps[request.step];
  const auto ordered = link_order(step);
  if (!ordered) return {Applied::Refused, ordered.error().message};
  const auto boot_id = far_boot_id(host, stop);
  if (!boot_id) return {Applied::Refused, boot_id.error().message};
  if (*boot_id != planned_boot_id(step))
    return {Applied::WorldDiffers, "the host was started anew since the plan"};
  if (stop.stop_requested()) return cancelled_before_change();
  switch (ordered->deed) {
    case LinkDeed::Switch: return switch_over(host, request, ordered->planned, proof, stop);
    case LinkDeed::PutBack: return put_back(host, request, ordered->planned, stop);
  }
  return {Applied::Refused, "no deed"};
}

ConfirmAnswer confirm_far_link_step(const FarHost& host, const ApplyRequest& request,
                                    const LinkProof& proof, const std::stop_token& stop) {
  const core::Step& step = request.plan.steps[request.step];
  const auto ordered = link_order(step);
  if (!ordered) return {Confirmed::Unknown, ordered.error().message};
  const FarHost anew = by_new_connection(host);
  const auto boot_id = far_boot_id(anew, stop);
  if (!boot_id) return {Confirmed::Unknown, boot_id.error().message};
  if (*boot_id != planned_boot_id(step))
    return {Confirmed::Unknown, "the host was started anew since"};
  // By now or never: what its record keeps from starting changes nothing later.
  const auto runs = still_runs_far(anew, request, stop);
  if (!runs) return {Confirmed::Unknown, runs.error().message};
  if (*runs) return {Confirmed::InProgress, "the change still runs over there"};
  if (ordered->deed == LinkDeed::Switch)
    return confirm_switch(anew, request, ordered->planned, proof, stop);
  return confirm_put_back(anew, ordered->planned, stop);
}

}  // namespace fieldmedic
