#include "remediator/actions/link_switch.hpp"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/address.hpp"
#include "common/config_fields.hpp"
#include "remediator/actions/link_steps.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::size_t kMostKept = 8;
constexpr DurationBounds kDeadMan{1s, 10min};
constexpr std::uint32_t kPriority = 20'000;
constexpr std::uint32_t kMainPriority = 32'766;  // of the rule that asks the main table
constexpr std::uint32_t kFirstReserved = 253;    // default, main, local
constexpr std::uint32_t kLastReserved = 255;
constexpr std::int64_t kMostTables = 2'147'483'647;

struct Arguments {
  RouteWay way;
  SwitchBy by = SwitchBy::Metric;
  LinkProof proof;
  std::uint32_t table = 0;  // of Rule, as the next
  std::uint32_t priority = kPriority;
};

struct Fault {
  std::string_view key;
  std::string what;
};

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

// Checked when it is read and again when it is made.
std::vector<Fault> faults_of(const Arguments& arguments) {
  std::vector<Fault> faults;
  const std::string& name = arguments.way.interface;
  if (name.empty() || name.size() >= IF_NAMESIZE ||
      name.find_first_of(std::string_view("/ \t\n\0", 5)) != std::string::npos)
    faults.push_back({"interface", "'interface' wants the name of an interface such as eth1"});
  if (!arguments.way.gateway.empty() && !is_ipv4(arguments.way.gateway))
    faults.push_back({"gateway", "'gateway' wants an IPv4 address"});
  const auto check = [&](std::string_view key, const std::string& text) {
    const auto address = parse_address(text);
    if (!address || !is_ipv4(address->host) || address->port == 0)
      faults.push_back({key, fmt::format("'{}' wants IPv4:PORT, got '{}'", key, text)});
  };
  check("probe", arguments.proof.probe);
  for (const std::string& kept : arguments.proof.keeps) check("keeps", kept);
  if (arguments.proof.keeps.size() > kMostKept)
    faults.push_back({"keeps", fmt::format("at most {} addresses", kMostKept)});
  const bool reserved = arguments.table >= kFirstReserved && arguments.table <= kLastReserved;
  if (arguments.by == SwitchBy::Rule && (arguments.table == 0 || reserved))
    faults.push_back({"table", "'table' wants the number of a routing table of its own"});
  if (arguments.by == SwitchBy::Rule &&
      (arguments.priority == 0 || arguments.priority >= kMainPriority))
    faults.push_back({"priority", "'priority' wants to be before that of the main table, 32766"});
  if (arguments.proof.dead_man < kDeadMan.least || arguments.proof.dead_man > kDeadMan.most)
    faults.push_back({"dead_man", "'dead_man' wants 1s to 10m"});
  return faults;
}

SwitchBy switch_by(const std::string& name) {
  for (const SwitchBy by : {SwitchBy::Replace, SwitchBy::Rule})
    if (to_string(by) == name) return by;
  return SwitchBy::Metric;
}

std::string in_words(const DefaultRoute& route) {
  return fmt::format("default{}{}{}{} metric {}", route.way.gateway.empty() ? "" : " via ",
                     route.way.gateway, route.way.interface.empty() ? "" : " dev ",
                     route.way.interface, route.metric);
}

class LinkSwitch final : public Action {
 public:
  LinkSwitch(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token) override {
    if (tools_.inventory->host(request.target.host) == nullptr)
      return fail(Errc::NotFound, fmt::format("'{}' is no host of ours", request.target.host));
    const auto sight = look_at_switch(arguments_.by, table());
    if (!sight) return fail(sight.error());
    if (sight->routes.empty())
      return fail(Errc::NotFound, "this host has no default route to switch");
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
    plan.resources = {fmt::format("host/{}/link/default", request.target.host)};
    plan.lease = core::LeaseClaim{plan.resources.front(), core::WhenAway::Nobody};
    return plan;
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token) override {
    if (request.made.steps.empty()) return core::Plan{};
    const auto planned = switch_of(request.made.steps.front());
    if (!planned) return fail(planned.error());
    const auto state = read_switch_state(*planned);
    if (!state) return fail(state.error());
    core::Plan plan;
    plan.resources = request.made.resources;
    switch (*state) {
      case SwitchState::AsFound: return plan;
      case SwitchState::Other:
        return fail(Errc::Conflict, "the default routes are not as the switch left them");
      case SwitchState::Switched: break;
    }
    plan.summary = "put back the default route that was there";
    plan.steps.push_back(link_step(LinkDeed::PutBack, *planned,
                                   in_words(DefaultRoute{planned->way, planned->metric, {}})));
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    return apply_link_step(request, arguments_.proof, tools_.self, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    return confirm_link_step(request, arguments_.proof, stop);
  }

 private:
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

  Arguments arguments_;
  ActionTools tools_;
};

}  // namespace

std::string read_link_switch(const YamlMap& map) {
  Arguments arguments;
  arguments.way = {map.string("interface"), map.string("gateway", "")};
  arguments.by = switch_by(map.one_of("by", {"metric", "replace", "rule"}, "metric"));
  if (arguments.by == SwitchBy::Rule) {
    map.require("table");
    arguments.table = static_cast<std::uint32_t>(map.integer("table", 0, 1, kMostTables));
    arguments.priority =
        static_cast<std::uint32_t>(map.integer("priority", kPriority, 1, kMainPriority - 1));
  }
  arguments.proof.probe = map.string("probe");
  arguments.proof.keeps = map.strings("keeps");
  arguments.proof.dead_man =
      read_bounded_duration(map, "dead_man", arguments.proof.dead_man, kDeadMan);
  if (!map.has("keeps"))
    map.error(
        "link_switch wants 'keeps': the addresses of Prometheus and Alertmanager, which must "
        "answer over the new link too; [] where they are on this host");
  for (const Fault& fault : faults_of(arguments))
    if (map.has(fault.key)) map.error(fault.key, fault.what);
  Json json{
      {"interface", arguments.way.interface}, {"gateway", arguments.way.gateway},
      {"by", to_string(arguments.by)},        {"probe", arguments.proof.probe},
      {"keeps", arguments.proof.keeps},       {"dead_man_ms", arguments.proof.dead_man.count()}};
  if (arguments.by == SwitchBy::Rule) {
    json["table"] = arguments.table;
    json["priority"] = arguments.priority;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_link_switch(const std::string& text,
                                                 const ActionTools& tools) {
  try {
    const Json json = Json::parse(text);
    Arguments arguments{
        {json.at("interface").get<std::string>(), json.at("gateway").get<std::string>()},
        switch_by(json.at("by").get<std::string>()),
        {json.at("probe").get<std::string>(), json.at("keeps").get<std::vector<std::string>>(),
         milliseconds(json.at("dead_man_ms").get<std::int64_t>())},
        json.value("table", std::uint32_t{0}),
        json.value("priority", kPriority)};
    const auto faults = faults_of(arguments);
    if (!faults.empty()) return fail(Errc::Invalid, faults.front().what);
    return std::make_unique<LinkSwitch>(std::move(arguments), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of link_switch: {}", error.what()));
  }
}

}  // namespace fieldmedic
