#include "remediator/actions/scale_out.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/unit_scale.hpp"
#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr int kMostInstances = 32;

struct Arguments {
  std::string unit;
  ScaleTerms terms;
};

// Checked when it is read and again when it is made.
Status check(const Arguments& arguments) {
  if (!is_service_template(arguments.unit))
    return fail(Errc::Invalid,
                "'unit' wants the name of a template of services such as orders@.service");
  if (arguments.terms.step > arguments.terms.max)
    return fail(Errc::Invalid, "'step' wants to be no more than 'max'");
  return {};
}

}  // namespace

std::string read_scale_out(const YamlMap& map) {
  for (const char* key : {"unit", "max"}) map.require(key);
  const Arguments arguments{map.string("unit", ""),
                            {static_cast<int>(map.integer("max", 1, 1, kMostInstances)),
                             static_cast<int>(map.integer("step", 1, 1, kMostInstances))}};
  if (map.has("unit") && map.has("max"))
    if (auto right = check(arguments); !right) map.error(right.error().message);
  const Json json{
      {"unit", arguments.unit}, {"max", arguments.terms.max}, {"step", arguments.terms.step}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_scale_out(const std::string& text, const ActionTools& tools) {
  try {
    const Json json = Json::parse(text);
    const Arguments arguments{json.at("unit").get<std::string>(),
                              {json.at("max").get<int>(), json.at("step").get<int>()}};
    if (auto right = check(arguments); !right) return fail(right.error());
    return make_unit_scale(arguments.unit, arguments.terms, tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of scale_out: {}", error.what()));
  }
}

}  // namespace fieldmedic
