#include "remediator/actions/link_arguments.hpp"

#include <arpa/inet.h>
#include <net/if.h>

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/address.hpp"
#include "common/config_fields.hpp"
#include "remediator/actions/link_switch.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::size_t kMostKept = 8;
constexpr DurationBounds kDeadMan{1s, 10min};
constexpr std::uint32_t kMainPriority = 32'766;  // of the rule that asks the main table
constexpr std::uint32_t kFirstReserved = 253;    // default, main, local
constexpr std::uint32_t kLastReserved = 255;
constexpr std::int64_t kMostTables = 2'147'483'647;

struct Fault {
  std::string_view key;
  std::string what;
};

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

// Checked when it is read and again when it is made.
std::vector<Fault> faults_of(const LinkArguments& arguments) {
  std::vector<Fault> faults;
  const auto check_name = [&](std::string_view key, const std::string& name) {
    if (name.empty() || name.size() >= IF_NAMESIZE ||
        name.find_first_of(std::string_view("/ \t\n\0", 5)) != std::string::npos)
      faults.push_back({key, fmt::format("'{}' wants the name of an interface such as eth1", key)});
  };
  check_name("interface", arguments.way.interface);
  if (arguments.by == SwitchBy::Bond) {
    check_name("bond", arguments.bond);
    check_name("over", arguments.proof.over);
  }
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
  for (const SwitchBy by : {SwitchBy::Replace, SwitchBy::Rule, SwitchBy::Bond})
    if (to_string(by) == name) return by;
  return SwitchBy::Metric;
}

// What belongs to one way of switching only; elsewhere its keys are unknown.
void read_by(const YamlMap& map, LinkArguments& arguments) {
  switch (arguments.by) {
    case SwitchBy::Metric:
    case SwitchBy::Replace: break;
    case SwitchBy::Rule:
      map.require("table");
      arguments.table = static_cast<std::uint32_t>(map.integer("table", 0, 1, kMostTables));
      arguments.priority = static_cast<std::uint32_t>(
          map.integer("priority", arguments.priority, 1, kMainPriority - 1));
      break;
    case SwitchBy::Bond:
      arguments.bond = map.string("bond");
      arguments.proof.over = map.string("over", arguments.bond);
      return;
  }
  arguments.way.gateway = map.string("gateway", "");
}

// What is no text, or an empty one, was told when it was read.
bool was_told(const LinkArguments& arguments, std::string_view key) {
  return (key == "interface" && arguments.way.interface.empty()) ||
         (key == "bond" && arguments.bond.empty()) ||
         (key == "probe" && arguments.proof.probe.empty());
}

std::string text_of(const LinkArguments& arguments) {
  Json json{
      {"interface", arguments.way.interface}, {"gateway", arguments.way.gateway},
      {"by", to_string(arguments.by)},        {"probe", arguments.proof.probe},
      {"keeps", arguments.proof.keeps},       {"dead_man_ms", arguments.proof.dead_man.count()}};
  if (arguments.by == SwitchBy::Rule) {
    json["table"] = arguments.table;
    json["priority"] = arguments.priority;
  }
  if (arguments.by == SwitchBy::Bond) {
    json["bond"] = arguments.bond;
    json["over"] = arguments.proof.over;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string read_link_switch(const YamlMap& map) {
  LinkArguments arguments;
  arguments.way.interface = map.string("interface");
  arguments.by = switch_by(map.one_of("by", {"metric", "replace", "rule", "bond"}, "metric"));
  read_by(map, arguments);
  arguments.proof.probe = map.string("probe");
  arguments.proof.keeps = map.strings("keeps");
  arguments.proof.dead_man =
      read_bounded_duration(map, "dead_man", arguments.proof.dead_man, kDeadMan);
  if (!map.has("keeps"))
    map.error(
        "link_switch wants 'keeps': the addresses of Prometheus and Alertmanager, which must "
        "answer over the new link too; [] where they are on this host");
  for (const Fault& fault : faults_of(arguments))
    if (map.has(fault.key) && !was_told(arguments, fault.key)) map.error(fault.key, fault.what);
  return text_of(arguments);
}

Result<LinkArguments> parse_link_arguments(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    LinkArguments arguments;
    arguments.way = {json.at("interface").get<std::string>(),
                     json.at("gateway").get<std::string>()};
    arguments.by = switch_by(json.at("by").get<std::string>());
    arguments.proof = {
        json.at("probe").get<std::string>(), json.at("keeps").get<std::vector<std::string>>(),
        milliseconds(json.at("dead_man_ms").get<std::int64_t>()), json.value("over", "")};
    arguments.table = json.value("table", arguments.table);
    arguments.priority = json.value("priority", arguments.priority);
    arguments.bond = json.value("bond", "");
    const auto faults = faults_of(arguments);
    if (!faults.empty()) return fail(Errc::Invalid, faults.front().what);
    return arguments;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of link_switch: {}", error.what()));
  }
}

}  // namespace fieldmedic
