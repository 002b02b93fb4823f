// What exporter.yml says about links: ways out of this host whose TCP traffic is counted apart.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "common/yaml_reader.hpp"
#include "exporter/netlink/ip_address.hpp"

namespace fieldmedic {

inline constexpr std::size_t kMostLinks = 64;  // each is a label value

// How a connection is known to belong to a link.
struct InterfaceLink {
  std::string interface;  // the kernel sends to the peer through it

  friend bool operator==(const InterfaceLink&, const InterfaceLink&) = default;
};
struct SourceLink {
  IpAddress address;  // the connection's own address

  friend bool operator==(const SourceLink&, const SourceLink&) = default;
};
struct PeerLink {
  IpNetwork network;  // holds the peer

  friend bool operator==(const PeerLink&, const PeerLink&) = default;
};

struct LinkConfig {
  std::string name;  // unique
  std::variant<InterfaceLink, SourceLink, PeerLink> matches;

  friend bool operator==(const LinkConfig&, const LinkConfig&) = default;
};

// The list `links` of the file, in its order: the first that matches takes a connection.
[[nodiscard]] std::vector<LinkConfig> read_links(const YamlMap& root);

}  // namespace fieldmedic
