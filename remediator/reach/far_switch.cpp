#include "remediator/reach/far_switch.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/quote.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

// "default via G dev I metric M".
Words default_by(const RouteWay& way, std::uint32_t metric, std::uint32_t table) {
  Words words{"default"};
  if (!way.gateway.empty()) words.insert(words.end(), {"via", way.gateway});
  words.insert(words.end(), {"dev", way.interface, "metric", std::to_string(metric), "table",
                             std::to_string(table)});
  return words;
}

Words ip(AsRoot as_root, Words first, const Words& rest) {
  Words argv;
  if (as_root == AsRoot::BySudo)
    argv = {"sudo", "-n", "--", "/usr/sbin/ip"};
  else
    argv = {"ip"};
  argv.insert(argv.end(), std::make_move_iterator(first.begin()),
              std::make_move_iterator(first.end()));
  argv.insert(argv.end(), rest.begin(), rest.end());
  return argv;
}

// What ip(8) is told of a route that it printed: each key, and the word before its value.
constexpr std::array kTold{std::pair{"gateway", "via"},    std::pair{"dev", "dev"},
                           std::pair{"protocol", "proto"}, std::pair{"scope", "scope"},
                           std::pair{"prefsrc", "src"},    std::pair{"metric", "metric"}};
constexpr std::array kUntold{"type", "dst", "flags"};

std::unexpected<Error> not_to_be_put_back(const std::string& key) {
  return fail(Errc::Conflict, fmt::format("the default route over there has {}, which ip(8) could "
                                          "not put back exactly: use 'by: metric'",
                                          quote_hostile(key)));
}

Result<Words> found_again(const std::string& exact, std::uint32_t table) {
  const Json route = Json::parse(exact, nullptr, false);
  if (!route.is_object()) return fail(Errc::Invalid, "what was found is no route");
  for (const auto& [key, value] : route.items()) {
    const bool told =
        std::ranges::any_of(kTold, [&](const auto& pair) { return key == pair.first; });
    const bool plain = value.is_string() || value.is_number_unsigned();
    if (std::ranges::find(kUntold, key) == kUntold.end() && !(told && plain))
      return not_to_be_put_back(key);
  }
  Words words{"default"};
  for (const auto& [key, word] : kTold)
    if (const auto value = route.find(key); value != route.end())
      words.insert(words.end(),
                   {word, value->is_string() ? value->get<std::string>() : value->dump()});
  for (const Json& flag : route.value("flags", Json::array())) {
    if (flag != "onlink") return not_to_be_put_back(flag.dump());
    words.emplace_back("onlink");
  }
  words.insert(words.end(), {"table", std::to_string(table)});
  return words;
}

}  // namespace

Result<FarSwitch> far_switch(const RouteSwitch& planned, AsRoot as_root) {
  const Words ours = default_by(planned.way, planned.metric, planned.table);
  const std::string priority = std::to_string(planned.metric);
  const std::string table = std::to_string(planned.table);
  FarSwitch made;
  made.look = ip(AsRoot::Already, {"-4", "route", "show"}, ours);
  switch (planned.by) {
    case SwitchBy::Metric:
      made.make = ip(as_root, {"-4", "route", "add"}, ours);
      made.make.insert(made.make.end(), {"proto", "static"});
      made.put_back = ip(as_root, {"-4", "route", "del"}, ours);
      return made;
    case SwitchBy::Replace: {
      const auto found = found_again(planned.found, planned.table);
      if (!found) return fail(found.error());
      made.make = ip(as_root, {"-4", "route", "replace"}, ours);
      made.make.insert(made.make.end(), {"proto", "static"});
      made.put_back = ip(as_root, {"-4", "route", "replace"}, *found);
      return made;
    }
    case SwitchBy::Rule: {
      const Words rule{"pref", priority, "lookup", table};
      made.make = ip(as_root, {"-4", "rule", "add"}, rule);
      made.put_back = ip(as_root, {"-4", "rule", "del"}, rule);
      made.look = ip(AsRoot::Already, {"-4", "-N", "rule", "show"}, {"pref", priority});
      made.looks_like = fmt::format("{}: from all lookup {}", priority, table);
      return made;
    }
    case SwitchBy::Bond: break;
  }
  return fail(Errc::Invalid,
              "over SSH no bond is switched: use another 'by', or a remediator there");
}

}  // namespace fieldmedic
