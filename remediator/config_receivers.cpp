#include <algorithm>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

ChannelConfig read_channel(const YamlMap& map, const NotifierTools& tools) {
  ChannelConfig channel;
  const std::vector<std::string_view> types = notifier_names();
  for (const std::string& key : map.keys())
    if (std::ranges::find(types, key) != types.end()) channel.type = key;
  channel.notifier = read_notifier(map, tools);
  return channel;
}

ReceiverConfig read_receiver(const YamlMap& map, const NotifierTools& tools,
                             std::set<std::string>& taken) {
  using Send = core::ReceiverPolicy::Send;
  ReceiverConfig receiver;
  receiver.name = read_name(map, "name", taken);
  receiver.send = map.one_of("send", {"all", "first"}, "all") == "first" ? Send::First : Send::All;
  map.require("channels");
  for (const YamlMap& channel : map.maps("channels"))
    receiver.channels.push_back(read_channel(channel, tools));
  map.done();
  return receiver;
}

}  // namespace

std::vector<ReceiverConfig> read_receivers(const YamlMap& root, const NotifierTools& tools) {
  std::vector<ReceiverConfig> receivers;
  std::set<std::string> names;
  for (const YamlMap& map : root.maps("receivers"))
    receivers.push_back(read_receiver(map, tools, names));
  return receivers;
}

}  // namespace fieldmedic
