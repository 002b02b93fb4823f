#include "remediator/file_sd.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <glob.h>

#include "common/config_fields.hpp"
#include "common/yaml_reader.hpp"

namespace fieldmedic {
namespace {

struct Found {
  std::set<std::string> paths;
  std::vector<std::string> unread;  // patterns of which a folder could not be looked through
};

// The paths that the patterns mean now, each once. A name without wildcards stands for itself.
Found paths_of(const std::vector<std::string>& patterns) {
  const auto stops_at = [](const char*, int error) { return error == ENOENT ? 0 : 1; };
  Found all;
  for (const std::string& pattern : patterns) {
    if (pattern.find_first_of("*?[") == std::string::npos) {
      all.paths.insert(pattern);
      continue;
    }
    glob_t found{};
    const int done = glob(pattern.c_str(), GLOB_NOSORT, stops_at, &found);
    if (done == 0) all.paths.insert(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    if (done == GLOB_ABORTED || done == GLOB_NOSPACE) all.unread.push_back(pattern);
    globfree(&found);
  }
  return all;
}

// Adds what one file says to what the others did; the fault in that, or nothing.
std::string add(WatchedHosts& hosts, const WatchedHosts& more) {
  std::string fault;
  for (const auto& [host, group] : more) {
    const auto known = hosts.find(host);
    if (known != hosts.end() && known->second != group)
      fault = fmt::format("host {} is in group {} by another file", host, known->second);
    else if (known == hosts.end() && hosts.size() == kMostWatchedHosts)
      fault = fmt::format("more than {} hosts in all", kMostWatchedHosts);
    else
      hosts.emplace(host, group);
  }
  return fault;
}

}  // namespace

Result<WatchedHosts> read_file_sd(const std::filesystem::path& file, const FileSd& labels) {
  ConfigErrors errors;
  WatchedHosts hosts;
  for (const YamlMap& entry : read_yaml_list(file, errors)) {
    const YamlMap map = entry.map("labels");
    if (entry.strings("targets").empty() || !map.has(labels.host_label) ||
        !map.has(labels.group_label))
      continue;
    std::set<std::string> each;  // a host has several targets: its name may come again
    std::set<std::string> other;
    const std::string host = read_name(map, labels.host_label, each);
    const std::string group = read_name(map, labels.group_label, other);
    const auto [place, fresh] = hosts.emplace(host, group);
    if (!fresh && place->second != group)
      map.error(labels.group_label,
                fmt::format("host {} is in group {} already", host, place->second));
  }
  if (!errors.empty()) {
    const std::string text = errors.text();
    return fail(Errc::Malformed, text.substr(0, text.find('\n')));
  }
  return hosts;
}

FileSdReader::Answer FileSdReader::read(const FileSd& config) {
  Answer answer;
  auto [paths, unread] = paths_of(config.patterns);
  for (const std::string& pattern : unread)
    answer.faults.push_back(pattern + ": a folder of it cannot be looked through");
  // Whether a file is gone is not known then: what it last said still counts.
  if (unread.empty())
    std::erase_if(good_, [&](const auto& known) { return !paths.contains(known.first); });
  else
    for (const auto& [path, hosts] : good_) paths.insert(path);
  while (paths.size() > kMostFileSdFiles) {
    answer.faults.push_back(
        fmt::format("{}: more than {} files", *paths.rbegin(), kMostFileSdFiles));
    paths.erase(std::prev(paths.end()));
  }
  for (const std::string& path : paths) {
    auto hosts = read_file_sd(path, config);
    if (hosts)
      good_[path] = *std::move(hosts);
    else
      answer.faults.push_back(hosts.error().message);
    const auto known = good_.find(path);
    if (known == good_.end()) continue;
    if (const std::string fault = add(answer.hosts, known->second); !fault.empty())
      answer.faults.push_back(fmt::format("{}: {}", path, fault));
  }
  return answer;
}

std::shared_ptr<const Inventory> with_watched(const Inventory& declared,
                                              const WatchedHosts& hosts) {
  auto inventory = std::make_shared<Inventory>(declared);
  std::set<std::string, std::less<>> names;
  std::map<std::string, GroupSpec*, std::less<>> groups;
  for (GroupSpec& group : inventory->groups) {
    groups[group.name] = &group;
    for (const HostSpec& host : group.hosts) names.insert(host.name);
  }
  for (const auto& [host, group] : hosts)
    if (const auto known = groups.find(group); known != groups.end() && !names.contains(host))
      known->second->watched.push_back(host);
  return inventory;
}

}  // namespace fieldmedic
