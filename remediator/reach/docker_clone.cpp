#include "remediator/reach/docker_clone.hpp"

#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

// An object's member; an empty object where it is none.
Json object_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_object() ? *found : Json::object();
}

// The first port of the host that is asked for by number; empty: none.
std::string published_port(const Json& host_config) {
  const Json ports = object_in(host_config, "PortBindings");
  for (const auto& [port, bindings] : ports.items()) {
    if (!bindings.is_array()) continue;
    for (const Json& binding : bindings) {
      const Json number = binding.is_object() ? binding.value("HostPort", Json()) : Json();
      if (number.is_string() && !number.get<std::string>().empty() && number != "0")
        return number.get<std::string>() + " for " + port;
    }
  }
  return {};
}

Json labels_of(const Json& config, const CloneMark& mark) {
  Json labels = Json::object();
  const Json own = object_in(config, "Labels");
  for (const auto& [name, value] : own.items())
    if (!name.starts_with("com.docker.compose.")) labels[name] = value;
  labels[kCloneOf] = mark.of;
  labels[kCloneMadeBy] = mark.made_by;
  return labels;
}

// The networks without the addresses that the engine gave in them. Its own short id is one of the
// aliases, which the engine adds for the clone again.
Json networks_of(const Json& inspect, const std::string& short_id) {
  Json endpoints = Json::object();
  const Json networks = object_in(object_in(inspect, "NetworkSettings"), "Networks");
  for (const auto& [name, network] : networks.items()) {
    Json endpoint = Json::object();
    if (!network.is_object()) continue;
    for (const char* key : {"Links", "DriverOpts"})
      if (network.contains(key) && !network[key].is_null()) endpoint[key] = network[key];
    Json aliases = Json::array();
    if (network.contains("Aliases") && network["Aliases"].is_array())
      for (const Json& alias : network["Aliases"])
        if (alias != short_id) aliases.push_back(alias);
    if (!aliases.empty()) endpoint["Aliases"] = aliases;
    endpoints[name] = endpoint;
  }
  return endpoints;
}

// Podman tells "RLIMIT_NOFILE" and takes "nofile", as Docker tells it.
void name_limits(Json& host_config) {
  constexpr std::string_view kPodmans = "RLIMIT_";
  if (!host_config.contains("Ulimits") || !host_config["Ulimits"].is_array()) return;
  for (Json& limit : host_config["Ulimits"]) {
    const Json name = limit.is_object() ? limit.value("Name", Json()) : Json();
    if (!name.is_string() || !name.get<std::string>().starts_with(kPodmans)) continue;
    std::string plain = name.get<std::string>().substr(kPodmans.size());
    for (char& c : plain)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    limit["Name"] = plain;
  }
}

}  // namespace

Result<std::string> clone_body(std::string_view inspect, const CloneMark& mark) {
  constexpr std::size_t kShortId = 12;
  const Json json = Json::parse(inspect, nullptr, false);
  const Json id = json.is_object() ? json.value("Id", Json()) : Json();
  const Json image = json.is_object() ? json.value("Image", Json()) : Json();
  if (!id.is_string() || !image.is_string() || !json.contains("Config") ||
      !json.contains("HostConfig"))
    return fail(Errc::Malformed, "the container engine's answer describes no container");
  const std::string short_id = id.get<std::string>().substr(0, kShortId);
  Json body = object_in(json, "Config");
  Json host_config = object_in(json, "HostConfig");
  if (const auto port = published_port(host_config); !port.empty())
    return fail(Errc::Conflict,
                fmt::format("it publishes the host's port {}, which no two can have", port));
  body["Image"] = image;  // by its id: a tag may mean another one by now
  body["Labels"] = labels_of(body, mark);
  for (const char* key : {"Hostname", "MacAddress"}) body.erase(key);
  host_config.erase("ContainerIDFile");
  name_limits(host_config);
  body["HostConfig"] = host_config;
  const Json mode = host_config.value("NetworkMode", Json());
  const bool of_another = mode.is_string() && (mode == "host" || mode == "none" ||
                                               mode.get<std::string>().starts_with("container:"));
  if (!of_another) body["NetworkingConfig"] = {{"EndpointsConfig", networks_of(json, short_id)}};
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fieldmedic
