#include "remediator/reach/redfish_answers.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/redact_text.hpp"
#include "common/without_secret.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostShown = 200;
constexpr std::size_t kMostSick = 8;
constexpr std::size_t kMostMembers = 256;
constexpr std::size_t kLongestPath = 512;
constexpr std::array kResets{PowerReset::GracefulRestart, PowerReset::ForceRestart,
                             PowerReset::PowerCycle};

// Null where there is none.
const Json& at(const Json& object, const char* key) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string text_at(const Json& object, const char* key) {
  const Json& value = at(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

HardwareHealth health_of(std::string_view word) {
  if (word == "OK") return HardwareHealth::Ok;
  if (word == "Warning") return HardwareHealth::Warning;
  if (word == "Critical") return HardwareHealth::Critical;
  return HardwareHealth::Unknown;
}

int badness(HardwareHealth health) {
  switch (health) {
    case HardwareHealth::Unknown: return 0;  // another word may tell
    case HardwareHealth::Ok: return 1;
    case HardwareHealth::Warning: return 2;
    case HardwareHealth::Critical: return 3;
  }
  return 3;
}

// Of itself and, where it says so, of what is in it.
HardwareHealth health_in(const Json& object) {
  const Json& status = at(object, "Status");
  HardwareHealth worst = HardwareHealth::Unknown;
  for (const char* key : {"Health", "HealthRollup"}) {
    const HardwareHealth health = health_of(text_at(status, key));
    if (badness(health) > badness(worst)) worst = health;
  }
  return worst;
}

std::vector<PowerReset> resets_in(const Json& names) {
  std::vector<PowerReset> resets;
  if (!names.is_array()) return resets;
  for (const PowerReset reset : kResets)
    for (const Json& name : names)
      if (name == to_string(reset)) resets.push_back(reset);
  return resets;
}

void read_list(const Json& list, RedfishParts& parts) {
  if (!list.is_array()) return;
  std::size_t seen = 0;
  for (const Json& member : list) {
    if (++seen > kMostMembers) return;
    const HardwareHealth health = health_in(member);
    if (badness(health) > badness(parts.health)) parts.health = health;
    if (badness(health) > badness(HardwareHealth::Ok) && parts.sick.size() < kMostSick)
      parts.sick.push_back(
          shown_line(fmt::format("{} {}", text_at(member, "Name"), to_string(health)), kMostShown));
  }
}

}  // namespace

bool is_redfish_path(std::string_view path) {
  if (!path.starts_with("/redfish/") || path.size() > kLongestPath || path.contains("..") ||
      path.contains("//"))
    return false;
  return std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-~:+").contains(c);
  });
}

Result<RedfishSystem> read_redfish_system(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const Json& reset = at(at(json, "Actions"), "#ComputerSystem.Reset");
  RedfishSystem system;
  system.sight.state = shown_line(text_at(json, "PowerState"), kMostShown);
  system.sight.is_on = system.sight.state == "On";
  system.sight.health = health_in(json);
  system.sight.last_reset = shown_line(text_at(json, "LastResetTime"), kMostShown);
  system.sight.can = resets_in(at(reset, "ResetType@Redfish.AllowableValues"));
  system.sight.evidence =
      fmt::format("power {}, health {}", system.sight.state, to_string(system.sight.health));
  system.reset_path = text_at(reset, "target");
  system.info_path = text_at(reset, "@Redfish.ActionInfo");
  const Json& chassis = at(at(json, "Links"), "Chassis");
  if (chassis.is_array() && !chassis.empty())
    system.chassis_path = text_at(chassis[0], "@odata.id");
  if (system.sight.state.empty())
    return fail(Errc::Malformed, "what came is no system of Redfish: it says no PowerState");
  for (const std::string* path : {&system.reset_path, &system.info_path, &system.chassis_path})
    if (!path->empty() && !is_redfish_path(*path))
      return fail(Errc::Malformed,
                  fmt::format("the system names a path that is none of Redfish: {}",
                              shown_line(*path, kMostShown)));
  return system;
}

std::vector<PowerReset> read_action_info(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const Json& parameters = at(json, "Parameters");
  if (!parameters.is_array()) return {};
  for (const Json& parameter : parameters)
    if (text_at(parameter, "Name") == "ResetType")
      return resets_in(at(parameter, "AllowableValues"));
  return {};
}

RedfishParts read_redfish_parts(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  RedfishParts parts;
  parts.health = health_in(json);
  if (badness(parts.health) > badness(HardwareHealth::Ok))
    parts.sick.push_back(shown_line(
        fmt::format("{} {}", text_at(json, "Name"), to_string(parts.health)), kMostShown));
  for (const char* list : {"Temperatures", "Fans", "PowerSupplies", "Voltages", "PowerControl"})
    read_list(at(json, list), parts);
  const auto link = [&](const char* key) {
    std::string path = text_at(at(json, key), "@odata.id");
    return is_redfish_path(path) ? path : std::string();
  };
  parts.thermal_path = link("Thermal");
  parts.power_path = link("Power");
  return parts;
}

Error explain_redfish_refusal(const HttpResponse& answer, std::string_view asked,
                              const Secret& password) {
  Errc code = Errc::Io;
  std::string_view advice;
  if (answer.status == 401 || answer.status == 403) {
    code = Errc::Denied;
    advice = ": give a user and password that it knows, of a role that may do this";
  } else if (answer.status == 404) {
    code = Errc::NotFound;
    advice = ": there is no such system";
  } else if (answer.status == 429) {
    code = Errc::Unavailable;
    advice = ": it asks to be asked less often";
  } else if (answer.status >= 300 && answer.status < 400) {
    advice = ": a redirect is not followed, name the service itself";
  } else if (answer.status >= 400 && answer.status < 500 && answer.status != 408) {
    code = Errc::Invalid;
  }
  const Json json = Json::parse(answer.body, nullptr, false);
  const std::string said = without_secret(text_at(at(json, "error"), "message"), password.reveal());
  std::string text = fmt::format("{}: the controller answered {}{}", asked, answer.status, advice);
  if (!said.empty()) text += fmt::format(" ({})", shown_line(said, kMostShown));
  return {code, std::move(text)};
}

}  // namespace fieldmedic
