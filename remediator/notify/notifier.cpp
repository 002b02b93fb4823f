#include "remediator/notify/notifier.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "remediator/notify/http_notifier.hpp"
#include "remediator/notify/wecom_robot.hpp"

namespace fieldmedic {
namespace {

struct Entry {
  std::string_view name;
  std::unique_ptr<Notifier> (*read)(const YamlMap&, const NotifierTools&);
};

// A new channel is a line here and a pair of files.
constexpr std::array kNotifiers{
    Entry{"wecom_robot", &read_wecom_robot},
    Entry{"http", &read_http_notifier},
};

}  // namespace

std::vector<std::string_view> notifier_names() {
  std::vector<std::string_view> names;
  for (const auto& entry : kNotifiers) names.push_back(entry.name);
  return names;
}

std::unique_ptr<Notifier> read_notifier(const YamlMap& channel, const NotifierTools& tools) {
  std::unique_ptr<Notifier> notifier;
  std::size_t found = 0;
  for (const auto& entry : kNotifiers) {
    if (!channel.has(entry.name)) continue;
    ++found;
    notifier = entry.read(channel.map(entry.name), tools);
  }
  channel.done();
  if (found == 1) return notifier;
  channel.error(fmt::format("a channel wants one of {}", fmt::join(notifier_names(), ", ")));
  return nullptr;
}

}  // namespace fieldmedic
