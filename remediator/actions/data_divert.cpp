#include "remediator/actions/data_divert.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/file_divert.hpp"
#include "remediator/actions/key_divert.hpp"
#include "remediator/actions/store_divert.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 4> kWays{"etcd", "file", "link", "zookeeper"};

}  // namespace

std::string read_data_divert(const YamlMap& map) {
  if (std::ranges::count_if(kWays, [&](auto way) { return map.has(way); }) != 1)
    map.error(fmt::format("data_divert wants exactly one of {}", fmt::join(kWays, ", ")));
  if (map.has("etcd") || map.has("zookeeper")) return key_divert_json(read_key_divert(map));
  if (map.has("file")) return read_file_divert(map);
  return read_store_divert(map);
}

Result<std::unique_ptr<Action>> make_data_divert(const std::string& text,
                                                 const ActionTools& tools) {
  switch (divert_way(text)) {
    case DivertWay::Link: return make_store_divert(text, tools);
    case DivertWay::File: return make_file_divert(text, tools);
    case DivertWay::Key: return make_key_divert(text, tools);
  }
  return fail(Errc::Invalid, "data_divert: no way");
}

DivertWay divert_way(const std::string& arguments) {
  const Json json = Json::parse(arguments, nullptr, false);
  if (json.is_object() && json.contains("file")) return DivertWay::File;
  if (json.is_object() && json.contains("key")) return DivertWay::Key;
  return DivertWay::Link;
}

}  // namespace fieldmedic
