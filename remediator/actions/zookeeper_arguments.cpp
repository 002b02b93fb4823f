#include "remediator/actions/zookeeper_arguments.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/config_fields.hpp"
#include "common/secret.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostServers = 9;

}  // namespace

ZookeeperAccess read_zookeeper_access(const YamlMap& map) {
  ZookeeperAccess access;
  map.require("servers");
  access.servers = read_addresses(map, "servers");
  if (access.servers.size() > kMostServers)
    map.error("servers", fmt::format("'servers' wants at most {}", kMostServers));
  access.user = map.string("user", "");
  access.password_file = read_path(map, "password_file");
  if (map.has("user") != map.has("password_file"))
    map.error("'user' and 'password_file' want each other");
  if (access.user.find(':') != std::string::npos) map.error("user", "'user' wants no colon");
  if (access.password_file.empty()) return access;
  if (const auto password = read_secret_file(access.password_file); !password)
    map.error("password_file", fmt::format("'password_file': {}", password.error().message));
  return access;
}

std::string to_json(const ZookeeperAccess& access) {
  return Json{
      {"servers", access.servers}, {"user", access.user}, {"password_file", access.password_file}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<ZookeeperAccess> parse_zookeeper_access(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    ZookeeperAccess access{json.at("servers").get<std::vector<std::string>>(),
                           json.at("user").get<std::string>(),
                           json.at("password_file").get<std::string>()};
    if (access.servers.empty() || access.servers.size() > kMostServers)
      return fail(Errc::Invalid, "ZooKeeper wants at least one server, and not too many");
    return access;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no servers of ZooKeeper: {}", error.what()));
  }
}

}  // namespace fieldmedic
