#include "tool/connection.hpp"

#include <cstdlib>
#include <system_error>

#include "common/server_access_config.hpp"

namespace fieldmedic::tool {

std::filesystem::path connection_file(const std::filesystem::path& chosen) {
  if (!chosen.empty()) return chosen;
  std::vector<std::filesystem::path> places;
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    places.push_back(std::filesystem::path(home) / ".config" / "fieldmedic.yml");
  places.emplace_back("/etc/fieldmedic/fieldmedic.yml");
  std::error_code error;  // one that cannot be looked at is told when it is read
  for (const auto& place : places)
    if (std::filesystem::exists(place, error) || error) return place;
  return {};
}

Result<ServerAccess> read_connection(const std::filesystem::path& file) {
  if (file.empty()) return ServerAccess{.url = kDefaultUrl};
  ConfigErrors errors;
  const YamlMap root = read_yaml_file(file, errors);
  ServerAccess access = read_server_access(root, file.parent_path());
  root.done();
  if (!errors.empty()) return fail(Errc::Invalid, errors.text());
  return access;
}

}  // namespace fieldmedic::tool
