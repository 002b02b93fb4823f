#include "remediator/actions/link_switch.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/far_link_ready.hpp"
#include "remediator/actions/far_link_steps.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/actions/link_arguments.hpp"
#include "remediator/actions/link_steps.hpp"
#include "remediator/actions/where.hpp"
#include "remediator/reach/far_routes.hpp"

namespace fieldmedic {

namespace {

std::string in_words(const DefaultRoute& route) {
  return fmt::format("default{}{}{}{} metric {}", route.way.gateway.empty() ? "" : " via ",
                     route.way.gateway, route.way.interface.empty() ? "" : " dev ",
                     route.way.interface, route.metric);
}

std::string carrying_after(const RouteSwitch& planned) {
  if (planned.by == SwitchBy::Bond)
    return fmt::format("{}, active slave of {}", planned.way.interface, planned.bond);
  return in_words(DefaultRoute{planned.way, planned.metric, {}});
}

class LinkSwitch final : public Action {
 public:
  LinkSwitch(LinkArguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    if (tools_.inventory->host(request.target.host) == nullptr)
      return fail(Errc::NotFound, fmt::format("'{}' is no host of ours", request.target.host));
    const auto far = far_host(tools_, request.target);
    if (!far) return fail(far.error());
    if (arguments_.by != SwitchBy::Bond) return plan_route(*far, request.target.host, stop);
    if (*far == nullptr) return plan_bond(request.target.host);
    return fail(Errc::Invalid, "'by: bond' is done on the remediator's own host only");
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    if (request.made.steps.empty()) return core::Plan{};
    const auto planned = switch_of(request.made.steps.front());
    if (!planned) return fail(planned.error());
    const auto far = far_host(tools_, request.target);
    if (!far) return fail(far.error());
    const auto state = *far == nullptr ? read_switch_state(*planned)
                                       : read_far_switch_state(*(*far)->runner, *planned, stop);
    if (!state) return fail(state.error());
    core::Plan plan;
    plan.resources = request.made.resources;
    switch (*state) {
      case SwitchState::AsFound: return plan;
      case SwitchState::Other:
        return fail(Errc::Conflict,
                    planned->by == SwitchBy::Bond
                        ? fmt::format("{} is not as the switch left it", planned->bond)
                        : std::string("the default routes are not as the switch left them"));
      case SwitchState::Switched: break;
    }
    plan.steps.push_back(link_step(LinkDeed::PutBack, *planned, carrying_after(*planned)));
    plan.summary = plan.steps.front().name;
    if (*far != nullptr)
      plan.steps.front() = on_boot(plan.steps.front(), planned_boot_id(request.made.steps.front()));
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const auto far = far_host(tools_, request.target);
    if (!far) return {core::Applied::Refused, far.error().message};
    if (*far != nullptr) return apply_far_link_step(**far, request, arguments_.proof, stop);
    return apply_link_step(request, arguments_.proof, tools_.self, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto far = far_host(tools_, request.target);
    if (!far) return {core::Confirmed::Unknown, far.error().message};
    if (*far != nullptr) return confirm_far_link_step(**far, request, arguments_.proof, stop);
    return confirm_link_step(request, arguments_.proof, stop);
  }

 private:
  [[nodiscard]] Result<core::Plan> plan_route(const FarHost* far, const std::string& host,
                                              const std::stop_token& stop) const {
    const auto sight = far == nullptr
                           ? look_at_switch(arguments_.by, table())
                           : look_at_far_switch(*far->runner, arguments_.by, table(), stop);
    if (!sight) return fail(sight.error());
    if (sight->routes.empty())
      return fail(Errc::NotFound, "the host has no default route to switch");
    const DefaultRoute& carrying = sight->routes.front();
    const auto planned = switch_from(carrying);
    if (!planned) return fail(planned.error());
    if (auto right = may_add_rule(*sight); arguments_.by == SwitchBy::Rule && !right)
      return fail(right.error());
    core::Plan plan;
    plan.summary =
        fmt::format("carry traffic by {}{}{} ({}), now {}", arguments_.way.interface,
                    arguments_.way.gateway.empty() ? "" : " via ", arguments_.way.gateway,
                    to_string(arguments_.by), in_words(carrying));
    plan.steps.push_back(link_step(LinkDeed::Switch, *planned, in_words(carrying)));
    plan.resources = {fmt::format("host/{}/link/default", host)};
    plan.lease = core::LeaseClaim{plan.resources.front(), core::WhenAway::Nobody};
    if (far == nullptr) return plan;
    if (auto ready = ready_for_far_switch(*far, *planned, stop); !ready) return fail(ready.error());
    const auto boot_id = far_boot_id(*far, stop);
    if (!boot_id) return fail(boot_id.error());
    plan.steps.front() = on_boot(plan.steps.front(), *boot_id);
    return plan;
  }

  // Other links of this host may be switched meanwhile.
  [[nodiscard]] Result<core::Plan> plan_bond(const std::string& host) const {
    const auto bond = read_bond(arguments_.bond);
    if (!bond) return fail(bond.error());
    const std::string& slave = arguments_.way.interface;
    if (auto may = may_become_active(*bond, slave); !may) return fail(may.error());
    RouteSwitch planned{arguments_.by, bond->active, arguments_.way};
    planned.bond = bond->name;
    planned.primary = bond->primary;
    core::Plan plan;
    plan.summary =
        fmt::format("make {} the active slave of {}, now {}; of {} its link was seen only", slave,
                    bond->name, bond->active, slave);
    plan.steps.push_back(
        link_step(LinkDeed::Switch, planned,
                  fmt::format("{}, active slave of {}", bond->active, bond->name)));
    plan.resources = {fmt::format("host/{}/link/{}", host, bond->name)};
    plan.lease = core::LeaseClaim{plan.resources.front(), core::WhenAway::Nobody};
    return plan;
  }

  [[nodiscard]] std::uint32_t table() const {
    return arguments_.by == SwitchBy::Rule ? arguments_.table : kMainTable;
  }

  // With a rule that nothing goes before, what is on the link would go by the other's gateway.
  [[nodiscard]] Status may_add_rule(const SwitchSight& sight) const {
    if (sight.of_table.empty() || sight.of_table.front().way != arguments_.way)
      return fail(Errc::Conflict, fmt::format("the default route of table {} is not by {}{}{}",
                                              arguments_.table, arguments_.way.interface,
                                              arguments_.way.gateway.empty() ? "" : " via ",
                                              arguments_.way.gateway));
    const auto at = [&](const PolicyRule& rule) { return rule.priority == arguments_.priority; };
    if (std::ranges::any_of(sight.rules, at))
      return fail(Errc::Conflict, fmt::format("there is a policy rule of priority {} already",
                                              arguments_.priority));
    const auto spares_own = [&](const PolicyRule& rule) {
      return rule.priority < arguments_.priority && rule.table == kMainTable && rule.of_all &&
             !rule.lends_default;
    };
    if (std::ranges::any_of(sight.rules, spares_own)) return {};
    return fail(Errc::Conflict,
                fmt::format("before priority {} no rule asks the main table without its default "
                            "route (ip rule add pref N lookup main suppress_prefixlength 0), so "
                            "this host's own networks would go by the new link too",
                            arguments_.priority));
  }

  [[nodiscard]] Result<RouteSwitch> switch_from(const DefaultRoute& carrying) const {
    if (carrying.way == arguments_.way)
      return fail(Errc::Conflict,
                  fmt::format("{} carries the traffic already", arguments_.way.interface));
    if (carrying.exact.empty())
      return fail(Errc::TooLarge, "the default route is larger than we could put back");
    if (arguments_.by == SwitchBy::Metric && carrying.metric == 0)
      return fail(Errc::Conflict,
                  "no metric is before that of the default route, which is 0: use 'by: replace'");
    if (arguments_.by == SwitchBy::Rule)
      return RouteSwitch{arguments_.by, carrying.exact, arguments_.way, arguments_.priority,
                         arguments_.table};
    const bool before = arguments_.by == SwitchBy::Metric;
    return RouteSwitch{arguments_.by, carrying.exact, arguments_.way,
                       before ? carrying.metric - 1 : carrying.metric, kMainTable};
  }

  LinkArguments arguments_;
  ActionTools tools_;
};

}  // namespace

Result<std::unique_ptr<Action>> make_link_switch(const std::string& text,
                                                 const ActionTools& tools) {
  auto arguments = parse_link_arguments(text);
  if (!arguments) return fail(arguments.error());
  return std::make_unique<LinkSwitch>(*std::move(arguments), tools);
}

}  // namespace fieldmedic
