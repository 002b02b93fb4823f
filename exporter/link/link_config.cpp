#include "exporter/link/link_config.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kInterfaceLimit = 15;  // IFNAMSIZ less its NUL

InterfaceLink read_interface(const YamlMap& map) {
  std::string name = map.string("interface");
  const auto odd = [](char c) { return c == '/' || c == ':' || c <= ' ' || c == 0x7f; };
  if (name.size() > kInterfaceLimit || std::ranges::any_of(name, odd)) {
    map.error("interface", fmt::format("'interface' wants the name of a network interface such as "
                                       "eth0, got {}",
                                       quote(name)));
  }
  return {std::move(name)};
}

// An address or a network, by its parser; its error is told at the key.
template <class Parsed>
Parsed read_parsed(const YamlMap& map, std::string_view key,
                   Result<Parsed> (*parse)(std::string_view)) {
  const std::string text = map.string(key);
  if (text.empty()) return {};  // told by string()
  auto parsed = parse(text);
  if (parsed) return *parsed;
  map.error(key, fmt::format("'{}' {}", key, parsed.error().message));
  return {};
}

LinkConfig read_link(const YamlMap& map, std::set<std::string>& taken) {
  LinkConfig link{.name = read_name(map, "name", taken), .matches = {}};
  int given = 0;
  if (map.has("interface")) {
    link.matches = read_interface(map);
    ++given;
  }
  if (map.has("source")) {
    link.matches = SourceLink{read_parsed(map, "source", parse_ip_address)};
    ++given;
  }
  if (map.has("peer")) {
    link.matches = PeerLink{read_parsed(map, "peer", parse_ip_network)};
    ++given;
  }
  map.done();
  if (given != 1) map.error("a link wants exactly one of interface, source, peer");
  return link;
}

}  // namespace

std::vector<LinkConfig> read_links(const YamlMap& root) {
  std::vector<LinkConfig> links;
  std::set<std::string> taken;
  for (const YamlMap& map : root.maps("links")) links.push_back(read_link(map, taken));
  if (links.size() > kMostLinks) {
    root.error("links",
               fmt::format("'links' holds {} links, {} are the most", links.size(), kMostLinks));
  }
  return links;
}

}  // namespace fieldmedic
