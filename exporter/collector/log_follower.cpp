#include "exporter/collector/log_follower.hpp"

#include <algorithm>
#include <utility>

namespace fieldmedic {
namespace {

// Not the old generations of what matches too: they are found by the tail of the file itself.
void drop_old_generations(std::vector<FolderEntry>& entries) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const auto& entry : entries) names.push_back(entry.name);
  const auto kept = without_old_generations(std::move(names));
  std::erase_if(entries, [&](const FolderEntry& entry) {
    return std::ranges::find(kept, entry.name) == kept.end();
  });
}

}  // namespace

LogFollower::LogFollower(LogFiles& files, LogSelection config, const StreamState* remembered)
    : files_(&files), config_(std::move(config)) {
  for (const auto& text : config_.patterns) {
    const auto pattern = LogPattern::parse(text);
    if (!pattern) continue;  // told when the configuration was read
    const bool seen = remembered != nullptr &&
                      std::ranges::find(remembered->patterns, text) != remembered->patterns.end();
    watched_.push_back({*pattern, seen});
  }
  if (remembered == nullptr) return;
  const auto still_wanted = [this](const std::string& path) {
    return std::ranges::any_of(watched_, [&](const Watched& watched) {
      const auto slash = path.rfind('/');
      return slash != path.npos &&
             join_path(watched.pattern.folder, path.substr(slash + 1)) == path &&
             watched.pattern.matches(path.substr(slash + 1));
    });
  };
  for (const auto& position : remembered->files) {
    if (!still_wanted(position.path)) continue;
    tails_.try_emplace(position.path, *files_, position);
  }
}

FollowProgress LogFollower::read(TailBudget& budget, const LogTail::LineSink& sink) {
  FollowProgress progress;
  find_files(budget.stop_at, progress);
  // A burst in one file must not keep the others unread for ever: each pass begins one further.
  auto tail = tails_.upper_bound(next_);
  for (std::size_t i = 0; i < tails_.size(); ++i) {
    if (tail == tails_.end()) tail = tails_.begin();
    if (i == 0) next_ = tail->first;
    TailProgress seen;
    auto status = tail->second.read(budget, sink, seen);
    if (status) {
      ++progress.readable;
    } else if (!progress.error) {
      progress.error = std::move(status.error());
    }
    if (tail->second.has_file()) ++progress.files;
    progress.tails += seen;
    ++tail;
  }
  return progress;
}

StreamState LogFollower::state() const {
  StreamState state;
  state.patterns = config_.patterns;
  for (const auto& [path, position] : retired_) state.files.push_back(position);
  for (const auto& [path, tail] : tails_) {
    if (auto position = tail.position()) state.files.push_back(std::move(*position));
  }
  return state;
}

void LogFollower::find_files(SteadyTime deadline, FollowProgress& progress) {
  Found found;
  for (auto& watched : watched_) match(watched, deadline, found, progress);
  let_go(found, deadline);
  progress.left_out = found.spare.size();
  for (const auto& [path, first] : found.files) {
    if (tails_.contains(path)) continue;
    if (tails_.size() >= config_.most_files) {
      ++progress.left_out;
    } else if (auto retired = retired_.extract(path)) {
      tails_.try_emplace(path, *files_, std::move(retired.mapped()));
    } else {
      tails_.try_emplace(path, *files_, path, first, config_.first_bytes);
    }
  }
}

void LogFollower::match(Watched& watched, SteadyTime deadline, Found& found,
                        FollowProgress& progress) {
  const auto& pattern = watched.pattern;
  const auto first = watched.seen ? FirstLook::AtBeginning : FirstLook::AtEnd;
  if (!pattern.wild) {  // its tail finds out whether it is there
    found.files.emplace(join_path(pattern.folder, pattern.name), first);
    watched.seen = true;
    return;
  }
  auto entries = files_->list(
      pattern.folder, [&](const std::string& name) { return pattern.matches(name); }, deadline);
  if (!entries && entries.error().code != Errc::NotFound) {
    if (!progress.error) progress.error = std::move(entries.error());
    for (const auto& [path, tail] : tails_) found.files.emplace(path, first);  // read on
    return;
  }
  watched.seen = true;
  if (!entries) return;
  drop_old_generations(*entries);
  for (const auto& entry : *entries) {
    auto path = join_path(pattern.folder, entry.name);
    if (found.files.size() < config_.most_files) {
      found.files.emplace(std::move(path), first);
    } else if (found.spare.size() < kMostStreamFiles / 2) {
      const auto begin = first == FirstLook::AtEnd ? entry.status.size : 0;
      found.spare.emplace(path, TailPosition{.path = path,
                                             .file = entry.status.id,
                                             .offset = begin,
                                             .mark = {},
                                             .skipping = false,
                                             .context = 0});
    }
  }
}

// A file that has no name in the pattern any more is read to its end first; one that is over
// most_files keeps its position.
void LogFollower::let_go(const Found& found, SteadyTime deadline) {
  std::erase_if(retired_, [&](const auto& entry) {
    return !found.spare.contains(entry.first) && !found.files.contains(entry.first);
  });
  for (const auto& [path, position] : found.spare) retired_.try_emplace(path, position);
  for (auto entry = tails_.begin(); entry != tails_.end();) {
    auto& [path, tail] = *entry;
    const bool spare = found.spare.contains(path);
    if (found.files.contains(path) || (!spare && tail.has_file())) {
      ++entry;
      continue;
    }
    if (const auto position = tail.position(); spare && position) retired_[path] = *position;
    tail.close(deadline);
    entry = tails_.erase(entry);
  }
}

}  // namespace fieldmedic
