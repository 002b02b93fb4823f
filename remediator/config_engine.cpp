// `container_engine`, of this machine and of a host.
#include "common/config_fields.hpp"
#include "common/server_access_config.hpp"
#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

// Whoever may speak to an engine is root on its host, so neither side goes unproved.
ServerAccess read_engine_server(const YamlMap& map, const std::filesystem::path& folder) {
  ServerAccess server = read_server_access(map, folder);
  if (server.url.starts_with("http://"))
    map.error("url",
              "'url' wants https:// with tls_config: an engine that listens without TLS makes "
              "everybody root who reaches it");
  if (server.tls.verify == TlsClientConfig::Verify::Nobody)
    map.map("tls_config")
        .error("insecure_skip_verify", "'insecure_skip_verify' is not for a container engine");
  return server;
}

}  // namespace

ContainerEngineConfig read_container_engine(const ConfigFile& file) {
  ContainerEngineConfig config;
  if (!file.root.has("container_engine")) return config;
  const YamlMap map = file.root.map("container_engine");
  if (map.has("socket") && map.has("url"))
    map.error("url", "'url' and 'socket' exclude each other");
  else if (map.has("url"))
    config.access = {.socket = {}, .server = read_engine_server(map, file.folder)};
  else if (map.has("socket"))
    config.access.socket = read_required_path(map, "socket");
  if (map.has("evidence")) config.evidence = file.folder / map.string("evidence");
  map.done();
  return config;
}

std::optional<EngineAccess> read_host_engine(const YamlMap& host,
                                             const std::filesystem::path& folder) {
  if (!host.has("container_engine")) return std::nullopt;
  const YamlMap map = host.map("container_engine");
  EngineAccess access{.socket = {}, .server = read_engine_server(map, folder)};
  map.done();
  return access;
}

}  // namespace fieldmedic
