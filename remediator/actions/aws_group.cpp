#include "remediator/actions/aws_group.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/config_fields.hpp"
#include "common/url_host.hpp"
#include "remediator/reach/aws_instance_role.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestWord = 64;

struct Fault {
  std::string_view key;
  std::string what;
};

// Printable ASCII, as AWS wants it.
bool is_group_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~' && c != ':'; });
}

bool is_region(std::string_view region) {
  return !region.empty() && region.size() <= kLongestWord &&
         std::ranges::all_of(region, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool is_profile(std::string_view profile) {
  return !profile.empty() && profile.size() <= kLongestWord &&
         std::ranges::all_of(profile, [](char c) { return c > ' ' && c <= '~' && c != ']'; });
}

// A session token would go over the wire for everybody to read.
bool may_be_plain(const std::string& endpoint) {
  return names_this_machine(host_of_url(endpoint), "");
}

std::vector<Fault> faults_of(const AwsGroup& group) {
  std::vector<Fault> faults;
  if (!is_group_name(group.name))
    faults.push_back({"name", "'name' wants the name of an Auto Scaling group"});
  if (!is_region(group.access.region))
    faults.push_back({"region", "'region' wants a region of AWS such as cn-north-1"});
  if (!is_profile(group.access.credentials.profile))
    faults.push_back({"profile", "'profile' wants the name of a profile"});
  const std::string& endpoint = group.access.endpoint;
  if (endpoint.empty()) return faults;
  if (const auto fault = fault_of_url(endpoint))
    faults.push_back({"endpoint", fmt::format("'endpoint' {}", *fault)});
  else if (endpoint.find_first_of("/?#", endpoint.find("://") + 3) != std::string::npos)
    faults.push_back({"endpoint", "'endpoint' wants a URL without a path"});
  else if (endpoint.starts_with("http:") && !may_be_plain(endpoint))
    faults.push_back({"endpoint", "'endpoint' wants https:// but for this machine itself"});
  return faults;
}

// What cannot be read is told now, not in the night. A role is asked for where it is used: this may
// be another machine.
void check_credentials(const YamlMap& map, const AwsGroup& group) {
  if (!group.access.credentials.metadata.empty()) {
    for (const char* other : {"credentials_file", "profile"})
      if (map.has(other))
        map.error(other, fmt::format("'{}' beside 'instance_role': take one of them", other));
    return;
  }
  const auto credentials = read_aws_credentials(group.access.credentials);
  if (credentials) return;
  const std::string why = credentials.error().message;
  if (map.has("credentials_file"))
    map.error("credentials_file", "'credentials_file': " + why);
  else
    map.error("without 'credentials_file': " + why);
}

}  // namespace

AwsGroup read_aws_group(const YamlMap& map) {
  AwsGroup group;
  group.name = map.string("name");
  group.access.region = map.string("region");
  group.access.endpoint = read_url(map, "endpoint");
  group.access.ca_file = read_ca_file(map);
  group.access.credentials = {read_path(map, "credentials_file"), map.string("profile", "default")};
  if (map.boolean("instance_role", false)) group.access.credentials.metadata = kInstanceMetadata;
  map.done();
  // What is missing, empty or no text was told when it was asked for.
  const auto told = [&](std::string_view key) {
    return (key == "name" && group.name.empty()) ||
           (key == "region" && group.access.region.empty());
  };
  for (const Fault& fault : faults_of(group))
    if (!told(fault.key)) map.error(fault.key, fault.what);
  check_credentials(map, group);
  return group;
}

std::string aws_group_json(const AwsGroup& group) {
  Json json{{"name", group.name},
            {"region", group.access.region},
            {"endpoint", group.access.endpoint},
            {"ca_file", group.access.ca_file},
            {"credentials_file", group.access.credentials.file},
            {"profile", group.access.credentials.profile}};
  // Left out otherwise: what journals hold already stays the same.
  if (!group.access.credentials.metadata.empty()) json["instance_role"] = true;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<AwsGroup> parse_aws_group(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    const auto at = [&](const char* key) { return json.at(key).get<std::string>(); };
    AwsGroup group{at("name"),
                   {.region = at("region"),
                    .endpoint = at("endpoint"),
                    .ca_file = at("ca_file"),
                    .credentials = {at("credentials_file"), at("profile")}}};
    if (json.value("instance_role", false)) group.access.credentials.metadata = kInstanceMetadata;
    if (const auto faults = faults_of(group); !faults.empty())
      return fail(Errc::Invalid, faults.front().what);
    return group;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of scale_out: {}", error.what()));
  }
}

}  // namespace fieldmedic
