#include "remediator/reach/far_signal.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "common/quote.hpp"
#include "remediator/reach/far_look.hpp"
#include "remediator/reach/far_processes.hpp"

namespace fieldmedic {

namespace {

// For a POSIX shell; its arguments are the signals ("" for none) and PID:START of each process.
// The name in a stat may hold anything, what comes after its last parenthesis are numbers.
constexpr const char* kSignal = R"sh(
read -r boot </proc/sys/kernel/random/boot_id
echo "boot $boot"
signals=$1
shift
for each; do
  p=${each%:*} wanted=${each#*:}
  if ! s=$(cat "/proc/$p/stat" 2>/dev/null); then
    [ -e "/proc/$p" ] || continue
    echo "pid $p cannot be read" >&2
    exit 1
  fi
  set -- ${s##*) }
  [ "$1" != Z ] && [ "$1" != X ] && [ "${20}" = "$wanted" ] || continue
  what=alive
  for signal in $signals; do
    kill -s "$signal" "$p" 2>/dev/null || what=denied
  done
  grep -qsE '^(SigPnd|ShdPnd):.*[13579bdf][0-9a-f]{2}$' "/proc/$p/status" && echo "dying $p"
  [ $what = denied ] && ! [ -e "/proc/$p" ] && continue
  echo "$what $p"
done
echo end
)sh";

constexpr std::chrono::seconds kAnswer{10};
constexpr std::size_t kMostOutput = 16uz * 1024;

const char* names_of(FarSignal signal) {
  switch (signal) {
    case FarSignal::None: return "";
    case FarSignal::Terminate: return "TERM CONT";
    case FarSignal::Kill: return "KILL";
    case FarSignal::Hangup: return "HUP";
    case FarSignal::User1: return "USR1";
    case FarSignal::User2: return "USR2";
  }
  return "";
}

std::unexpected<Error> malformed() {
  return fail(Errc::Malformed, "what became of the signals over there cannot be read");
}

}  // namespace

Command ask_signal(FarSignal signal, const std::vector<ProcessIdentity>& processes) {
  Command command;
  command.argv = {"/bin/sh", "-c", kSignal, kOwnCommand, names_of(signal)};
  for (const ProcessIdentity& process : processes)
    command.argv.push_back(fmt::format("{}:{}", process.pid, process.start_ticks));
  command.timeout = kAnswer;
  command.output_limit = kMostOutput;
  return killed_in_time(std::move(command));
}

Result<FarSignalled> parse_signalled(std::string_view text) {
  FarSignalled told;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line == "end" && !told.boot_id.empty()) return told;
    const std::string_view word = line.substr(0, line.find(' '));
    const std::string_view rest = line.substr(std::min(word.size() + 1, line.size()));
    if (word == "boot") {
      told.boot_id = rest;
      continue;
    }
    pid_t pid = 0;
    const char* const end = std::to_address(rest.end());
    if (std::from_chars(std::to_address(rest.begin()), end, pid).ptr != end || pid <= 0)
      return malformed();
    if (word == "alive")
      told.alive.push_back(pid);
    else if (word == "denied")
      told.denied.push_back(pid);
    else if (word == "dying")
      told.dying.push_back(pid);
    else
      return malformed();
  }
  return malformed();  // it was cut off
}

Result<FarSignalled> signal_far(ProcessRunner& runner, FarSignal signal,
                                const std::vector<ProcessIdentity>& processes,
                                const std::stop_token& stop) {
  const auto ran = runner.run(ask_signal(signal, processes), stop);
  if (!ran) return fail(ran.error());
  auto told = parse_signalled(ran->out);
  if (!told)
    return fail(Errc::Io,
                fmt::format("{}: {}", told.error().message, quote(ran->err.substr(0, 200))));
  return told;
}

}  // namespace fieldmedic
