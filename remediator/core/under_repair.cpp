#include "remediator/core/under_repair.hpp"

namespace fieldmedic::core {
namespace {

using Counts = std::map<std::string, int, std::less<>>;

int count_of(const Counts& counts, std::string_view name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

void take_one(Counts& counts, const std::string& name) {
  const auto found = counts.find(name);
  if (found != counts.end() && --found->second == 0) counts.erase(found);
}

}  // namespace

void UnderRepair::add(const Incident& incident) {
  ++fleet_;
  ++hosts_[incident.target.host];
  ++groups_[incident.target.group];
  hold(incident.attempt->plan.resources, incident.id);
}

void UnderRepair::remove(const Incident& incident) {
  --fleet_;
  take_one(hosts_, incident.target.host);
  take_one(groups_, incident.target.group);
  let_go(incident.attempt->plan.resources, incident.id);
}

void UnderRepair::hold(const std::vector<std::string>& resources, IncidentId by) {
  for (const std::string& resource : resources) held_.emplace(resource, by);
}

void UnderRepair::let_go(const std::vector<std::string>& resources, IncidentId by) {
  for (const std::string& resource : resources) held_.erase({resource, by});
}

int UnderRepair::on_host(std::string_view host) const {
  return count_of(hosts_, host);
}

int UnderRepair::in_group(std::string_view group) const {
  return count_of(groups_, group);
}

std::optional<UnderRepair::Holder> UnderRepair::holder_of(std::string_view wanted,
                                                          IncidentId self) const {
  // Itself, and what is above it: "host/a/process/x", "host/a/process", "host/a", "host".
  for (std::size_t end = wanted.size(); end != std::string_view::npos;
       end = end == 0 ? std::string_view::npos : wanted.rfind('/', end - 1)) {
    const std::string path(wanted.substr(0, end));
    for (auto i = held_.lower_bound({path, 0}); i != held_.end() && i->first == path; ++i)
      if (i->second != self) return Holder{i->second, i->first};
  }
  const std::string below = std::string(wanted) + "/";
  for (auto i = held_.lower_bound({below, 0}); i != held_.end() && i->first.starts_with(below); ++i)
    if (i->second != self) return Holder{i->second, i->first};
  return std::nullopt;
}

}  // namespace fieldmedic::core
