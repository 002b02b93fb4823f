#include "remediator/actions/store_steps.hpp"

#include <optional>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/command_answer.hpp"
#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/far_file_step.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/actions/far_signal_step.hpp"
#include "remediator/actions/pattern_json.hpp"
#include "remediator/actions/process_signal.hpp"
#include "remediator/actions/process_start.hpp"
#include "remediator/actions/store_sights.hpp"
#include "remediator/reach/far_stores.hpp"
#include "remediator/reach/link_switch.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kLookEvery{20};
constexpr milliseconds kLookFarEvery{200};
constexpr std::size_t kOutputLimit = 16 * 1024;

struct StepJson {
  Json seen;
  Json wanted;
};

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ApplyAnswer refused(const Error& error) {
  if (error.code == Errc::Conflict) return {core::Applied::WorldDiffers, error.message};
  return {core::Applied::Refused, error.message};
}

// ---- the link -----------------------------------------------------------------------------------

struct LinkOrder {
  std::string link;
  std::string from;
  std::string to;
};

ApplyAnswer switch_far_link(const LinkOrder& order, const FarHost& host,
                            const ApplyRequest& request, const std::stop_token& stop) {
  Command command = far_switch_link(order.link, order.from, order.to);
  command.timeout = request.timeout;
  command.output_limit = kOutputLimit;
  ApplyAnswer answer = far_change_answer(run_far(host, command, request, stop));
  if (answer.outcome == core::Applied::Done)
    answer.evidence = fmt::format("{} points to {}", order.link, order.to);
  return answer;
}

ApplyAnswer apply_link(const ApplyRequest& request, const StepJson& step, const StorePlace& place) {
  const auto link = step.wanted.at("link").get<std::string>();
  const auto from = step.seen.at("points_to").get<std::string>();
  const auto to = step.wanted.at("points_to").get<std::string>();
  if (place.stop.stop_requested()) return cancelled_before_change();
  if (place.far != nullptr)
    return switch_far_link({link, from, to}, *place.far, request, place.stop);
  const Status done = switch_link(link, from, to);
  if (done) return {core::Applied::Done, fmt::format("{} points to {}", link, to)};
  // Only the last call, which writes to disk what was made, may fail after the change.
  if (done.error().code == Errc::Io) return {core::Applied::Unknown, done.error().message};
  return refused(done.error());
}

ConfirmAnswer confirm_link(const Json& wanted, const StorePlace& place) {
  const auto link = wanted.at("link").get<std::string>();
  const auto points = link_at(place, link);
  if (!points && points.error().code != Errc::Conflict && points.error().code != Errc::NotFound)
    return {core::Confirmed::Unknown, points.error().message};
  if (!points) return {core::Confirmed::NotApplied, points.error().message};
  const bool there = *points == wanted.at("points_to").get<std::string>();
  return {there ? core::Confirmed::Applied : core::Confirmed::NotApplied,
          fmt::format("{} points to {}", link, *points)};
}

// ---- the processes ------------------------------------------------------------------------------

ConfirmAnswer confirm_let_go(const Json& wanted, const StorePlace& place) {
  const auto pattern = parse_pattern(wanted.at("pattern").dump());
  if (!pattern) return {core::Confirmed::Unknown, pattern.error().message};
  const auto folder = wanted.at("lets_go_of").get<std::string>();
  const auto users = users_at(place, *pattern, folder);
  if (!users) return {core::Confirmed::Unknown, users.error().message};
  if (users->holders.empty())
    return {core::Confirmed::Applied, fmt::format("nothing of it holds {} open", folder)};
  return {core::Confirmed::NotApplied,
          fmt::format("pid {} holds files in {} open", fmt::join(users->holders, ", "), folder)};
}

// No answer: all of them were signalled.
std::optional<ApplyAnswer> send_signal(const core::Step& step, const StepJson& json,
                                       const StorePlace& place) {
  const int signal = json.wanted.at("signal").get<int>();
  if (place.far != nullptr) {
    ApplyAnswer sent = signal_far_processes(*place.far, step, signal, place.stop);
    if (sent.outcome == core::Applied::Done) return std::nullopt;
    return sent;
  }
  const Status sent = signal_processes(step.seen, signal, place.tools.host);
  if (sent) return std::nullopt;
  if (json.seen.at("processes").size() == 1) return refused(sent.error());
  return ApplyAnswer{core::Applied::Unknown, sent.error().message};
}

ApplyAnswer apply_let_go(const ApplyRequest& request, const StepJson& json,
                         const StorePlace& place) {
  const auto waiter = Waiter::start(request.timeout * 3 / 4, place.stop);
  if (!waiter) return refused(waiter.error());
  if (place.stop.stop_requested()) return cancelled_before_change();
  if (auto failed = send_signal(request.plan.steps[request.step], json, place)) return *failed;
  for (;;) {
    ConfirmAnswer now = confirm_let_go(json.wanted, place);
    if (now.answer == core::Confirmed::Applied) return {core::Applied::Done, now.evidence};
    if (waiter->pause(place.far == nullptr ? kLookEvery : kLookFarEvery) != Waiter::Woke::Ready)
      return {core::Applied::Unknown, now.evidence};
  }
}

// ---- what is left behind ------------------------------------------------------------------------

Result<bool> replay_runs(const ApplyRequest& request, const StorePlace& place) {
  if (place.far != nullptr) return still_runs_far(*place.far, request, place.stop);
  const auto running = find_attempt(place.tools.host, request.attempt);
  if (!running) return fail(running.error());
  return running->has_value();
}

ConfirmAnswer confirm_replay(const ApplyRequest& request, const Json& wanted,
                             const StorePlace& place) {
  const auto folder = wanted.at("empty").get<std::string>();
  const auto runs = replay_runs(request, place);
  if (!runs) return {core::Confirmed::Unknown, runs.error().message};
  if (*runs) return {core::Confirmed::InProgress, "the replay runs still"};
  const auto sight = store_at(place, folder);
  if (!sight) return {core::Confirmed::Unknown, sight.error().message};
  if (sight->files == 0)
    return {core::Confirmed::Applied, fmt::format("no file is left in {}", folder)};
  return {core::Confirmed::NotApplied,
          fmt::format("{} files of {} bytes are left in {}", sight->files, sight->bytes, folder)};
}

ApplyAnswer apply_replay(const ApplyRequest& request, const Json& wanted, const StorePlace& place) {
  const auto folder = wanted.at("empty").get<std::string>();
  if (const auto sight = store_at(place, folder); sight && sight->files == 0)
    return {core::Applied::Done, fmt::format("no file is left in {}", folder)};
  Command command;
  command.argv = wanted.at("argv").get<std::vector<std::string>>();
  command.environment = {fmt::format("{}={}", kAttemptVariable, request.attempt),
                         "FIELDMEDIC_SPARE=" + folder,
                         "FIELDMEDIC_STORE=" + wanted.at("into").get<std::string>()};
  command.timeout = request.timeout;
  command.output_limit = kOutputLimit;
  if (place.stop.stop_requested()) return cancelled_before_change();
  return place.far == nullptr ? command_answer(place.tools.runner.run(command, place.stop))
                              : apply_far(*place.far, command, request, place.stop);
}

StepJson json_of(const ApplyRequest& request) {
  const core::Step& step = request.plan.steps[request.step];
  return {Json::parse(step.seen), Json::parse(step.wanted)};
}

}  // namespace

core::Step link_step(const std::string& link, const std::string& from, const std::string& to) {
  return {.name = fmt::format("point {} to {}", link, to),
          .seen = text_of({{"points_to", from}}),
          .wanted = text_of({{"link", link}, {"points_to", to}})};
}

core::Step let_go_step(const std::vector<ProcessInfo>& members, const CollectorSpec& collector,
                       int signal, const std::string& folder) {
  return {.name = fmt::format("signal {} so that it lets go of {}", collector.name, folder),
          .seen = seen_processes(members),
          .wanted = text_of({{"lets_go_of", folder},
                             {"pattern", Json::parse(pattern_json(collector.process))},
                             {"signal", signal}})};
}

core::Step replay_step(const std::vector<std::string>& argv, const std::string& folder,
                       const std::string& into, std::size_t files) {
  return {.name = fmt::format("replay what is left in {}", folder),
          .seen = text_of({{"files", files}}),
          .wanted = text_of({{"argv", argv}, {"empty", folder}, {"into", into}})};
}

ApplyAnswer apply_store_step(const ApplyRequest& request, const ActionTools& tools,
                             const FarHost* far, const std::stop_token& stop) {
  try {
    const StepJson json = json_of(request);
    if (far != nullptr)
      if (auto not_now = started_anew(*far, request.plan.steps[request.step], stop))
        return *not_now;
    const StorePlace place{tools, far, stop};
    if (json.wanted.contains("link")) return apply_link(request, json, place);
    if (json.wanted.contains("lets_go_of")) return apply_let_go(request, json, place);
    return apply_replay(request, json.wanted, place);
  } catch (const Json::exception& error) {
    return {core::Applied::Refused, fmt::format("no step of data_divert: {}", error.what())};
  }
}

ConfirmAnswer confirm_store_step(const ApplyRequest& request, const ActionTools& tools,
                                 const FarHost* far, const std::stop_token& stop) {
  try {
    const StepJson json = json_of(request);
    const StorePlace place{tools, far, stop};
    if (json.wanted.contains("lets_go_of")) return confirm_let_go(json.wanted, place);
    if (!json.wanted.contains("link")) return confirm_replay(request, json.wanted, place);
    if (far != nullptr) {
      // By now or never: what its record keeps from starting changes nothing later.
      const auto runs = still_runs_far(*far, request, stop);
      if (!runs) return {core::Confirmed::Unknown, runs.error().message};
      if (*runs) return {core::Confirmed::InProgress, "the change still runs over there"};
    }
    return confirm_link(json.wanted, place);
  } catch (const Json::exception& error) {
    return {core::Confirmed::Unknown, fmt::format("no step of data_divert: {}", error.what())};
  }
}

}  // namespace fieldmedic
