#include <algorithm>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/nearest_word.hpp"
#include "common/quote.hpp"
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

std::chrono::milliseconds read_watchdog(const YamlMap& root) {
  constexpr std::chrono::milliseconds kLeast{10'000};
  const YamlMap map = root.map("watchdog");
  const auto within = map.duration("within", RemediatorConfig{}.watchdog_within);
  if (within.count() != 0 && (within < kLeast || within > kLongestWait))
    map.error("within", "'within' wants 10s to 24h, or 0s where no Watchdog alert is sent");
  map.done();
  return within;
}

std::vector<std::string> read_receiver_names(const YamlMap& map, std::string_view key,
                                             const std::set<std::string>& receivers) {
  std::vector<std::string> names;
  const std::vector<std::string_view> known(receivers.begin(), receivers.end());
  for (const YamlValue& value : map.values(key)) {
    const std::string name = value.string().value_or("");
    if (!receivers.contains(name))
      value.error(fmt::format("'{}' wants the name of a receiver, got {}{}", key, quote(name),
                              did_you_mean(name, known)));
    else
      names.push_back(name);
  }
  return names;
}

std::vector<ReceiverConfig> read_receivers(const YamlMap& root, const NotifierTools& tools) {
  std::vector<ReceiverConfig> receivers;
  std::set<std::string> names;
  for (const YamlMap& map : root.maps("receivers"))
    receivers.push_back(read_receiver(map, tools, names));
  return receivers;
}

}  // namespace fieldmedic
