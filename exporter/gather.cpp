#include "exporter/gather.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "exporter/collector/log_files.hpp"
#include "exporter/collector/log_rotation.hpp"

namespace fieldmedic {
namespace {

constexpr std::string_view kAskedOnce[] = {"port",    "health",  "log",    "storage", "config",
                                           "success", "meminfo", "vmstat", "link"};
constexpr std::string_view kAskedTwice[] = {"cpu", "process"};
constexpr std::chrono::seconds kApart{1};

Readings ask(const GatherSite& site, const CollectorConfig& config,
             std::span<const std::string_view> modules, SteadyTime deadline) {
  return {config.name, site.scrape.ask(modules, deadline)};
}

struct Pair {
  Readings before;
  Readings after;
  double apart_seconds = 0;
};

// A module that hangs may cost the first reading half of the time: the second is still made.
Pair ask_twice(const GatherSite& site, const CollectorConfig& config, SteadyTime deadline) {
  Pair pair;
  const auto begun = site.clock.steady();
  const auto left = deadline - begun;
  pair.before = ask(site, config, kAskedTwice, begun + left / 2);
  const auto apart = std::min<SteadyTime::duration>(kApart, left / 4);
  site.pause.wait(begun + apart - site.clock.steady());
  const auto again = site.clock.steady();
  pair.after = ask(site, config, kAskedTwice, deadline);
  pair.apart_seconds = std::chrono::duration<double>(again - begun).count();
  return pair;
}

std::vector<AskedSpace> ask_spaces(FileClient& files, const CollectorConfig& config,
                                   SteadyTime deadline) {
  std::vector<AskedSpace> spaces;
  std::vector<FileRequest> requests;
  const auto add = [&](AskedSpace::Role role, const std::string& path) {
    if (std::ranges::find(spaces, path, &AskedSpace::path) != spaces.end()) return;
    spaces.push_back({role, path, fail(Errc::Timeout, "not asked")});
    requests.push_back({.verb = FileVerb::Statfs, .path = path});
  };
  for (const auto& path : config.storage.paths) add(AskedSpace::Role::Storage, path);
  for (const auto& text : config.log.files) {
    if (const auto pattern = LogPattern::parse(text))
      add(AskedSpace::Role::LogFolder, pattern->folder);
  }
  const auto answers = files.ask(requests, deadline);
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    if (answers[i]) {
      spaces[i].space = answers[i]->space;
    } else {
      spaces[i].space = fail(answers[i].error());
    }
  }
  return spaces;
}

}  // namespace

Findings gather(const GatherSite& site, const CollectorConfig& config, SteadyTime deadline) {
  Findings findings{.config = config, .at = site.clock.wall()};
  // Futures of async: whatever throws comes out here, and nothing of ours outlives the call.
  auto twice = std::async(std::launch::async, [&] { return ask_twice(site, config, deadline); });
  auto spaces =
      std::async(std::launch::async, [&] { return ask_spaces(*site.files, config, deadline); });
  std::future<Result<RecentStacks>> log;
  if (!config.log.files.empty()) {
    log = std::async(std::launch::async, [&] {
      LogFiles files(site.files);
      return recent_stacks(files, config.log, kDiagnosedLines, deadline);
    });
  }
  findings.readings = ask(site, config, kAskedOnce, deadline);
  findings.spaces = spaces.get();
  if (log.valid()) findings.log = log.get();
  auto pair = twice.get();
  findings.before = std::move(pair.before);
  findings.after = std::move(pair.after);
  findings.apart_seconds = pair.apart_seconds;
  return findings;
}

}  // namespace fieldmedic
