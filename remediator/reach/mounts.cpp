#include "remediator/reach/mounts.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "common/quote.hpp"
#include "common/text_scan.hpp"
#include "remediator/reach/far_look.hpp"

namespace fieldmedic {

namespace {

constexpr std::chrono::seconds kAround{15};  // for the shell and its programs, beside the looks
constexpr std::size_t kMostOutput = 2uz * 1024 * 1024;
constexpr std::size_t kMostSaid = 200;

// For a POSIX shell. "$1" is a procfs, "$2" the seconds for each look (0: no look), the rest are
// mount points. A look is a stat(1) that asks the file system, known by its arguments, which name
// the mount: while one is there from before, that mount hangs still. The looks come before the
// table, since they wake what autofs mounts. Prints "look INDEX WORD…" for each, then the table.
constexpr const char* kLook = R"sh(
export LC_ALL=C
proc=$1 limit=$2
shift 2
view=$proc/1
head -c 1 "$view/mountinfo" >/dev/null 2>&1 || view=$proc/self
look() {
  token="fieldmedic-look $2//"
  if printf '%s\n' "$token" | grep -qsF -f - /proc/[0-9]*/cmdline; then echo "look $1 hangs"; return; fi
  said=$(timeout --foreground -s KILL "$limit" stat -f -c "$token" -- "$view/root$2" 2>&1 >/dev/null)
  case $? in
    0) echo "look $1 well" ;;
    124 | 137) echo "look $1 hangs" ;;
    *) printf 'look %s fails %s\n' "$1" "$said" ;;
  esac
}
i=0
for point; do
  [ "$limit" = 0 ] || look "$i" "$point" &
  i=$((i + 1))
done
wait
echo table
cat "$view/mountinfo" && echo end
)sh";

// What stat(1) says of a mount ends with the system's word for the error. All else (there is no
// stat, a timeout that does not know its options) says nothing of the mount.
void take_failure(MountState& state, std::string_view said) {
  if (said.starts_with(' ')) said.remove_prefix(1);
  const bool of_mount = said.starts_with("stat: cannot read");
  if (const auto colon = said.rfind(": "); of_mount && colon != std::string_view::npos)
    said.remove_prefix(colon + 2);
  state.error = said.substr(0, kMostSaid);
  std::ranges::replace_if(state.error, [](char c) { return c >= 0 && c < ' '; }, ' ');
  const bool may_not = said == "Permission denied" || said == "Operation not permitted";
  state.answers = of_mount && !may_not ? MountAnswers::Fails : MountAnswers::Denied;
}

// "look 0 fails stat: …". Other lines are of no interest.
void take_look(std::vector<MountState>& states, std::string_view line) {
  std::size_t index = 0;
  if (take_field(line) != "look" || !take_number(line, index) || index >= states.size()) return;
  MountState& state = states[index];
  const std::string_view word = take_field(line);
  if (word == "well") state.answers = MountAnswers::Well;
  if (word == "hangs") state.answers = MountAnswers::Hangs;
  if (word == "fails") take_failure(state, line);
}

Command ask_mounts(const std::string& procfs, const std::vector<std::string>& points,
                   MountLook look) {
  const auto limit = look == MountLook::AskEach ? kMountAnswer : std::chrono::seconds(0);
  Command command;
  command.argv = {"/bin/sh", "-c", kLook, "fieldmedic", procfs, std::to_string(limit.count())};
  command.argv.insert(command.argv.end(), points.begin(), points.end());
  command.timeout = limit + kAround;
  command.output_limit = kMostOutput;
  return command;
}

Result<std::vector<MountState>> look_by(ProcessRunner& runner, const Command& command,
                                        const std::vector<std::string>& points,
                                        const std::stop_token& stop) {
  const auto ran = runner.run(command, stop);
  if (!ran) return fail(ran.error());
  auto states = parse_mount_looks(points, ran->out);
  if (!states && !ran->err.empty())
    return fail(Errc::Io, fmt::format("{}: {}", states.error().message,
                                      quote_hostile(ran->err.substr(0, kMostSaid))));
  return states;
}

}  // namespace

Result<std::vector<MountState>> parse_mount_looks(const std::vector<std::string>& points,
                                                  std::string_view text) {
  std::vector<MountState> states;
  for (const std::string& point : points)
    states.push_back({.point = point, .mounted = {}, .error = {}});
  for (bool table = false; !table;) {
    if (text.empty()) return fail(Errc::Io, "the mounts cannot be read");
    const std::string_view line = take_line(text);
    table = line == "table";
    if (!table) take_look(states, line);
  }
  constexpr std::string_view kEnd = "end\n";
  if (!text.ends_with(kEnd)) return fail(Errc::Io, "the table of mounts cannot be read to its end");
  text.remove_suffix(kEnd.size());
  const auto mounts = parse_mountinfo(text);
  if (!mounts) return fail(Errc::Io, mounts.error().message);
  for (MountState& state : states) {
    state.mounted = mount_at(*mounts, state.point);
    if (state.mounted && state.mounted->type == "autofs") state.mounted.reset();
  }
  return states;
}

Result<std::vector<MountState>> look_at_mounts(ProcessRunner& runner, const std::string& procfs,
                                               const std::vector<std::string>& points,
                                               MountLook look, const std::stop_token& stop) {
  return look_by(runner, ask_mounts(procfs, points, look), points, stop);
}

Result<std::vector<MountState>> look_at_far_mounts(ProcessRunner& runner,
                                                   const std::vector<std::string>& points,
                                                   MountLook look, const std::stop_token& stop) {
  return look_by(runner, killed_in_time(ask_mounts("/proc", points, look)), points, stop);
}

}  // namespace fieldmedic
