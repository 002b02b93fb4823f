#include "exporter/collector/process_selector.hpp"

#include <algorithm>
#include <utility>

#include "exporter/collector/cgroup_path.hpp"

namespace fieldmedic {
namespace {

// A process that is gone does not match; one that is denied may.
Result<Match> without(const Error& error) {
  switch (error.code) {
    case Errc::NotFound: return Match::No;
    case Errc::Denied: return Match::Unknown;
    case Errc::Invalid:
    case Errc::Malformed:
    case Errc::Conflict:
    case Errc::Unavailable:
    case Errc::Timeout:
    case Errc::TooLarge:
    case Errc::Full:
    case Errc::Io:
    case Errc::Cancelled: break;
  }
  return fail(error);
}

}  // namespace

Result<ProcessSelector> ProcessSelector::compile(ProcessConfig config) {
  auto matcher = ProcessMatcher::compile(config.pattern);
  if (!matcher) return fail(std::move(matcher.error()));
  return ProcessSelector(std::move(config), std::move(*matcher));
}

bool ProcessSelector::tells_by_sight() const {
  const auto& pattern = config_.pattern;
  return !config_.unit.empty() || !config_.container.empty() || !pattern.executable.empty() ||
         !pattern.command_line.empty();
}

Result<Match> ProcessSelector::judge(ProcessFiles& files, std::string_view units_root) const {
  auto group = Match::Yes;
  if (!config_.unit.empty() || !config_.container.empty()) {
    const auto judged = judge_cgroup(files, units_root);
    if (!judged || *judged == Match::No) return judged;
    group = *judged;
  }
  const auto pattern = judge_pattern(files);
  if (!pattern || *pattern != Match::Yes) return pattern;
  return group;
}

Result<Match> ProcessSelector::judge_cgroup(ProcessFiles& files, std::string_view root) const {
  const auto& text = files.cgroup();
  if (!text) return without(text.error());
  const auto paths = parse_cgroup(*text);
  // A process on its way out may have lost its groups; the hostile or strange one is not ours.
  if (!paths) return Match::No;
  if (!config_.unit.empty() && !in_unit(paths->managed, root, config_.unit)) return Match::No;
  const auto inside = [this](std::string_view path) {
    return in_container(path, config_.container);
  };
  if (!config_.container.empty() && std::ranges::none_of(paths->all, inside)) return Match::No;
  return Match::Yes;
}

Result<Match> ProcessSelector::judge_pattern(ProcessFiles& files) const {
  if (config_.pattern.empty()) {
    const auto& stat = files.stat();
    if (!stat) return without(stat.error());
    return stat->living_program() ? Match::Yes : Match::No;
  }
  const auto matches = matcher_.matches(files);
  if (!matches) return fail(matches.error());
  if (*matches) return Match::Yes;
  return matcher_.cannot_tell(files) ? Match::Unknown : Match::No;
}

}  // namespace fieldmedic
