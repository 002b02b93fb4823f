#include "exporter/collector/health_config.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "common/address.hpp"
#include "common/config_fields.hpp"
#include "common/http_client.hpp"
#include "common/quote.hpp"

namespace fieldmedic {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostProbes = 16;
constexpr std::size_t kMostStatuses = 16;
constexpr DurationBounds kInterval{1s, 1h};
constexpr DurationBounds kTimeout{100ms, 60s};

int read_status(const YamlValue& value) {
  const std::string text = value.string().value_or("");
  int status = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, status);
  if (parsed.ec != std::errc{} || parsed.ptr != end || status < 100 || status > 599)
    value.error(fmt::format("each element of 'expect' wants a status from 100 to 599, got {}",
                            quote(text)));
  return status;
}

std::vector<int> read_statuses(const YamlMap& map, std::vector<int> fallback) {
  if (!map.has("expect")) return fallback;
  std::vector<int> statuses;
  for (const YamlValue& value : map.values("expect")) statuses.push_back(read_status(value));
  if (statuses.empty() || statuses.size() > kMostStatuses)
    map.error("expect", fmt::format("'expect' wants 1 to {} statuses", kMostStatuses));
  return statuses;
}

std::string read_tcp(const YamlMap& map) {
  std::string text = map.string("tcp");
  const auto address = parse_address(text);
  if (!address)
    map.error("tcp", address.error().message);
  else if (address->host.empty() || address->port == 0)
    map.error("tcp", fmt::format("wants an address with a host and a port from 1 to 65535, got {}",
                                 quote(text)));
  return text;
}

ProbeConfig read_probe(const YamlMap& map) {
  ProbeConfig probe;
  if (map.has("url") == map.has("tcp")) map.error("a health probe wants either url or tcp");
  if (map.has("tcp")) {
    probe.address = read_tcp(map);
  } else if (map.has("url")) {
    probe.url = read_url(map, "url");
    probe.expect = read_statuses(map, probe.expect);
    probe.body = read_regexp(map, "body", "");
    probe.ca_file = read_ca_file(map);
  }
  probe.interval = read_bounded_duration(map, "interval", probe.interval, kInterval);
  probe.timeout = read_bounded_duration(map, "timeout", probe.timeout, kTimeout);
  map.done();
  return probe;
}

}  // namespace

std::string ProbeConfig::shown() const {
  return url.empty() ? "tcp://" + address : redact_url(url);
}

std::vector<ProbeConfig> read_health_config(const YamlMap& map, std::string_view key) {
  std::vector<ProbeConfig> probes;
  std::set<std::string> taken;
  for (const YamlValue& value : map.values(key)) {
    if (const auto probe = value.map()) {
      probes.push_back(read_probe(*probe));
    } else if (const auto url = value.string()) {
      if (const auto fault = fault_of_url(*url))
        value.error(fmt::format("each element of '{}' {}", key, *fault));
      probes.push_back({.url = *url});
    } else {
      value.error(fmt::format("each element of '{}' wants a URL or a mapping", key));
      continue;
    }
    // The label tells them apart, and it holds no query.
    if (!taken.insert(probes.back().shown()).second)
      value.error(fmt::format("'{}' has '{}' twice", key, probes.back().shown()));
  }
  if (probes.size() > kMostProbes)
    map.error(key, fmt::format("'{}' wants at most {} probes", key, kMostProbes));
  return probes;
}

std::vector<ProbeConfig> read_peers_config(const YamlMap& map, std::string_view key) {
  std::vector<ProbeConfig> probes;
  std::set<std::string> taken;
  for (const std::string& address : read_addresses(map, key)) {
    probes.push_back({.address = address});
    if (!taken.insert(address).second)
      map.error(key, fmt::format("'{}' has '{}' twice", key, address));
  }
  if (probes.size() > kMostProbes)
    map.error(key, fmt::format("'{}' wants at most {} addresses", key, kMostProbes));
  return probes;
}

}  // namespace fieldmedic
