#include "remediator/actions/data_divert.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/key_divert.hpp"
#include "remediator/actions/store_divert.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 3> kWays{"etcd", "link", "zookeeper"};

}  // namespace

std::string read_data_divert(const YamlMap& map) {
  if (std::ranges::count_if(kWays, [&](auto way) { return map.has(way); }) != 1)
    map.error(fmt::format("data_divert wants exactly one of {}", fmt::join(kWays, ", ")));
  if (map.has("etcd") || map.has("zookeeper")) return key_divert_json(read_key_divert(map));
  return read_store_divert(map);
}

Result<std::unique_ptr<Action>> make_data_divert(const std::string& text,
                                                 const ActionTools& tools) {
  if (!diverts_on_host(text)) return make_key_divert(text, tools);
  return make_store_divert(text, tools);
}

bool diverts_on_host(const std::string& arguments) {
  const Json json = Json::parse(arguments, nullptr, false);
  return !json.is_object() || (!json.contains("etcd") && !json.contains("zookeeper"));
}

}  // namespace fieldmedic
