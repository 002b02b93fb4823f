#include "remediator/incident_json.hpp"

#include <nlohmann/json.hpp>

#include "remediator/journal/event_codec.hpp"

namespace fieldmedic {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kAdoptedShown = 1'000;

Json target_json(const core::Target& target) {
  Json json{{"kind", to_string(target.kind)}, {"host", target.host}, {"group", target.group}};
  if (!target.name.empty()) json["collector"] = target.name;
  return json;
}

Json checks_json(const core::Incident& incident) {
  Json list = Json::array();
  for (std::size_t i = 0; i < incident.checks.size(); ++i) {
    const core::CheckState& check = incident.checks[i];
    list.push_back({{"check", incident.playbook->verify.checks[i].check.type},
                    {"verdict", to_string(check.answer.verdict)},
                    {"evidence", check.answer.evidence},
                    {"since", format_rfc3339(check.since)}});
  }
  return list;
}

Json alerts_json(const core::Incident& incident) {
  Json list = Json::array();
  for (const auto& [key, alert] : incident.alerts)
    list.push_back({{"fingerprint", key.fingerprint},
                    {"name", alert.name},
                    {"starts_at", format_rfc3339(key.starts_at)},
                    {"status", to_string(alert.status)}});
  return list;
}

Json to_json(const core::Incident& incident) {
  Json json{{"id", incident.id},
            {"target", key_of(incident.target)},
            {"about", target_json(incident.target)},
            {"playbook", incident.playbook->name},
            {"mode", to_string(incident.playbook->mode)},
            {"state", to_string(incident.phase)},
            {"since", format_rfc3339(incident.phase_since)},
            {"opened_at", format_rfc3339(incident.opened_at)},
            {"reason", incident.reason},
            {"tier", incident.tier},
            {"attempts", incident.attempts}};
  if (incident.tier < incident.playbook->tiers.size())
    json["tier_name"] = incident.current_tier().name;
  if (incident.relapse_of != 0) json["relapse_of"] = incident.relapse_of;
  if (incident.fault != core::Fault::Node) json["fault"] = to_string(incident.fault);
  if (incident.adopted_by != 0) json["adopted_by"] = incident.adopted_by;
  if (incident.asked)
    json["approval"] = {{"hash", incident.asked->hash},
                        {"what", incident.asked->what},
                        {"from", to_string(incident.asked->from)},
                        {"expires_at", format_rfc3339(incident.asked->expires_at)},
                        {"otherwise", to_string(incident.asked->at_expiry)}};
  if (incident.attempt) json["attempt"] = incident.attempt->id;
  if (!is_open(incident.phase)) {
    json["ended_at"] = format_rfc3339(incident.phase_since);
    json["took_seconds"] =
        std::chrono::duration<double>(incident.phase_since - incident.opened_at).count();
  }
  json["alerts"] = alerts_json(incident);
  json["labels"] = incident.labels.unpacked();
  json["checks"] = checks_json(incident);
  return json;
}

// The journal's times are milliseconds.
Json with_times(Json fields) {
  for (const auto& [name, value] : fields.items()) {
    if (value.is_object()) value = with_times(std::move(value));
    if (name.ends_with("_at") && value.is_number_integer())
      value = format_rfc3339(core::Time(core::Duration(value.get<std::int64_t>())));
  }
  return fields;
}

// The event's own fields behind what all events share; "v", "at" and "incident" are said already.
Json to_json(const Record& record) {
  Json json{{"seq", record.sequence},
            {"at", format_rfc3339(record.event.at)},
            {"wall", format_rfc3339(record.wall)},
            {"epoch", record.epoch},
            {"event", core::name_of(record.event.payload)}};
  const Json fields = with_times(Json::parse(encode_event(record.event), nullptr, false));
  for (const auto& [name, value] : fields.items())
    if (name != "v" && name != "at" && name != "incident") json[name] = value;
  return json;
}

// Text from outside may hold anything; what is no UTF-8 is replaced.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string incidents_json(const core::State& state, Listed listed, std::size_t most) {
  Json list = Json::array();
  if (listed != Listed::Ended)
    for (auto i = state.open.rbegin(); i != state.open.rend() && list.size() < most; ++i)
      list.push_back(to_json(i->second));
  if (listed != Listed::Open)
    for (auto i = state.ended.rbegin(); i != state.ended.rend() && list.size() < most; ++i)
      list.push_back(to_json(*i));
  return dump({{"incidents", std::move(list)}});
}

std::string brakes_json(const core::State& state) {
  Json paused = Json::object();
  for (const auto& [scope, why] : state.paused) paused[scope] = why;
  Json breakers = Json::object();
  for (const auto& [scope, breaker] : state.breakers)
    if (breaker.open) breakers[scope] = breaker.why;
  return dump({{"paused", std::move(paused)}, {"open_breakers", std::move(breakers)}});
}

std::string incident_json(const core::Incident& incident, const std::vector<Record>& timeline,
                          const core::Related::Ids& adopted) {
  Json json = to_json(incident);
  if (!adopted.empty()) {
    std::vector<core::IncidentId> shown;
    for (const core::IncidentId id : adopted)
      if (shown.size() < kAdoptedShown) shown.push_back(id);
    json["adopted"] = shown;
    json["adopted_count"] = adopted.size();
  }
  json["timeline"] = Json::array();
  for (const Record& record : timeline) json["timeline"].push_back(to_json(record));
  return dump(json);
}

}  // namespace fieldmedic
