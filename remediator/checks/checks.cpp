#include "remediator/checks/checks.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "remediator/checks/http.hpp"
#include "remediator/checks/port.hpp"
#include "remediator/checks/process.hpp"
#include "remediator/checks/promql.hpp"

namespace fieldmedic {

namespace {

// Where a check can look.
enum class Where { OverSshToo, FromHereToo };

struct CheckEntry {
  std::string_view name;
  Where where;
  // Reads the arguments, records every error, answers them as canonical JSON.
  std::string (*read)(const YamlMap& arguments);
  // Errc::Invalid when the JSON does not fit.
  Result<std::unique_ptr<Check>> (*make)(const std::string& arguments, const CheckTools& tools);
};

constexpr std::array kChecks{
    CheckEntry{"http", Where::FromHereToo, read_http_check, make_http_check},
    CheckEntry{"port", Where::OverSshToo, read_port_check, make_port_check},
    CheckEntry{"process", Where::OverSshToo, read_process_check, make_process_check},
    CheckEntry{"promql", Where::FromHereToo, read_promql_check, make_promql_check},
};

const CheckEntry* find_entry(std::string_view name) {
  const auto found = std::ranges::find(kChecks, name, &CheckEntry::name);
  return found == kChecks.end() ? nullptr : found;
}

}  // namespace

core::CheckSpec read_check(const YamlMap& check, core::Duration hold) {
  core::CheckSpec spec;
  spec.hold = check.duration("hold", hold);
  auto keys = check.keys();
  std::erase(keys, "hold");
  if (keys.size() != 1) {
    check.error(fmt::format("a check wants exactly one of {}", fmt::join(check_names(), ", ")));
    return spec;
  }
  const CheckEntry* entry = find_entry(keys.front());
  if (entry == nullptr) {
    check.error(keys.front(), fmt::format("unknown check '{}', known: {}", keys.front(),
                                          fmt::join(check_names(), ", ")));
    return spec;
  }
  const YamlMap arguments = check.map(keys.front());
  spec.check = {keys.front(), entry->read(arguments)};
  arguments.done();
  return spec;
}

Result<std::unique_ptr<Check>> make_check(const core::Spec& spec, const CheckTools& tools) {
  const CheckEntry* entry = find_entry(spec.type);
  if (entry == nullptr)
    return fail(Errc::Invalid, fmt::format("there is no check '{}'", spec.type));
  return entry->make(spec.arguments, tools);
}

bool check_serves(const core::Spec& check, const HostSpec& host) {
  const CheckEntry* entry = find_entry(check.type);
  switch (host.reach) {
    case Reach::Local:
    case Reach::Ssh: return entry != nullptr;
    case Reach::Kubernetes: return entry != nullptr && entry->where == Where::FromHereToo;
  }
  return false;
}

std::vector<std::string_view> check_names() {
  std::vector<std::string_view> names;
  for (const CheckEntry& entry : kChecks) names.push_back(entry.name);
  return names;
}

}  // namespace fieldmedic
