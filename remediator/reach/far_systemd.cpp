#include "remediator/reach/far_systemd.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "common/text_scan.hpp"
#include "remediator/reach/far_look.hpp"

namespace fieldmedic {

namespace {

using namespace std::string_view_literals;

constexpr const char* kProperties =
    "--property=Id,LoadState,ActiveState,SubState,InvocationID,Result,NRestarts,Job,UnitFileState,"
    "RequiredBy,RequisiteOf,BoundBy,ConsistsOf,PropagatesStopTo,TriggeredBy";
constexpr std::array kTied{"RequiredBy"sv, "RequisiteOf"sv,      "BoundBy"sv,
                           "ConsistsOf"sv, "PropagatesStopTo"sv, "TriggeredBy"sv};
constexpr std::chrono::milliseconds kAnswer{10'000};
constexpr std::size_t kOutputLimit = 16 * 1024;
constexpr std::size_t kMostSaid = 300;
// systemctl(1), "EXIT STATUS"; of sudo -n, 1 with its own words.
constexpr int kNoPermission = 4;
constexpr int kNoSuchUnit = 5;
constexpr int kNoProgram = 127;

// Without what sudo(8) warns of by the way: it goes on after that.
std::string without_warnings(std::string_view err) {
  constexpr std::string_view kSudo = "sudo: ";
  constexpr std::array kRefusals{
      "a password is required"sv, "a terminal is required"sv,
      "command not found"sv,      "sorry, "sv,
      "no valid sudoers"sv,       "interactive authentication is required"sv};
  std::string kept;
  while (!err.empty()) {
    const std::string_view line = err.substr(0, err.find('\n'));
    err.remove_prefix(std::min(line.size() + 1, err.size()));
    const bool refuses = std::ranges::any_of(
        kRefusals, [line](std::string_view words) { return line.contains(words); });
    if (!line.starts_with(kSudo) || refuses) (kept += line) += '\n';
  }
  return kept;
}

std::string said(const ProcessResult& result) {
  std::string text = result.err.substr(0, result.err.find('\n'));
  if (text.size() > kMostSaid) text.resize(kMostSaid);
  std::ranges::replace_if(text, [](char c) { return c >= 0 && c < ' '; }, ' ');
  return text.empty() ? fmt::format("exit code {}", result.exit_code) : text;
}

// Whether it says that it changed nothing, and why. Anything else may have.
Errc code_of(const ProcessResult& result) {
  const std::string text = without_warnings(result.err);
  if (result.term_signal != 0) return Errc::Io;
  if (result.exit_code == kNoProgram) return Errc::Unavailable;
  if (result.exit_code == kNoPermission) return Errc::Denied;
  if (text.starts_with("sudo: ") || text.starts_with("Sorry, user ")) return Errc::Denied;
  if (result.exit_code == kNoSuchUnit) return Errc::NotFound;
  if (text.contains("Access denied") || text.contains("authentication required"))
    return Errc::Denied;
  if (text.contains("is masked") || text.contains("is destructive")) return Errc::Conflict;
  if (text.contains("not been booted with systemd") || text.contains("Failed to connect to bus"))
    return Errc::Unavailable;
  return Errc::Io;
}

std::unexpected<Error> refused(const std::string& name, const ProcessResult& result) {
  return fail(code_of(result), fmt::format("{}: {}", name, said(result)));
}

Result<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  if (text.empty()) return value;  // no job
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return fail(Errc::Malformed, fmt::format("systemctl says '{}' for a number", text));
  return value;
}

// One line into the state.
Status take(UnitState& state, std::string_view name, std::string_view value) {
  if (name == "Id") state.id = value;
  if (name == "LoadState") state.load_state = value;
  if (name == "ActiveState") state.active_state = value;
  if (name == "SubState") state.sub_state = value;
  if (name == "UnitFileState") state.file_state = value;
  if (std::ranges::find(kTied, name) != kTied.end())
    while (!value.empty())
      if (const auto unit = take_field(value); !unit.empty()) state.tied.emplace_back(unit);
  if (name == "InvocationID") state.invocation_id = value;
  if (name == "Result") state.result = value;
  if (name != "NRestarts" && name != "Job") return {};
  const auto read = number(value);
  if (!read) return fail(read.error());
  (name == "Job" ? state.job : state.restarts) = *read;
  return {};
}

}  // namespace

Result<UnitState> parse_unit_properties(std::string_view text) {
  UnitState state;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    if (auto taken = take(state, line.substr(0, equals), line.substr(equals + 1)); !taken)
      return fail(taken.error());
  }
  if (state.id.empty() || state.load_state.empty() || state.active_state.empty())
    return fail(Errc::Malformed, "systemctl does not tell the unit's state");
  return state;
}

Result<UnitState> FarSystemd::unit(const std::string& name, const std::stop_token& stop) {
  Command command;
  command.argv = {"systemctl", "show", kProperties, "--", name};
  command.timeout = kAnswer;
  command.output_limit = kOutputLimit;
  const auto ran = runner_->run(killed_in_time(std::move(command)), stop);
  if (!ran) return fail(ran.error());
  if (ran->exit_code != 0 || ran->term_signal != 0) return refused(name, *ran);
  auto state = parse_unit_properties(ran->out);
  if (!state) return fail(Errc::Io, fmt::format("{}: {}", name, state.error().message));
  return state;
}

Command FarSystemd::change(std::vector<std::string> arguments, const std::string& name) const {
  Command command;
  if (as_root_ == AsRoot::BySudo) command.argv = {"sudo", "-n", "--"};
  command.argv.emplace_back("/usr/bin/systemctl");
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.argv.insert(command.argv.end(), {"--", name});
  command.timeout = kAnswer;
  command.output_limit = kOutputLimit;
  return command;
}

Status FarSystemd::reset_failed(const std::string& name, const std::stop_token& stop) {
  const auto ran = runner_->run(change({"reset-failed"}, name), stop);
  if (!ran) return fail(ran.error());
  if (ran->exit_code != 0 || ran->term_signal != 0) return refused(name, *ran);
  return {};
}

Result<std::string> FarSystemd::run(UnitJob job, const std::string& name,
                                    std::chrono::milliseconds timeout,
                                    const std::stop_token& stop) {
  Command command = change({std::string(to_string(job)), "--job-mode=fail"}, name);
  command.timeout = timeout;
  const auto ran = runner_->run(command, stop);
  if (!ran) return fail(ran.error());
  if (ran->exit_code == 0 && ran->term_signal == 0) return "done";
  // The job was there and ended so; which of the bad ends it had, only words in journals tell.
  if (ran->term_signal == 0 && without_warnings(ran->err).starts_with("Job for ")) return "failed";
  return refused(name, *ran);
}

}  // namespace fieldmedic
