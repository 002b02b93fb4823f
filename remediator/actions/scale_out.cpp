#include "remediator/actions/scale_out.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/container_scale.hpp"
#include "remediator/actions/unit_scale.hpp"
#include "remediator/actions/where.hpp"
#include "remediator/reach/container_engine.hpp"
#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr int kMostInstances = 32;
constexpr std::size_t kLongestContainer = 100;  // "-fieldmedic-32" comes after it

struct Arguments {
  std::string unit;  // one of the two
  std::string container;
  ScaleTerms terms;
};

// Checked when it is read and again when it is made.
Status check(const Arguments& arguments) {
  if (arguments.unit.empty() == arguments.container.empty())
    return fail(Errc::Invalid, "scale_out wants one of 'unit' and 'container'");
  if (!arguments.container.empty() && !is_container_name(arguments.container))
    return fail(Errc::Invalid, "'container' wants the name of a container");
  if (arguments.container.size() > kLongestContainer)
    return fail(Errc::Invalid, "'container' wants a name that leaves room for those of its clones");
  if (!arguments.unit.empty() && !is_service_template(arguments.unit))
    return fail(Errc::Invalid,
                "'unit' wants the name of a template of services such as orders@.service");
  if (arguments.terms.step > arguments.terms.max)
    return fail(Errc::Invalid, "'step' wants to be no more than 'max'");
  return {};
}

}  // namespace

std::string read_scale_out(const YamlMap& map) {
  map.require("max");
  const Arguments arguments{map.string("unit", ""),
                            map.string("container", ""),
                            {static_cast<int>(map.integer("max", 1, 1, kMostInstances)),
                             static_cast<int>(map.integer("step", 1, 1, kMostInstances))}};
  if (map.has("max"))
    if (auto right = check(arguments); !right) map.error(right.error().message);
  const Json json{{"unit", arguments.unit},
                  {"container", arguments.container},
                  {"max", arguments.terms.max},
                  {"step", arguments.terms.step}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_scale_out(const std::string& text, const ActionTools& tools) {
  try {
    const Json json = Json::parse(text);
    const Arguments arguments{json.at("unit").get<std::string>(),
                              json.value("container", ""),
                              {json.at("max").get<int>(), json.at("step").get<int>()}};
    if (auto right = check(arguments); !right) return fail(right.error());
    if (!arguments.unit.empty()) return make_unit_scale(arguments.unit, arguments.terms, tools);
    if (tools.containers == nullptr)
      return fail(Errc::Invalid, "scale_out: there is no container engine");
    return here_only("scale_out of containers",
                     make_container_scale(arguments.container, arguments.terms, tools), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of scale_out: {}", error.what()));
  }
}

}  // namespace fieldmedic
