// What exporter.yml says about how a collector and its peers are asked whether they are well.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml_reader.hpp"

namespace fieldmedic {

struct ProbeConfig {
  std::string url{};  // http:// or https://; empty: `address` is connected to
  std::string address{};
  std::chrono::milliseconds interval{10'000};
  std::chrono::milliseconds timeout{5'000};  // for the whole exchange
  std::vector<int> expect{200};              // statuses that are well
  std::string body{};                        // RE2, found anywhere in the body; empty: any body
  std::string ca_file{};                     // empty: the system's certificates

  // The value of the label `url`: without query, user and password; tcp://… for an address.
  [[nodiscard]] std::string shown() const;
  friend bool operator==(const ProbeConfig&, const ProbeConfig&) = default;
};

// A list of URLs and of mappings {url, interval, timeout, expect, body, ca_file} or {tcp, interval,
// timeout}; at most 16, each shown() once.
[[nodiscard]] std::vector<ProbeConfig> read_health_config(const YamlMap& map, std::string_view key);

// A list of addresses, each connected to; at most 16.
[[nodiscard]] std::vector<ProbeConfig> read_peers_config(const YamlMap& map, std::string_view key);

}  // namespace fieldmedic
