#include "remediator/actions/far_exec.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "common/quote.hpp"
#include "remediator/actions/command_answer.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/reach/far_attempt.hpp"
#include "remediator/reach/far_files.hpp"
#include "remediator/reach/far_look.hpp"

namespace fieldmedic {

namespace {

constexpr std::chrono::milliseconds kLookUp{10'000};
constexpr std::size_t kBootIdSize = 36;
constexpr int kNotRun = 126;     // this, or 127: there is no such program over there
constexpr int kSignalled = 128;  // a shell's exit code for signal n is 128 + n

bool is_boot_id(const std::string& text) {
  return text.size() == kBootIdSize &&
         text.find_first_not_of("0123456789abcdef-") == std::string::npos;
}

FarKey key_of(const ApplyRequest& request) {
  return fmt::format("{}.{}", request.attempt, request.step);
}

Result<FarRecord> look_up(const FarHost& host, const FarKey& key, const std::stop_token& stop) {
  const auto asked = host.runner->run(ask_record(key), stop);
  if (!asked) return fail(asked.error());
  return parse_record(asked->out);
}

// The record is the program's word: what the shell around it exited with may be our own.
ApplyAnswer not_begun(const FarHost& host, const ApplyRequest& request, const ProcessResult& result,
                      const std::stop_token& stop) {
  const auto record = look_up(host, key_of(request), stop);
  const bool own_code = record && record->state == FarRecord::State::Ended;
  if (own_code) return command_answer(result);
  if (record && record->state == FarRecord::State::Never)
    return {core::Applied::Refused,
            fmt::format("not started, no record of the attempt could be made in "
                        "~/.fieldmedic/attempts over there: {}",
                        command_answer(result).evidence)};
  return {core::Applied::Unknown, record ? "this attempt was started before"
                                         : "not known to be started: " + record.error().message};
}

}  // namespace

Result<std::string> far_boot_id(const FarHost& host, const std::stop_token& stop) {
  Command command;
  command.argv = {"cat", "/proc/sys/kernel/random/boot_id"};
  command.timeout = kLookUp;
  const auto read = host.runner->run(killed_in_time(std::move(command)), stop);
  if (!read) return fail(read.error());
  if (read->exit_code != 0 || read->out.empty())
    return fail(Errc::Unavailable, "the host over there does not tell its boot id: " + read->err);
  // What a log-in shell says by itself must not be taken for one: it may be another each time.
  std::string id = read->out.substr(0, read->out.find('\n'));
  if (!is_boot_id(id))
    return fail(Errc::Malformed,
                fmt::format("the host over there tells no boot id but {}: its log-in shell must "
                            "print nothing of its own",
                            quote(id)));
  return id;
}

FarEnd run_far(const FarHost& host, const Command& command, const ApplyRequest& request,
               const std::stop_token& stop) {
  auto result = host.runner->run(recorded(command, key_of(request)), stop);
  if (result && result->exit_code == kNoRecord) return {not_begun(host, request, *result, stop)};
  if (result && result->exit_code > kSignalled)
    result->term_signal = result->exit_code - kSignalled;
  FarEnd end{command_answer(result), result && result->term_signal == 0 ? result->exit_code : 0};
  if (result || end.answer.outcome != core::Applied::Unknown) return end;
  // Nobody waits for it any more. It would end by its time; better now.
  const auto ended = host.runner->run(end_recorded(key_of(request)), {});
  if (ended && ended->exit_code == 0) end.answer.evidence += "; it was killed over there";
  return end;
}

ApplyAnswer apply_far(const FarHost& host, const Command& command, const ApplyRequest& request,
                      const std::stop_token& stop) {
  return run_far(host, command, request, stop).answer;
}

ApplyAnswer far_change_answer(FarEnd end) {
  const bool never_ran = end.exit_code == kNotRun || end.exit_code == kNotRun + 1;
  if (end.exit_code == kFarWorldDiffers)
    end.answer.outcome = core::Applied::WorldDiffers;
  else if (end.exit_code > kFarRefused && !never_ran)
    end.answer.outcome = core::Applied::Unknown;
  return std::move(end.answer);
}

std::optional<ApplyAnswer> started_anew(const FarHost& host, const core::Step& step,
                                        const std::stop_token& stop) {
  const auto boot_id = far_boot_id(host, stop);
  if (!boot_id) return ApplyAnswer{core::Applied::Refused, boot_id.error().message};
  if (*boot_id == planned_boot_id(step)) return std::nullopt;
  return ApplyAnswer{core::Applied::WorldDiffers, "the host was started anew since the plan"};
}

ConfirmAnswer confirm_far(const FarHost& host, const std::string& boot_id,
                          const ApplyRequest& request, const std::stop_token& stop) {
  using core::Confirmed;
  const auto record = look_up(host, key_of(request), stop);
  if (!record) return {Confirmed::Unknown, record.error().message};
  if (!record->same_boot || record->boot_id != boot_id)
    return {Confirmed::Unknown, "the host was started anew since"};
  switch (record->state) {
    case FarRecord::State::Never: return {Confirmed::NotApplied, "it was never started"};
    case FarRecord::State::Running: return {Confirmed::InProgress, "it still runs over there"};
    case FarRecord::State::Unknown:
      return {Confirmed::Unknown, "it was started over there, and left no word of its end"};
    case FarRecord::State::Ended: break;
  }
  if (record->exit_code > kSignalled)
    return {Confirmed::Unknown, fmt::format("ended by signal {}", record->exit_code - kSignalled)};
  return {record->exit_code == 0 ? Confirmed::Applied : Confirmed::NotApplied,
          fmt::format("exited with {}", record->exit_code)};
}

Result<bool> still_runs_far(const FarHost& host, const ApplyRequest& request,
                            const std::stop_token& stop) {
  const auto record = look_up(host, key_of(request), stop);
  if (!record) return fail(record.error());
  return record->state == FarRecord::State::Running;
}

}  // namespace fieldmedic
