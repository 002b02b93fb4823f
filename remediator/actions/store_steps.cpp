#include "remediator/actions/store_steps.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/command_answer.hpp"
#include "remediator/actions/pattern_json.hpp"
#include "remediator/actions/process_signal.hpp"
#include "remediator/actions/process_start.hpp"
#include "remediator/reach/folder.hpp"
#include "remediator/reach/link_switch.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kLookEvery{20};
constexpr std::size_t kOutputLimit = 16 * 1024;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ApplyAnswer refused(const Error& error) {
  if (error.code == Errc::Conflict) return {core::Applied::WorldDiffers, error.message};
  return {core::Applied::Refused, error.message};
}

// ---- the link -----------------------------------------------------------------------------------

ApplyAnswer apply_link(const Json& seen, const Json& wanted, const std::stop_token& stop) {
  const auto link = wanted.at("link").get<std::string>();
  const auto to = wanted.at("points_to").get<std::string>();
  if (stop.stop_requested()) return cancelled_before_change();
  const Status done = switch_link(link, seen.at("points_to").get<std::string>(), to);
  if (done) return {core::Applied::Done, fmt::format("{} points to {}", link, to)};
  // Only the last call, which writes to disk what was made, may fail after the change.
  if (done.error().code == Errc::Io) return {core::Applied::Unknown, done.error().message};
  return refused(done.error());
}

ConfirmAnswer confirm_link(const Json& wanted) {
  const auto link = wanted.at("link").get<std::string>();
  const auto points = read_link(link);
  if (!points && points.error().code != Errc::Conflict && points.error().code != Errc::NotFound)
    return {core::Confirmed::Unknown, points.error().message};
  if (!points) return {core::Confirmed::NotApplied, points.error().message};
  const bool there = *points == wanted.at("points_to").get<std::string>();
  return {there ? core::Confirmed::Applied : core::Confirmed::NotApplied,
          fmt::format("{} points to {}", link, *points)};
}

// ---- the processes ------------------------------------------------------------------------------

ConfirmAnswer confirm_let_go(const Json& wanted, const HostRoot& host) {
  const auto pattern = parse_pattern(wanted.at("pattern").dump());
  if (!pattern) return {core::Confirmed::Unknown, pattern.error().message};
  const auto folder = wanted.at("lets_go_of").get<std::string>();
  const auto holders = holders_of(host, *pattern, folder);
  if (!holders) return {core::Confirmed::Unknown, holders.error().message};
  if (holders->empty())
    return {core::Confirmed::Applied, fmt::format("nothing of it holds {} open", folder)};
  return {core::Confirmed::NotApplied,
          fmt::format("pid {} holds files in {} open", fmt::join(*holders, ", "), folder)};
}

ApplyAnswer apply_let_go(const ApplyRequest& request, const Json& seen, const Json& wanted,
                         const HostRoot& host, const std::stop_token& stop) {
  const auto waiter = Waiter::start(request.timeout * 3 / 4, stop);
  if (!waiter) return refused(waiter.error());
  if (stop.stop_requested()) return cancelled_before_change();
  if (auto sent = signal_processes(request.plan.steps[request.step].seen,
                                   wanted.at("signal").get<int>(), host);
      !sent)
    return seen.at("processes").size() == 1
               ? refused(sent.error())
               : ApplyAnswer{core::Applied::Unknown, sent.error().message};
  for (;;) {
    ConfirmAnswer now = confirm_let_go(wanted, host);
    if (now.answer == core::Confirmed::Applied) return {core::Applied::Done, now.evidence};
    if (waiter->pause(kLookEvery) != Waiter::Woke::Ready)
      return {core::Applied::Unknown, now.evidence};
  }
}

// ---- what is left behind ------------------------------------------------------------------------

ConfirmAnswer confirm_replay(const ApplyRequest& request, const Json& wanted,
                             const HostRoot& host) {
  const auto folder = wanted.at("empty").get<std::string>();
  const auto running = find_attempt(host, request.attempt);
  if (!running) return {core::Confirmed::Unknown, running.error().message};
  if (*running) return {core::Confirmed::InProgress, fmt::format("pid {} of it runs", **running)};
  const auto sight = look_at_folder(folder);
  if (!sight) return {core::Confirmed::Unknown, sight.error().message};
  if (sight->files == 0)
    return {core::Confirmed::Applied, fmt::format("no file is left in {}", folder)};
  return {core::Confirmed::NotApplied,
          fmt::format("{} files of {} bytes are left in {}", sight->files, sight->bytes, folder)};
}

ApplyAnswer apply_replay(const ApplyRequest& request, const Json& wanted, const ActionTools& tools,
                         const std::stop_token& stop) {
  const auto folder = wanted.at("empty").get<std::string>();
  if (const auto sight = look_at_folder(folder); sight && sight->files == 0)
    return {core::Applied::Done, fmt::format("no file is left in {}", folder)};
  Command command;
  command.argv = wanted.at("argv").get<std::vector<std::string>>();
  command.environment = {fmt::format("{}={}", kAttemptVariable, request.attempt),
                         "FIELDMEDIC_SPARE=" + folder,
                         "FIELDMEDIC_STORE=" + wanted.at("into").get<std::string>()};
  command.timeout = request.timeout;
  command.output_limit = kOutputLimit;
  if (stop.stop_requested()) return cancelled_before_change();
  return command_answer(tools.runner.run(command, stop));
}

// Gone with its process or its descriptor, and so open no more. Anything else that cannot be read
// may still be.
bool is_gone(const std::error_code& error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::no_such_process;
}

std::unexpected<Error> unread(const std::error_code& error) {
  const bool denied = error == std::errc::permission_denied;
  return fail(denied ? Errc::Denied : Errc::Io, error.message());
}

// Whether a process holds a file below the folder open, by its descriptors in procfs.
Result<bool> holds_open(const std::filesystem::path& descriptors, const std::string& folder) {
  std::error_code error;
  std::filesystem::directory_iterator each(descriptors, error);
  while (!error && each != std::filesystem::directory_iterator()) {
    const std::string path = std::filesystem::read_symlink(each->path(), error).string();
    if (error && !is_gone(error)) return unread(error);
    if (path.starts_with(folder + "/")) return true;
    each.increment(error);
  }
  if (error && !is_gone(error)) return unread(error);
  return false;
}

struct StepJson {
  Json seen;
  Json wanted;
};

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

Result<std::vector<pid_t>> holders_of(const HostRoot& host, const ProcessPattern& pattern,
                                      const std::string& folder) {
  const auto found = read_collector_processes(host.procfs, pattern);
  if (!found) return fail(found.error());
  std::vector<pid_t> holders;
  for (const ProcessInfo& member : members_of(identities_of(found->matching), found->candidates)) {
    const pid_t pid = member.identity.pid;
    const auto holds = holds_open(host.procfs / std::to_string(pid) / "fd", folder);
    if (!holds) return wrap(holds.error(), fmt::format("the open files of pid {}", pid));
    if (*holds) holders.push_back(pid);
  }
  return holders;
}

ApplyAnswer apply_store_step(const ApplyRequest& request, const ActionTools& tools,
                             const std::stop_token& stop) {
  try {
    const auto [seen, wanted] = json_of(request);
    if (wanted.contains("link")) return apply_link(seen, wanted, stop);
    if (wanted.contains("lets_go_of")) return apply_let_go(request, seen, wanted, tools.host, stop);
    return apply_replay(request, wanted, tools, stop);
  } catch (const Json::exception& error) {
    return {core::Applied::Refused, fmt::format("no step of data_divert: {}", error.what())};
  }
}

ConfirmAnswer confirm_store_step(const ApplyRequest& request, const ActionTools& tools) {
  try {
    const auto [seen, wanted] = json_of(request);
    if (wanted.contains("link")) return confirm_link(wanted);
    if (wanted.contains("lets_go_of")) return confirm_let_go(wanted, tools.host);
    return confirm_replay(request, wanted, tools.host);
  } catch (const Json::exception& error) {
    return {core::Confirmed::Unknown, fmt::format("no step of data_divert: {}", error.what())};
  }
}

}  // namespace fieldmedic
