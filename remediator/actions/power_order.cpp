#include "remediator/actions/power_order.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/config_fields.hpp"
#include "common/secret.hpp"
#include "common/template.hpp"
#include "common/url_host.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestWord = 128;
constexpr std::size_t kLongestUser = 64;
constexpr std::size_t kLongestOfIpmi = 20;  // a password

struct Fault {
  std::string_view key;
  std::string what;
  std::string_view value;
};
using Faults = std::vector<Fault>;

Result<std::string> filled(const std::string& text, const std::string& host) {
  const auto parsed = Template::parse(text);
  if (!parsed) return fail(parsed.error());
  return parsed->render([&](std::string_view name) -> Result<std::string> {
    if (name == "target.host") return host;
    return fail(Errc::Invalid, fmt::format("'{}': only target.host is known here", name));
  });
}

// A segment of a path, or the name or number of a host: never an option, never a part of a path.
bool is_word(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= kLongestWord && letter(text.front()) &&
         std::ranges::all_of(
             text, [&](char c) { return letter(c) || std::string_view("._-:").contains(c); });
}

bool is_user(std::string_view text) {
  return !text.empty() && text.size() <= kLongestUser && !text.starts_with('-') &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != ':'; });
}

void check_url(const std::string& template_text, Faults& faults) {
  const auto refuse = [&](std::string what) {
    faults.push_back({"url", std::move(what), template_text});
  };
  const auto url = filled(template_text, "x");
  if (!url) return refuse("'url': " + url.error().message);
  if (const auto fault = fault_of_url(*url)) return refuse(fmt::format("'url' {}", *fault));
  if (url->find_first_of("/?#", url->find("://") + 3) != std::string::npos)
    return refuse("'url' wants no path: it is /redfish/v1");
  // The password would go over the wire for everybody to read.
  if (url->starts_with("http:") && !names_this_machine(host_of_url(*url), ""))
    refuse("'url' wants https:// but for this machine itself");
}

void check_word(std::string_view key, const std::string& text, Faults& faults) {
  const auto word = filled(text, "x");
  if (!word)
    return faults.push_back({key, fmt::format("'{}': {}", key, word.error().message), text});
  if (!is_word(*word))
    faults.push_back(
        {key, fmt::format("'{}' wants letters, digits, '.', '-', '_' and ':'", key), text});
}

void check_user(const std::string& name, Faults& faults) {
  if (!is_user(name)) faults.push_back({"username", "'username' wants a user's name", name});
}

Faults faults_of(const RedfishAccess& access) {
  Faults faults;
  check_url(access.url, faults);
  check_word("system", access.system, faults);
  check_user(access.username, faults);
  return faults;
}

Faults faults_of(const IpmiAccess& access) {
  Faults faults;
  check_word("address", access.address, faults);
  check_user(access.username, faults);
  return faults;
}

// What is missing, empty or no text was told when it was asked for.
template <class Access>
void tell(const YamlMap& map, const Access& access) {
  for (const Fault& fault : faults_of(access))
    if (!fault.value.empty()) map.error(fault.key, fault.what);
  // A secret that cannot be read or used is told now, not in the night.
  if (access.password_file.empty()) return;
  const auto secret = read_secret_file(access.password_file);
  if (!secret)
    map.error("password_file", secret.error().message);
  else if (std::is_same_v<Access, IpmiAccess> && secret->reveal().size() > kLongestOfIpmi)
    map.error("password_file", fmt::format("{}: a password of IPMI has at most {} bytes",
                                           access.password_file, kLongestOfIpmi));
}

RedfishAccess read_redfish(const YamlMap& map) {
  RedfishAccess access{map.string("url"), map.string("system"), map.string("username"),
                       read_required_path(map, "password_file"), read_ca_file(map)};
  map.done();
  tell(map, access);
  return access;
}

IpmiAccess read_ipmi(const YamlMap& map) {
  IpmiAccess access{map.string("address"),
                    static_cast<std::uint16_t>(map.integer("port", 623, 1, 65'535)),
                    map.string("username"), read_required_path(map, "password_file")};
  map.done();
  tell(map, access);
  return access;
}

// By the words of the configuration.
PowerReset reset_of(std::string_view word) {
  if (word == "graceful") return PowerReset::GracefulRestart;
  return word == "power_cycle" ? PowerReset::PowerCycle : PowerReset::ForceRestart;
}

std::string_view word_of(PowerReset reset) {
  switch (reset) {
    case PowerReset::GracefulRestart: return "graceful";
    case PowerReset::ForceRestart: return "forced";
    case PowerReset::PowerCycle: return "power_cycle";
  }
  return "invalid";
}

constexpr const char* kNoGraceful =
    "'reset': graceful wants Redfish, IPMI knows no graceful restart";

bool is_graceful_ipmi(const PowerOrder& order) {
  return order.reset == PowerReset::GracefulRestart &&
         std::holds_alternative<IpmiAccess>(order.access);
}

}  // namespace

PowerOrder read_power_order(const YamlMap& map) {
  PowerOrder order;
  order.reset = reset_of(map.one_of("reset", {"forced", "graceful", "power_cycle"}, "forced"));
  if (map.one_of("sick_hardware", {"refused", "allowed"}, "refused") == "allowed")
    order.sick_hardware = SickHardware::Allowed;
  if (map.has("redfish") == map.has("ipmi")) map.error("'power' wants one of 'redfish' and 'ipmi'");
  if (map.has("redfish")) order.access = read_redfish(map.map("redfish"));
  if (map.has("ipmi")) order.access = read_ipmi(map.map("ipmi"));
  map.done();
  if (is_graceful_ipmi(order)) map.error("reset", kNoGraceful);
  return order;
}

std::string power_order_json(const PowerOrder& order) {
  Json json{{"reset", word_of(order.reset)},
            {"sick_hardware", order.sick_hardware == SickHardware::Allowed}};
  if (const auto* redfish = std::get_if<RedfishAccess>(&order.access))
    json["redfish"] = {{"url", redfish->url},
                       {"system", redfish->system},
                       {"username", redfish->username},
                       {"password_file", redfish->password_file},
                       {"ca_file", redfish->ca_file}};
  if (const auto* ipmi = std::get_if<IpmiAccess>(&order.access))
    json["ipmi"] = {{"address", ipmi->address},
                    {"port", ipmi->port},
                    {"username", ipmi->username},
                    {"password_file", ipmi->password_file}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<PowerOrder> parse_power_order(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    PowerOrder order;
    order.reset = reset_of(json.at("reset").get<std::string>());
    if (json.at("sick_hardware").get<bool>()) order.sick_hardware = SickHardware::Allowed;
    const Json& access = json.contains("ipmi") ? json["ipmi"] : json.at("redfish");
    const auto at = [&](const char* key) { return access.at(key).get<std::string>(); };
    if (json.contains("ipmi"))
      order.access = IpmiAccess{at("address"), access.at("port").get<std::uint16_t>(),
                                at("username"), at("password_file")};
    else
      order.access = RedfishAccess{at("url"), at("system"), at("username"), at("password_file"),
                                   at("ca_file")};
    const Faults faults = std::visit([](const auto& way) { return faults_of(way); }, order.access);
    if (!faults.empty()) return fail(Errc::Invalid, faults.front().what);
    if (is_graceful_ipmi(order)) return fail(Errc::Invalid, kNoGraceful);
    return order;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of host_reboot: {}", error.what()));
  }
}

Result<std::unique_ptr<HostPower>> power_of(const PowerOrder& order, const std::string& host,
                                            const ActionTools& tools) {
  if (const auto* template_of = std::get_if<RedfishAccess>(&order.access)) {
    if (tools.http == nullptr) return fail(Errc::Invalid, "redfish has no HTTP client here");
    RedfishAccess access = *template_of;
    for (std::string* text : {&access.url, &access.system}) {
      auto value = filled(*text, host);
      if (!value) return fail(std::move(value.error()));
      *text = *std::move(value);
    }
    if (const auto faults = faults_of(access); !faults.empty())
      return fail(Errc::Invalid, faults.front().what);
    return make_redfish_power(std::move(access), *tools.http);
  }
  IpmiAccess access = std::get<IpmiAccess>(order.access);
  auto address = filled(access.address, host);
  if (!address) return fail(std::move(address.error()));
  access.address = *std::move(address);
  if (const auto faults = faults_of(access); !faults.empty())
    return fail(Errc::Invalid, faults.front().what);
  return make_ipmi_power(std::move(access), tools.runner);
}

}  // namespace fieldmedic
