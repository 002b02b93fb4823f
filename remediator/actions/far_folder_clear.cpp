#include "remediator/actions/far_folder_clear.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/quote.hpp"
#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/actions/folder_clear.hpp"
#include "remediator/reach/far_look.hpp"
#include "remediator/reach/far_processes.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;

constexpr std::chrono::seconds kLook{30};
constexpr std::size_t kMostOutput = 32uz * 1024;
constexpr int kOtherFolder = 3;

// For a POSIX shell; "$1" is the program (empty: none is asked about), the rest are folders. Prints
// a line about each: "gone", "bad WORDS" or "folder DEVICE INODE ENTRIES".
constexpr const char* kSight = R"sh(
[ -z "$1" ] || [ -x "$1" ] || echo noprogram
shift
for f; do (
  said=$(stat -- "$f" 2>&1 >/dev/null)
  case $said in
    '') ;;
    *'No such file'*) echo gone; exit ;;
    *) echo "bad $said"; exit ;;
  esac
  { cd -- "$f" && [ "$(pwd -P)" = "$f" ]; } 2>/dev/null || {
    echo "bad $f is no folder, lies behind a link, or may not be entered"; exit; }
  if grep -qF -- " $f/" /proc/self/mountinfo; then echo "bad something is mounted in $f"; exit; fi
  echo "folder $(stat -c '%d %i' .) $(find . -mindepth 1 -printf x 2>/dev/null | head -c 100001 | wc -c)"
) done
echo end
)sh";

// "$1" is the folder, "$2" its device and inode as planned.
constexpr const char* kClear = R"sh(
{ cd -- "$1" && [ "$(pwd -P)" = "$1" ] && [ "$(stat -c '%d %i' .)" = "$2" ]; } 2>/dev/null || exit 3
grep -qF -- " $1/" /proc/self/mountinfo && exit 3
exec find . -xdev -mindepth 1 -delete
)sh";

struct Sights {
  bool program = true;
  std::vector<Result<FolderSight>> folders;
};

Result<FolderSight> parse_sight(std::string_view line) {
  const auto malformed = fail(Errc::Malformed, "what the folder holds over there cannot be read");
  if (line == "gone") return fail(Errc::NotFound, "it is not there");
  if (line.starts_with("bad ")) return fail(Errc::Conflict, std::string(line.substr(4)));
  constexpr std::string_view kFolder = "folder ";
  if (!line.starts_with(kFolder)) return malformed;
  line.remove_prefix(kFolder.size());
  FolderSight sight;
  std::uint64_t entries = 0;
  const char* at = line.data();
  const char* const end = at + line.size();
  for (std::uint64_t* number : {&sight.identity.device, &sight.identity.inode, &entries}) {
    while (at != end && *at == ' ') ++at;
    const auto [next, error] = std::from_chars(at, end, *number);
    if (error != std::errc{}) return malformed;
    at = next;
  }
  if (at != end) return malformed;
  sight.entries = entries;
  return sight;
}

Result<Sights> look(const FarHost& host, const std::string& program,
                    const std::vector<std::string>& folders, const std::stop_token& stop) {
  Command command;
  command.argv = {"/bin/sh", "-c", kSight, kOwnCommand, program};
  for (const std::string& folder : folders) command.argv.push_back(plain_path(folder));
  command.timeout = kLook;
  command.output_limit = kMostOutput;
  const auto ran = host.runner->run(killed_in_time(std::move(command)), stop);
  if (!ran) return fail(ran.error());
  Sights sights;
  bool ended = false;
  for (std::string_view text = ran->out; !text.empty();) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line == "noprogram")
      sights.program = false;
    else if (line == "end")
      ended = true;
    else
      sights.folders.push_back(parse_sight(line));
  }
  if (!ended || sights.folders.size() != folders.size())
    return fail(Errc::Io, fmt::format("folders over there cannot be looked at: {}",
                                      quote(ran->err.substr(0, 200))));
  return sights;
}

}  // namespace

Result<FarClears> plan_far_clears(const FarHost& host, const std::string& program,
                                  const std::vector<std::string>& folders,
                                  const std::string& host_name, const std::stop_token& stop) {
  const auto sights = look(host, program, folders, stop);
  if (!sights) return fail(sights.error());
  if (!sights->program)
    return fail(Errc::NotFound,
                fmt::format("{} is not there on {}, or no program", program, host_name));
  FarClears clears;
  std::vector<std::string> wrong;  // all are told, to be mended at once
  for (std::size_t i = 0; i < folders.size(); ++i) {
    clears.resources.push_back(folder_resource(host_name, folders[i]));
    const auto& sight = sights->folders[i];
    if (!sight && sight.error().code == Errc::NotFound) continue;
    if (!sight)
      wrong.push_back(sight.error().message);
    else if (sight->entries > kMostEntries)
      wrong.push_back(fmt::format("{} holds more than {} entries", folders[i], kMostEntries));
    else if (sight->entries > 0)
      clears.steps.push_back(clear_step(folders[i], *sight));
  }
  if (!wrong.empty()) return fail(Errc::Conflict, fmt::format("{}", fmt::join(wrong, "; ")));
  return clears;
}

ApplyAnswer apply_far_clear(const FarHost& host, const ApplyRequest& request,
                            const std::stop_token& stop) {
  const core::Step& step = request.plan.steps[request.step];
  const auto order = read_clear_order(step);
  if (!order) return {Applied::Refused, order.error().message};
  const auto boot_id = far_boot_id(host, stop);
  if (!boot_id) return {Applied::Refused, boot_id.error().message};
  if (*boot_id != planned_boot_id(step))
    return {Applied::WorldDiffers, "the host was started anew since the plan"};
  if (stop.stop_requested()) return cancelled_before_change();
  Command command;
  command.argv = {"/bin/sh",
                  "-c",
                  kClear,
                  kOwnCommand,
                  plain_path(order->path),
                  fmt::format("{} {}", order->identity.device, order->identity.inode)};
  command.timeout = request.timeout;
  FarEnd end = run_far(host, command, request, stop);
  if (end.exit_code == kOtherFolder)
    return {Applied::WorldDiffers, order->path + " is another folder than the plan saw"};
  // It had begun, and may have removed some.
  if (end.exit_code != 0) end.answer.outcome = Applied::Unknown;
  return end.answer;
}

ConfirmAnswer confirm_far_clear(const FarHost& host, const ApplyRequest& request,
                                const std::stop_token& stop) {
  const core::Step& step = request.plan.steps[request.step];
  const auto order = read_clear_order(step);
  if (!order) return {Confirmed::Unknown, order.error().message};
  // The record first: what was not begun by now never will be, and what runs is waited for.
  ConfirmAnswer record = confirm_far(host, planned_boot_id(step), request, stop);
  if (record.answer == Confirmed::InProgress) return record;
  const auto sights = look(host, "", {order->path}, stop);
  if (!sights) return {Confirmed::Unknown, sights.error().message};
  const auto& sight = sights->folders.front();
  if (!sight && sight.error().code == Errc::NotFound)
    return {Confirmed::Applied, order->path + " is not there"};
  if (!sight) return {Confirmed::Unknown, sight.error().message};
  return {sight->entries == 0 ? Confirmed::Applied : Confirmed::NotApplied,
          fmt::format("{} holds {} entries", order->path, sight->entries)};
}

}  // namespace fieldmedic
