#include "remediator/lease_json.hpp"

#include <nlohmann/json.hpp>

#include "common/clock.hpp"

namespace fieldmedic {
namespace {

using Json = nlohmann::ordered_json;

Json until_json(const core::Lease& lease) {
  Json list = Json::array();
  for (std::size_t i = 0; i < lease.terms().until.size(); ++i) {
    Json check{{"check", lease.terms().until[i].check.type}};
    if (i < lease.checks.size()) {
      check["verdict"] = to_string(lease.checks[i].answer.verdict);
      check["evidence"] = lease.checks[i].answer.evidence;
      check["since"] = format_rfc3339(lease.checks[i].since);
    }
    list.push_back(std::move(check));
  }
  return list;
}

Json to_json(const core::Lease& lease) {
  Json json{{"id", lease.id},
            {"incident", lease.incident},
            {"state", to_string(lease.phase)},
            {"since", format_rfc3339(lease.phase_since)},
            {"resource", lease.resource()},
            {"target", key_of(lease.target)},
            {"playbook", lease.playbook->name},
            {"tier_name", lease.made_by().name},
            {"action", lease.made_by().action.type},
            {"change", lease.plan.summary},
            {"taken_at", format_rfc3339(lease.taken_at)},
            {"ends_at", format_rfc3339(lease.ends_at)},
            {"when_away", to_string(lease.plan.lease->when_away)},
            {"reason", lease.reason}};
  if (lease.undo) json["undo"] = lease.undo->id;
  json["until"] = until_json(lease);
  return json;
}

}  // namespace

std::string leases_json(const core::State& state) {
  Json list = Json::array();
  for (const auto& [id, lease] : state.leases) list.push_back(to_json(lease));
  const Json json{{"leases", std::move(list)}};
  // Evidence comes from outside: what is no UTF-8 is replaced.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fieldmedic
