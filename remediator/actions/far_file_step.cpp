#include "remediator/actions/far_file_step.hpp"

#include <utility>

#include <fmt/core.h>

#include "common/crash_point.hpp"
#include "remediator/actions/command_answer.hpp"
#include "remediator/actions/far_exec.hpp"
#include "remediator/reach/far_files.hpp"
#include "remediator/reach/far_look.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;

constexpr std::size_t kDigitsShown = 12;
constexpr std::size_t kOutputLimit = 16uz * 1024;

Command change_of(const FileStep& step, std::chrono::milliseconds timeout) {
  Command command = far_replace({.path = step.file,
                                 .seen = step.seen,
                                 .keep = step.keep,
                                 .good = step.good,
                                 .sha256 = step.sha256,
                                 .refused = kept_name(step.file, ".refused-", step.sha256),
                                 .check = step.check,
                                 .check_timeout = timeout / 2,
                                 .begun = step.begun});
  command.timeout = timeout;
  command.output_limit = kOutputLimit;
  return command;
}

std::string in_words(const FileStep& step) {
  return fmt::format("{} is the version of {}", step.file, step.good);
}

ConfirmAnswer check_there(const FarHost& host, const FileStep& step,
                          std::chrono::milliseconds timeout, const std::stop_token& stop) {
  if (step.check.empty()) return {Confirmed::Applied, in_words(step)};
  Command command;
  command.argv = step.check;
  command.timeout = timeout;
  command.output_limit = kOutputLimit;
  const ApplyAnswer right =
      command_answer(host.runner->run(killed_in_time(std::move(command)), stop));
  if (right.outcome == Applied::Done) return {Confirmed::Applied, in_words(step)};
  return {Confirmed::Unknown, fmt::format("{} {}", step.check.front(), right.evidence)};
}

}  // namespace

Result<std::string> far_digest(const FarHost& host, const std::string& path,
                               const std::stop_token& stop) {
  const std::vector<std::string> paths{path};
  const auto ran = host.runner->run(ask_digests(paths), stop);
  if (!ran) return fail(ran.error());
  auto digests = parse_digests(ran->out, paths);
  if (!digests) return fail(digests.error());
  return std::move(digests->front());
}

ApplyAnswer apply_far_file_step(const FarHost& host, const FileStep& step,
                                const ApplyRequest& request, const std::stop_token& stop) {
  if (auto not_now = started_anew(host, request.plan.steps[request.step], stop)) return *not_now;
  if (stop.stop_requested()) return cancelled_before_change();
  ApplyAnswer answer =
      far_change_answer(run_far(host, change_of(step, request.timeout), request, stop));
  crash_point("after_replace", "file");
  if (answer.outcome == Applied::Done) answer.evidence = in_words(step);
  return answer;
}

ConfirmAnswer confirm_far_file_step(const FarHost& host, const FileStep& step,
                                    const ApplyRequest& request, const std::stop_token& stop) {
  // The record first: what was not begun by now never will be, and what runs is waited for.
  const auto runs = still_runs_far(host, request, stop);
  if (!runs) return {Confirmed::Unknown, runs.error().message};
  if (*runs) return {Confirmed::InProgress, "the change still runs over there"};
  const auto digest = far_digest(host, step.file, stop);
  if (!digest && digest.error().code == Errc::NotFound)
    return {Confirmed::NotApplied, digest.error().message};
  if (!digest) return {Confirmed::Unknown, digest.error().message};
  if (*digest != step.sha256)
    return {Confirmed::NotApplied,
            fmt::format("another version is there: {}", digest->substr(0, kDigitsShown))};
  return check_there(host, step, request.timeout, stop);
}

}  // namespace fieldmedic
