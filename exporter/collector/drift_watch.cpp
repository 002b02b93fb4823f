#include "exporter/collector/drift_watch.hpp"

#include <algorithm>
#include <utility>

#include "exporter/collector/drift_baseline.hpp"

namespace fieldmedic {
namespace {

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

DriftWatch::DriftWatch(DriftConfig config) : config_(std::move(config)) {
  for (const auto& file : config_.files) samples_.push_back({.path = file.path});
  seen_.resize(config_.files.size());
}

void DriftWatch::look(FileClient& files, const Clock& clock, SteadyTime deadline) {
  std::vector<FileRequest> requests;
  for (const auto& file : config_.files) {
    requests.push_back({.verb = FileVerb::Digest, .path = file.path});
  }
  // Half of the time: the files are looked at, too, when the baseline hangs.
  const auto now = clock.steady();
  const auto baseline = read_baseline(files, now + (deadline - now) / 2);
  const auto answers = files.ask(requests, deadline);
  const auto wall = clock.wall();
  for (std::size_t i = 0; i < answers.size(); ++i) judge(i, answers[i], baseline, wall);
}

Result<DriftWatch::Digests> DriftWatch::read_baseline(FileClient& files,
                                                      SteadyTime deadline) const {
  if (config_.baseline.empty()) return Digests{};
  const auto& path = config_.baseline;
  const auto answer =
      ask_file(files, {.verb = FileVerb::Read, .path = path, .bytes = kMostReadBytes}, deadline);
  if (!answer) return wrap(answer.error(), "baseline");
  if (answer->stat.size > kMostReadBytes) {
    return fail(Errc::TooLarge, "baseline " + path + ": more than 64 KiB");
  }
  auto digests = parse_sha256_baseline(answer->bytes, folder_of(path));
  if (!digests) return wrap(digests.error(), "baseline " + path);
  return digests;
}

void DriftWatch::judge(std::size_t place, const Result<FileAnswer>& answer,
                       const Result<Digests>& baseline, WallTime now) {
  auto& sample = samples_[place];
  const auto& file = config_.files[place];
  sample.drift.reset();
  const bool gone = !answer && answer.error().code == Errc::NotFound;
  if (!answer && !gone) {
    sample.trouble = answer.error().message;
    return;
  }
  const std::string digest = gone ? "" : answer->bytes;
  auto& seen = seen_[place];
  if (!seen) {
    if (!gone) sample.changed_at = answer->stat.modified;
  } else if (*seen != digest) {
    const auto written = gone ? WallTime{} : answer->stat.modified;
    const bool since = written > sample.compared_at.value_or(now) && written <= now;
    sample.changed_at = since ? written : now;
  }
  seen = digest;
  sample.compared_at = now;

  std::string wanted = file.sha256;
  if (wanted.empty()) {
    if (!baseline) {
      sample.trouble = baseline.error().message;
      return;
    }
    const auto entry = baseline->find(file.path);
    if (entry == baseline->end()) {
      sample.trouble = file.path + ": not in the baseline " + config_.baseline;
      return;
    }
    wanted = entry->second;
  }
  sample.drift = digest == wanted ? 0 : 1;
  sample.trouble = digest == wanted ? "" : file.path + (gone ? ": is gone" : ": was changed");
}

}  // namespace fieldmedic
