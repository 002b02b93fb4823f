#include "remediator/reach/far_attempt.hpp"

#include <charconv>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "remediator/reach/far_look.hpp"
#include "remediator/reach/far_processes.hpp"

namespace fieldmedic {

namespace {

// For a POSIX shell. "$@" is the program; nothing of it is read as shell text.
//
// The record is made with noclobber, which is O_EXCL: of two that want the same only one gets it.
// timeout(1) leads a process group of its own, which is what gets killed. The shell outlives a
// SIGTERM (asked for by us over SSH, or to its group) and the loss of whoever read what it prints
// (which is a SIGPIPE when it tells of a child that was killed), to write down how it ended.
constexpr const char* kRun = R"(
umask 077
trap : TERM HUP PIPE
d=.fieldmedic/attempts k=$1 most=$2
shift 2
mkdir -p "$d" && [ -O "$d" ] || exit 125
find "$d" -type f -mtime +30 -exec rm -f {} + 2>/dev/null
read -r boot </proc/sys/kernel/random/boot_id
set -C
echo "began $boot" 2>/dev/null >"$d/$k" || exit 125
set +C
timeout -s KILL "$most" "$@" </dev/null &
p=$!
read -r s <"/proc/$p/stat"
set -- ${s##*) }
echo "runs $p ${20}" >>"$d/$k"
while :; do
  wait "$p"
  c=$?
  kill -0 "$p" 2>/dev/null || break
done
echo "ended $c" >>"$d/$k"
exit "$c"
)";

// What of an attempt runs: p, and start when it is the process that was started.
constexpr const char* kFind = R"(
d=.fieldmedic/attempts k=$1 p= now=
while read -r word one two; do
  [ "$word" = runs ] && p=$one start=$two
done <"$d/$k"
if [ -n "$p" ] && read -r s 2>/dev/null <"/proc/$p/stat"; then
  set -- ${s##*) }
  [ "$1" != Z ] && [ "${20}" = "$start" ] && now=1
fi
)";

constexpr const char* kEnd = R"([ -n "$now" ] && kill -s KILL -- "-$p"
)";

constexpr const char* kAskFirst = R"(
umask 077
mkdir -p .fieldmedic/attempts || exit 1
set -C
echo never 2>/dev/null >".fieldmedic/attempts/$1"
set +C
)";

constexpr const char* kAskLast = R"(
read -r boot </proc/sys/kernel/random/boot_id
echo "boot $boot"
[ -n "$now" ] && echo alive
cat "$d/$k"
)";

constexpr std::chrono::seconds kLookUp{10};

Command script(std::string text, const FarKey& key) {
  Command command;
  command.argv = {"/bin/sh", "-c", std::move(text), "fieldmedic", key};
  command.timeout = kLookUp;
  command.output_limit = 4 * 1024;
  return killed_in_time(std::move(command));
}

std::string_view next_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

Result<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return fail(Errc::Malformed, fmt::format("the far record holds '{}' for a number", text));
  return value;
}

struct Lines {
  bool never = false;
  bool began = false;
  bool alive = false;
  bool ended = false;
  std::string_view boot_then{};
};

}  // namespace

Command recorded(const Command& command, const FarKey& key) {
  Command wrapped = command;
  const auto seconds = std::chrono::duration<double>(command.timeout).count();
  wrapped.argv = {"/bin/sh", "-c", kRun, kOwnCommand, key, fmt::format("{:.3f}", seconds)};
  wrapped.argv.insert(wrapped.argv.end(), command.argv.begin(), command.argv.end());
  return wrapped;
}

Command end_recorded(const FarKey& key) {
  return script(std::string(kFind) + kEnd, key);
}

Command ask_record(const FarKey& key) {
  return script(std::string(kAskFirst) + kFind + kAskLast, key);
}

Result<FarRecord> parse_record(std::string_view text) {
  FarRecord record;
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view word = next_word(line);
    if (word == "boot") record.boot_id = line;
    if (word == "alive") lines.alive = true;
    if (word == "never") lines.never = true;
    if (word == "began") lines.began = true;
    if (word == "began") lines.boot_then = line;
    if (word != "ended") continue;
    const auto code = number(line);
    if (!code) return fail(code.error());
    lines.ended = true;
    record.exit_code = *code;
  }
  if (record.boot_id.empty() || lines.never == lines.began)
    return fail(Errc::Malformed, "the far record is none of ours");
  record.same_boot = lines.never || lines.boot_then == record.boot_id;
  using enum FarRecord::State;
  if (lines.never)
    record.state = Never;
  else if (lines.ended)
    record.state = Ended;
  else if (lines.alive && record.same_boot)
    record.state = Running;
  return record;
}

}  // namespace fieldmedic
