#include "remediator/actions/mount_proof.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/quote.hpp"
#include "remediator/actions/clean_path.hpp"
#include "remediator/actions/where.hpp"
#include "remediator/reach/mounts.hpp"

namespace fieldmedic {

namespace {

using core::Confirmed;
using Json = nlohmann::json;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::vector<MountState>> look(const std::vector<std::string>& points, MountLook how,
                                     const ActionTools& tools, const core::Target& target,
                                     const std::stop_token& stop) {
  const auto far = far_host(tools, target);
  if (!far) return fail(far.error());
  if (*far != nullptr) return look_at_far_mounts(*(*far)->runner, points, how, stop);
  return look_at_mounts(tools.runner, tools.host.procfs.native(), points, how, stop);
}

Json sight_of(const MountEntry& entry) {
  return {{"point", entry.point},
          {"source", entry.source},
          {"type", entry.type},
          {"read_only", entry.read_only},
          {"file_system_read_only", entry.file_system_read_only}};
}

struct Judged {
  Confirmed answer = Confirmed::Applied;
  std::string evidence;
};

// A mount that answers, beside what plan saw of it. Throws what Json throws.
Judged compare(const MountEntry& now, const Json& before) {
  // As they are journaled, since a source need not be UTF-8.
  const Json sight = Json::parse(text_of(sight_of(now)));
  for (const char* name : {"type", "source"})
    if (sight.at(name) != before.at(name))
      return {Confirmed::NotApplied,
              fmt::format("has the {} {}, where the plan saw {}", name, text_of(sight.at(name)),
                          text_of(before.at(name)))};
  for (const char* name : {"read_only", "file_system_read_only"})
    if (sight.at(name).get<bool>() && !before.at(name).get<bool>())
      return {Confirmed::NotApplied,
              "can only be read, where the plan saw that it could be written"};
  return {Confirmed::Applied, "is mounted and answers"};
}

Judged judge(const MountState& state, const Json& seen) {
  // What hangs comes first: nothing else is known of it.
  if (state.answers == MountAnswers::Hangs)
    return {Confirmed::Unknown, fmt::format("does not answer within {} s", kMountAnswer.count())};
  if (state.answers == MountAnswers::Denied || state.answers == MountAnswers::NotAsked)
    return {Confirmed::Unknown,
            "cannot be looked at" + (state.error.empty() ? "" : ": " + state.error)};
  if (!state.mounted) return {Confirmed::NotApplied, "is not mounted"};
  if (state.answers == MountAnswers::Fails)
    return {Confirmed::NotApplied, "is mounted, but: " + state.error};
  const auto before = std::ranges::find_if(
      seen, [&](const Json& sight) { return sight.at("point") == state.point; });
  return before == seen.end() ? Judged{Confirmed::Applied, "is mounted and answers"}
                              : compare(*state.mounted, *before);
}

// What is certainly wrong weighs more than what is not known.
void add(ConfirmAnswer& answer, const MountState& state, const Judged& judged) {
  if (judged.answer == Confirmed::NotApplied ||
      (judged.answer == Confirmed::Unknown && answer.answer == Confirmed::Applied))
    answer.answer = judged.answer;
  answer.evidence +=
      fmt::format("{}{} {}", answer.evidence.empty() ? "" : ", ", state.point, judged.evidence);
}

}  // namespace

std::vector<std::string> read_mount_points(const YamlMap& arguments, std::string_view key) {
  auto points = arguments.strings(key);
  if (const auto right = check_mount_points(points); !right)
    arguments.error(key, right.error().message);
  return points;
}

Status check_mount_points(const std::vector<std::string>& points) {
  const auto controls = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
  if (points.size() > kMostMounts)
    return fail(Errc::Invalid, fmt::format("at most {} mounts", kMostMounts));
  for (const std::string& point : points) {
    // One directly below / may be a mount, as "/data".
    if (!check_clean_path("mounts", "/below" + point) || !point.starts_with('/') ||
        std::ranges::any_of(point, controls))
      return fail(Errc::Invalid,
                  fmt::format("'mounts' wants absolute paths without '.', '..', control characters "
                              "or '/' at their end, got {}",
                              quote(point)));
  }
  if (std::set(points.begin(), points.end()).size() != points.size())
    return fail(Errc::Invalid, "'mounts' names one twice");
  return {};
}

Status note_mounts(core::Step& step, const std::vector<std::string>& points,
                   const ActionTools& tools, const core::Target& target,
                   const std::stop_token& stop) {
  if (points.empty()) return {};
  const auto states = look(points, MountLook::TableOnly, tools, target, stop);
  if (!states) return fail(states.error());
  Json sights = Json::array();
  for (const MountState& state : *states)
    if (state.mounted) sights.push_back(sight_of(*state.mounted));
  try {
    Json seen = Json::parse(step.seen);
    Json wanted = Json::parse(step.wanted);
    seen["mounts"] = std::move(sights);
    wanted["mounts"] = points;
    step.seen = text_of(seen);
    step.wanted = text_of(wanted);
    return {};
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no step: {}", error.what()));
  }
}

ConfirmAnswer confirm_mounts(const core::Step& step, const ActionTools& tools,
                             const core::Target& target, const std::stop_token& stop) {
  try {
    const Json wanted = Json::parse(step.wanted);
    if (!wanted.contains("mounts")) return {Confirmed::Applied, {}};
    const auto points = wanted.at("mounts").get<std::vector<std::string>>();
    if (auto right = check_mount_points(points); !right)
      return {Confirmed::Unknown, right.error().message};
    const auto states = look(points, MountLook::AskEach, tools, target, stop);
    if (!states) return {Confirmed::Unknown, "its mounts: " + states.error().message};
    const Json seen = Json::parse(step.seen).at("mounts");
    ConfirmAnswer answer{Confirmed::Applied, {}};
    for (const MountState& state : *states) add(answer, state, judge(state, seen));
    return answer;
  } catch (const Json::exception& error) {
    return {Confirmed::Unknown, fmt::format("no mounts in the step: {}", error.what())};
  }
}

}  // namespace fieldmedic
