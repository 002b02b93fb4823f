// {{ target.name }} and {{ labels.NAME }} in the arguments of an action. Internal to actions/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/template.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

// Errc::Invalid: `text` is no template, or names something else than target.name, target.host,
// target.group, labels.NAME and what `more` names.
[[nodiscard]] Result<Template> parse_placeholders(std::string_view text,
                                                  std::string_view more = {});

// What a placeholder stands for, checked by validate_label_value. Errc::Invalid names it.
[[nodiscard]] Result<std::string> placeholder_value(std::string_view name,
                                                    const PlanRequest& request);

// A text with its placeholders filled. Errc::Invalid names the one that cannot be.
[[nodiscard]] Result<std::string> render_text(const std::string& text, const PlanRequest& request);

// The resources of a change of which nobody knows what it touches: the whole host, or every host of
// a group.
[[nodiscard]] std::vector<std::string> whole_hosts(const core::Target& target,
                                                   const Inventory& inventory);

}  // namespace fieldmedic
