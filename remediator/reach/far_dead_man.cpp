#include "remediator/reach/far_dead_man.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "common/quote.hpp"
#include "remediator/reach/far_look.hpp"
#include "remediator/reach/far_processes.hpp"
#include "remediator/reach/shell_words.hpp"

namespace fieldmedic {

namespace {

// All for a POSIX shell. "$0", which stands in the command line of all that runs, is by what it is
// left out of a collector's processes (far_processes.hpp).

// The dead man. Time is that since the host was started, which no clock moves. Its commands were
// quoted by shell_words. A time that came is lost only to a "down" that is there: on a full disk
// it puts back without a link.
constexpr const char* kWait = R"sh(
umask 077
set -f
d=.fieldmedic/dead_men k=$1 after=$2 look=$3 like=$4 back=$5
now() {
  read -r up idle </proc/uptime && now=${up%%.*}
}
fire() {
  trap '' TERM INT HUP
  ln -s -n fired "$d/$k.end" 2>/dev/null || ! [ -h "$d/$k.end" ] || exit 0
  n=0
  while [ "$n" -lt 60 ]; do
    if seen=$(eval "$look" 2>/dev/null); then
      seen=$(echo $seen)
      if [ -z "$seen" ] || { [ -n "$like" ] && [ "$seen" != "$like" ]; }; then
        echo left >>"$d/$k"
        exit 0
      fi
      eval "$back" >/dev/null 2>&1 && echo back >>"$d/$k" && exit 0
    fi
    n=$((n + 1))
    sleep 1
  done
  echo failed >>"$d/$k"
  exit 1
}
trap '' PIPE
trap fire TERM INT HUP
now || exit 1
until=$((now + after))
read -r boot </proc/sys/kernel/random/boot_id
read -r s <"/proc/$$/stat"
set -- ${s##*) }
[ -h "$d/$k.end" ] && exit 0
set -C
echo "armed $boot $$ ${20}" 2>/dev/null >"$d/$k" || exit 1
set +C
while ! [ -h "$d/$k.end" ]; do
  now
  [ "$now" -ge "$until" ] && fire
  sleep 1
done
)sh";

// Whether it lives, told by pid, start time and boot.
constexpr const char* kFind = R"sh(
d=.fieldmedic/dead_men k=$1
umask 077
read -r boot </proc/sys/kernel/random/boot_id
lives() {
  p= start=
  [ -f "$d/$k" ] || return 1
  while read -r word at one two; do
    [ "$word" = armed ] && [ "$at" = "$boot" ] && p=$one start=$two
  done <"$d/$k"
  [ -n "$p" ] && read -r s 2>/dev/null <"/proc/$p/stat" || return 1
  set -- ${s##*) }
  [ "$1" != Z ] && [ "${20}" = "$start" ]
}
)sh";

constexpr const char* kArm = R"sh(
mkdir -p "$d" && [ -O "$d" ] || { echo "$d in the home is not to be written by us" >&2; exit 1; }
find "$d" ! -type d -mtime +30 -exec rm -f {} + 2>/dev/null
wait=$2
set -- "$k" "$3" "$4" "$5" "$6"
setsid -f /bin/sh -c "$wait" "$0" "$@" </dev/null >/dev/null 2>&1 || exit 1
n=0
while [ "$n" -lt 60 ] && ! [ -s "$d/$k" ]; do
  sleep 0.05
  n=$((n + 1))
done
)sh";

constexpr const char* kDown = R"sh(
mkdir -p "$d"
ln -s -n down "$d/$k.end" 2>/dev/null
)sh";

constexpr const char* kFire = R"sh(
lives && kill -s TERM -- "-$p"
)sh";

constexpr const char* kTell = R"sh(
lives && echo lives
[ -f "$d/$k" ] && cat "$d/$k"
[ -h "$d/$k.end" ] && echo "ended $(readlink "$d/$k.end")"
echo told
)sh";

constexpr const char* kUnder = R"sh(
if [ -h "$d/$k.end" ] || ! lives; then
  echo "its dead man over there is not armed any more" >&2
  exit 97
fi
shift
exec "$@"
)sh";

constexpr std::chrono::seconds kAnswer{10};
constexpr std::size_t kMostOutput = 4uz * 1024;

// The dead man itself is in a session of its own, and outlives what is killed here.
Command script(std::string_view what, const FarKey& key,
               const std::vector<std::string>& more = {}) {
  Command command;
  command.argv = {"/bin/sh", "-c", fmt::format("{}{}{}", kFind, what, kTell), kOwnCommand, key};
  command.argv.insert(command.argv.end(), more.begin(), more.end());
  command.timeout = kAnswer;
  command.output_limit = kMostOutput;
  return killed_in_time(std::move(command));
}

Result<FarDeadMan> tell(const Result<ProcessResult>& ran) {
  if (!ran) return fail(ran.error());
  auto told = parse_far_dead_man(ran->out);
  if (!told)
    return fail(Errc::Io, fmt::format("{} (exit code {}): {}", told.error().message, ran->exit_code,
                                      quote_hostile(ran->err)));
  return told;
}

struct Lines {
  bool lives = false;
  bool armed = false;
  std::optional<std::string_view> ended{};  // "down", "fired"
  std::string_view outcome{};               // "back", "left", "failed"
  bool told = false;
};

Lines read_lines(std::string_view text) {
  Lines lines;
  while (!text.empty() && !lines.told) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line == "lives") lines.lives = true;
    if (line.starts_with("armed ")) lines.armed = true;
    if (line == "back" || line == "left" || line == "failed") lines.outcome = line;
    if (line.starts_with("ended ")) lines.ended = line.substr(6);
    if (line == "told") lines.told = true;
  }
  return lines;
}

}  // namespace

Result<FarDeadMan> parse_far_dead_man(std::string_view text) {
  const Lines lines = read_lines(text);
  const bool sound = !lines.ended || lines.ended == "down" || lines.ended == "fired";
  if (!lines.told || !sound || (lines.lives && !lines.armed))
    return fail(Errc::Malformed, "what became of the dead man over there cannot be read");
  if (lines.ended == "down") return FarDeadMan::Down;
  if (lines.outcome == "back") return FarDeadMan::PutBack;
  if (lines.outcome == "left") return FarDeadMan::LeftAlone;
  if (lines.outcome == "failed") return FarDeadMan::Failed;
  if (lines.ended == "fired") return lines.lives ? FarDeadMan::Putting : FarDeadMan::Failed;
  return lines.lives ? FarDeadMan::Armed : FarDeadMan::Gone;
}

Status arm_far_dead_man(ProcessRunner& runner, const FarKey& key, const FarSwitch& planned,
                        std::chrono::milliseconds after, const std::stop_token& stop) {
  const auto command =
      script(kArm, key,
             {kWait, std::to_string(std::chrono::ceil<std::chrono::seconds>(after).count()),
              shell_words(planned.look), planned.looks_like, shell_words(planned.put_back)});
  const auto told = tell(runner.run(command, stop));
  if (!told) return fail(told.error().code, "the dead man over there: " + told.error().message);
  if (*told == FarDeadMan::Armed) return {};
  return fail(Errc::Unavailable, "the dead man over there did not come up, or not to stay");
}

Result<FarDeadMan> stand_far_down(ProcessRunner& runner, const FarKey& key,
                                  const std::stop_token& stop) {
  auto told = tell(runner.run(script(kDown, key), stop));
  if (told && (*told == FarDeadMan::Armed || *told == FarDeadMan::Gone))
    return fail(Errc::Io,
                "the dead man over there could not be stood down: its folder takes no "
                "link");
  return told;
}

Result<FarDeadMan> fire_far_dead_man(ProcessRunner& runner, const FarKey& key,
                                     const std::stop_token& stop) {
  return tell(runner.run(script(kFire, key), stop));
}

Result<FarDeadMan> ask_far_dead_man(ProcessRunner& runner, const FarKey& key,
                                    const std::stop_token& stop) {
  return tell(runner.run(script("", key), stop));
}

Command under_dead_man(const std::vector<std::string>& argv, const FarKey& key) {
  Command command;
  command.argv = {"/bin/sh", "-c", fmt::format("{}{}", kFind, kUnder), kOwnCommand, key};
  command.argv.insert(command.argv.end(), argv.begin(), argv.end());
  command.timeout = kAnswer;
  command.output_limit = kMostOutput;
  return command;
}

}  // namespace fieldmedic
