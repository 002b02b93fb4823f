#include "remediator/reach/far_routes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/quote.hpp"
#include "remediator/reach/far_look.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

constexpr std::chrono::seconds kAnswer{5};
constexpr std::size_t kMostOutput = 256uz * 1024;
constexpr std::size_t kMostExact = 2048;
constexpr std::size_t kMostSaid = 200;
constexpr std::string_view kUnicast = "1";  // RTN_UNICAST, as ip -N has it

Command ask(Words argv) {
  Command command;
  command.argv = std::move(argv);
  command.timeout = kAnswer;
  command.output_limit = kMostOutput;
  return killed_in_time(std::move(command));
}

Result<Json> list_of(std::string_view text, std::string_view what) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_array() &&
      std::ranges::all_of(json, [](const Json& each) { return each.is_object(); }))
    return json;
  return fail(Errc::Malformed, fmt::format("ip over there does not list its {}: {}", what,
                                           quote_hostile(text.substr(0, kMostSaid))));
}

std::string text_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// ip(8) prints some numbers as text. Nothing: it is none.
std::optional<std::uint32_t> number_in(const Json& object, const char* key, std::uint32_t absent) {
  const auto found = object.find(key);
  if (found == object.end()) return absent;
  if (found->is_number_unsigned() && *found <= std::uint32_t(-1))
    return found->get<std::uint32_t>();
  if (!found->is_string()) return std::nullopt;
  const auto& text = found->get_ref<const std::string&>();
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Whether its link is up comes and goes, and is not of the route.
void drop_passing(Json& route) {
  if (const auto flags = route.find("flags"); flags != route.end() && flags->is_array()) {
    Json kept = Json::array();
    for (const Json& flag : *flags)
      if (flag != "linkdown" && flag != "dead") kept.push_back(flag);
    *flags = std::move(kept);
  }
  if (const auto hops = route.find("nexthops"); hops != route.end() && hops->is_array())
    for (Json& hop : *hops)
      if (hop.is_object()) drop_passing(hop);
}

Result<std::string> printed(ProcessRunner& runner, const Command& command,
                            const std::stop_token& stop) {
  auto ran = runner.run(command, stop);
  if (!ran) return fail(ran.error());
  // Of a table that never held a route.
  if (ran->exit_code != 0 && ran->err.contains("FIB table does not exist")) return "[]";
  if (ran->exit_code != 0 || ran->term_signal != 0)
    return fail(Errc::Unavailable, fmt::format("ip over there (exit code {}): {}", ran->exit_code,
                                               quote_hostile(ran->err.substr(0, kMostSaid))));
  return std::move(ran->out);
}

template <class Parsed>
Result<Parsed> read_by(ProcessRunner& runner, const Command& command,
                       Result<Parsed> (*parse)(std::string_view), const std::stop_token& stop) {
  const auto text = printed(runner, command, stop);
  if (!text) return fail(text.error());
  auto parsed = parse(*text);
  if (!parsed) return fail(Errc::Io, parsed.error().message);
  return parsed;
}

}  // namespace

Command ask_default_routes(std::uint32_t table) {
  return ask(
      {"ip", "-j", "-d", "-N", "-4", "route", "show", "table", std::to_string(table), "default"});
}

Command ask_policy_rules() {
  return ask({"ip", "-j", "-N", "-4", "rule", "show"});
}

Result<std::vector<DefaultRoute>> parse_default_routes(std::string_view text) {
  auto list = list_of(text, "routes");
  if (!list) return fail(list.error());
  std::vector<DefaultRoute> routes;
  for (Json& each : *list) {
    if (text_in(each, "dst") != "default" || text_in(each, "type").empty())
      return fail(Errc::Malformed, "ip over there lists something else than default routes");
    if (text_in(each, "type") != kUnicast || each.contains("tos")) continue;
    const auto metric = number_in(each, "metric", 0);
    if (!metric) return fail(Errc::Malformed, "ip over there prints a metric that is no number");
    drop_passing(each);
    DefaultRoute route{{text_in(each, "dev"), text_in(each, "gateway")}, *metric, each.dump()};
    if (route.exact.size() > kMostExact) route.exact.clear();
    routes.push_back(std::move(route));
  }
  std::ranges::sort(routes, {}, &DefaultRoute::metric);
  return routes;
}

Result<std::vector<PolicyRule>> parse_policy_rules(std::string_view text) {
  // Anything else is a condition, or does more than to lead to a table.
  constexpr std::array kPlain{"priority",           "src",    "table",
                              "suppress_prefixlen", "action", "protocol"};
  const auto list = list_of(text, "rules");
  if (!list) return fail(list.error());
  std::vector<PolicyRule> rules;
  for (const Json& each : *list) {
    PolicyRule rule;
    const auto priority = number_in(each, "priority", 0);
    if (!priority) return fail(Errc::Malformed, "ip over there prints a rule of no priority");
    rule.priority = *priority;
    rule.table = number_in(each, "table", 0).value_or(0);
    rule.lends_default = number_in(each, "suppress_prefixlen", 1) != 0U;
    // A longer prefix keeps routes to networks from it too.
    const bool suppresses_more = each.contains("suppress_prefixlen") && rule.lends_default;
    rule.of_all = text_in(each, "src") == "all" && !suppresses_more;
    for (const auto& [key, value] : each.items())
      if (std::ranges::find(kPlain, key) == kPlain.end()) rule.of_all = false;
    if (each.contains("action")) rule.table = 0;
    rules.push_back(rule);
  }
  return rules;
}

Result<SwitchSight> look_at_far_switch(ProcessRunner& runner, SwitchBy by, std::uint32_t table,
                                       const std::stop_token& stop) {
  SwitchSight sight;
  const bool by_rule = by == SwitchBy::Rule;
  auto routes =
      read_by(runner, ask_default_routes(by_rule ? kMainTable : table), parse_default_routes, stop);
  if (!routes) return fail(routes.error());
  sight.routes = *std::move(routes);
  if (!by_rule) return sight;
  auto of_table = read_by(runner, ask_default_routes(table), parse_default_routes, stop);
  if (!of_table) return fail(of_table.error());
  sight.of_table = *std::move(of_table);
  auto rules = read_by(runner, ask_policy_rules(), parse_policy_rules, stop);
  if (!rules) return fail(rules.error());
  sight.rules = *std::move(rules);
  return sight;
}

Result<SwitchState> read_far_switch_state(ProcessRunner& runner, const RouteSwitch& planned,
                                          const std::stop_token& stop) {
  if (planned.by == SwitchBy::Bond) return fail(Errc::Invalid, "over SSH no bond is looked at");
  const auto sight = look_at_far_switch(runner, planned.by, planned.table, stop);
  if (!sight) return fail(sight.error());
  return state_of(planned, *sight);
}

}  // namespace fieldmedic
