#include "remediator/actions/file_step.hpp"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/crash_point.hpp"
#include "remediator/actions/command_answer.hpp"
#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/far_file_step.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/actions/where.hpp"
#include "remediator/reach/file_replace.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t kDigitsKept = 12;
constexpr std::size_t kOutputLimit = 16uz * 1024;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ApplyAnswer answer_to(const Error& error) {
  if (error.code == Errc::Conflict) return {Applied::WorldDiffers, error.message};
  // Only the last call, which writes to disk what was made, may fail after the change.
  return {error.code == Errc::Io ? Applied::Unknown : Applied::Refused, error.message};
}

// Done where there is no check.
ApplyAnswer check(const FileStep& step, const ActionTools& tools, milliseconds timeout,
                  const std::stop_token& stop) {
  if (step.check.empty()) return {Applied::Done, {}};
  Command command;
  command.argv = step.check;
  command.timeout = timeout;
  command.output_limit = kOutputLimit;
  return command_answer(tools.runner.run(command, stop));
}

ApplyAnswer put_back(const FileStep& step, const std::string& why) {
  auto before = read_version(beside(step.file, step.keep));
  if (!before) return {Applied::Unknown, fmt::format("{}; {}", why, before.error().message)};
  const Status back = replace_file(
      {step.file, step.sha256, kept_name(step.file, ".refused-", step.sha256), *std::move(before)});
  if (!back) return {Applied::Unknown, fmt::format("{}; {}", why, back.error().message)};
  return {Applied::Refused, fmt::format("{}; what was there is back", why)};
}

// Of what is there; empty: nothing is.
Result<std::string> digest_at(const std::string& file) {
  const auto version = read_version(file);
  if (version) return version->sha256;
  if (version.error().code == Errc::NotFound) return std::string();
  return fail(version.error());
}

// Planned again after a crash: it was done, and what was there before is kept.
bool is_replaced(const FileStep& step) {
  const auto now = digest_at(step.file);
  const auto before = digest_at(beside(step.file, step.keep));
  return now && before && !step.seen.empty() && *now == step.sha256 && *before == step.seen;
}

ApplyAnswer checked(const FileStep& step, const ApplyAnswer& right) {
  if (right.outcome == Applied::Done)
    return {Applied::Done, fmt::format("{} is the version of {}", step.file, step.good)};
  return {Applied::Unknown, fmt::format("{} {}", step.check.front(), right.evidence)};
}

ApplyAnswer replace(const FileStep& step, const ApplyRequest& request, const ActionTools& tools,
                    const std::stop_token& stop) {
  auto good = read_version(step.good);
  if (!good) return {Applied::Refused, good.error().message};
  if (good->sha256 != step.sha256)
    return {Applied::WorldDiffers, fmt::format("{} is another version by now", step.good)};
  if (stop.stop_requested()) return cancelled_before_change();
  if (step.begun && is_replaced(step))
    return checked(step, check(step, tools, request.timeout / 2, stop));
  const Status done = replace_file({step.file, step.seen, step.keep, *std::move(good)});
  if (!done) return answer_to(done.error());
  crash_point("after_replace", "file");
  // A stop does not shorten this: the file is replaced, and must be known to be right.
  const ApplyAnswer right = check(step, tools, request.timeout / 2, {});
  if (right.outcome == Applied::Done) return checked(step, right);
  return put_back(step, fmt::format("{} {}", step.check.front(), right.evidence));
}

ConfirmAnswer confirm_here(const FileStep& step, const ApplyRequest& request,
                           const ActionTools& tools, const std::stop_token& stop) {
  const auto digest = digest_at(step.file);
  if (!digest) return {Confirmed::Unknown, digest.error().message};
  if (*digest != step.sha256)
    return {Confirmed::NotApplied,
            fmt::format("another version is there: {}", digest->substr(0, kDigitsKept))};
  const ApplyAnswer right = check(step, tools, request.timeout, stop);
  if (right.outcome == Applied::Done)
    return {Confirmed::Applied, fmt::format("{} is the version of {}", step.file, step.good)};
  return {Confirmed::Unknown, fmt::format("{} {}", step.check.front(), right.evidence)};
}

}  // namespace

core::Step write_file_step(std::string name, const FileStep& step) {
  Json wanted{
      {"file", step.file}, {"good", step.good}, {"keep", step.keep}, {"sha256", step.sha256}};
  if (!step.check.empty()) wanted["check"] = step.check;
  if (step.begun) wanted["begun"] = true;
  return {
      .name = std::move(name), .seen = text_of({{"sha256", step.seen}}), .wanted = text_of(wanted)};
}

bool is_file_step(const core::Step& step) {
  const Json wanted = Json::parse(step.wanted, nullptr, false);
  return wanted.is_object() && wanted.contains("file") && wanted.contains("keep");
}

Result<FileStep> read_file_step(const core::Step& step) {
  try {
    const Json wanted = Json::parse(step.wanted);
    return FileStep{wanted.at("file").get<std::string>(),
                    wanted.at("good").get<std::string>(),
                    wanted.at("keep").get<std::string>(),
                    wanted.at("sha256").get<std::string>(),
                    Json::parse(step.seen).at("sha256").get<std::string>(),
                    wanted.value("check", std::vector<std::string>()),
                    wanted.value("begun", false)};
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no step of a file: {}", error.what()));
  }
}

Result<std::string> version_there(const ActionTools& tools, const core::Target& target,
                                  const std::string& file, const std::stop_token& stop) {
  const auto far = far_host(tools, target);
  if (!far) return fail(far.error());
  if (*far != nullptr) return far_digest(**far, file, stop);
  auto version = read_version(file);
  if (!version) return fail(version.error());
  return std::move(version->sha256);
}

Result<std::string> digest_there(const ActionTools& tools, const core::Target& target,
                                 const std::string& file, const std::stop_token& stop) {
  auto digest = version_there(tools, target, file, stop);
  if (!digest && digest.error().code == Errc::NotFound) return std::string();
  return digest;
}

Status planned_there(core::Plan& plan, const ActionTools& tools, const core::Target& target,
                     const std::stop_token& stop) {
  const auto far = far_host(tools, target);
  if (!far) return fail(far.error());
  if (*far == nullptr) return {};
  const auto boot_id = far_boot_id(**far, stop);
  if (!boot_id) return fail(boot_id.error());
  for (core::Step& step : plan.steps)
    if (planned_boot_id(step).empty()) step = on_boot(std::move(step), *boot_id);
  return {};
}

std::string kept_name(const std::string& file, std::string_view ending, const std::string& sha256) {
  return fmt::format("{}{}{}", file.substr(file.rfind('/') + 1), ending,
                     sha256.substr(0, kDigitsKept));
}

std::string beside(const std::string& file, const std::string& name) {
  return file.substr(0, file.rfind('/') + 1) + name;
}

ApplyAnswer apply_file_step(const ApplyRequest& request, const ActionTools& tools,
                            const std::stop_token& stop) {
  const auto step = read_file_step(request.plan.steps[request.step]);
  if (!step) return {Applied::Refused, step.error().message};
  const auto far = planned_host(tools, request);
  if (!far) return {Applied::Refused, far.error().message};
  return *far == nullptr ? replace(*step, request, tools, stop)
                         : apply_far_file_step(**far, *step, request, stop);
}

ConfirmAnswer confirm_file_step(const ApplyRequest& request, const ActionTools& tools,
                                const std::stop_token& stop) {
  const auto step = read_file_step(request.plan.steps[request.step]);
  if (!step) return {Confirmed::Unknown, step.error().message};
  const auto far = planned_host(tools, request);
  if (!far) return {Confirmed::Unknown, far.error().message};
  return *far == nullptr ? confirm_here(*step, request, tools, stop)
                         : confirm_far_file_step(**far, *step, request, stop);
}

}  // namespace fieldmedic
