#include "remediator/actions/placeholders.hpp"

#include <fmt/core.h>

namespace fieldmedic {

namespace {

constexpr std::string_view kLabels = "labels.";

bool is_known(std::string_view name, std::string_view more) {
  return name == "target.name" || name == "target.host" || name == "target.group" ||
         name.starts_with(kLabels) || (!more.empty() && name == more);
}

}  // namespace

Result<Template> parse_placeholders(std::string_view text, std::string_view more) {
  auto parsed = Template::parse(text);
  if (!parsed) return parsed;
  for (const std::string& name : parsed->names())
    if (!is_known(name, more))
      return fail(Errc::Invalid,
                  fmt::format("unknown placeholder '{}', known: target.name, target.host, "
                              "target.group, labels.NAME{}{}",
                              name, more.empty() ? "" : ", ", more));
  return parsed;
}

Result<std::string> placeholder_value(std::string_view name, const PlanRequest& request) {
  std::string value;
  if (name == "target.name") value = request.target.name;
  if (name == "target.host") value = request.target.host;
  if (name == "target.group") value = request.target.group;
  if (name.starts_with(kLabels)) {
    const auto label = request.labels.find(name.substr(kLabels.size()));
    if (label == request.labels.end())
      return fail(Errc::Invalid,
                  fmt::format("the alert has no label '{}'", name.substr(kLabels.size())));
    value = label->second;
  }
  if (auto valid = validate_label_value(value); !valid)
    return fail(Errc::Invalid, fmt::format("{}: {}", name, valid.error().message));
  return value;
}

Result<std::string> render_text(const std::string& text, const PlanRequest& request) {
  const auto parsed = parse_placeholders(text);
  if (!parsed) return fail(parsed.error());
  return parsed->render([&](std::string_view name) { return placeholder_value(name, request); });
}

std::vector<std::string> whole_hosts(const core::Target& target, const Inventory& inventory) {
  if (target.kind != core::TargetKind::Group) return {"host/" + target.host};
  std::vector<std::string> hosts;
  if (const GroupSpec* group = inventory.group(target.group))
    for (const HostSpec& host : group->hosts) hosts.push_back("host/" + host.name);
  return hosts;
}

}  // namespace fieldmedic
