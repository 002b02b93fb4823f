#include "remediator/reach/far_stores.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "common/quote.hpp"
#include "remediator/reach/far_look.hpp"
#include "remediator/reach/far_processes.hpp"
#include "remediator/reach/folder.hpp"

namespace fieldmedic {

namespace {

constexpr std::chrono::seconds kLook{30};
constexpr std::size_t kMostOutput = 64uz * 1024;

// For a POSIX shell: into the folder "$1", which lies behind no link.
constexpr const char* kEnter = R"sh(
enter() {
  there "$1"
  { cd -- "$1" && [ "$(pwd -P)" = "$1" ]; } 2>/dev/null || { echo behind; exit; }
}
)sh";

// Prints "link TARGET" and "end", one of kWhyNot, or "bad WORDS".
constexpr const char* kLink = R"sh(
enter "${1%/*}"
n=./${1##*/}
there "$n"
[ -L "$n" ] || { echo nolink; exit; }
echo "link $(readlink -- "$n")"
echo end
)sh";

// "$2" is the most files that are counted. Prints "store FILES BYTES FREE BLOCKS FREE INODES" and
// "end", one of kWhyNot, or "bad WORDS".
constexpr const char* kStore = R"sh(
enter "$1"
if grep -qF -- " $1/" /proc/self/mountinfo; then echo mounted; exit; fi
room=$(stat -f -c '%a %b %d %c' .) || { echo unread; exit; }
{ find . -mindepth 1 -type f -printf '%s\n' 2>/dev/null && echo all; } | {
  files=0 bytes=0 all=
  while [ "$files" -le "$2" ] && read -r size; do
    if [ "$size" = all ]; then all=1; continue; fi
    files=$((files + 1)) bytes=$((bytes + size))
  done
  if [ -n "$all" ] || [ "$files" -gt "$2" ]; then
    echo "store $files $bytes $room"
    echo end
  else
    echo unread
  fi
}
)sh";

// "$1" is the folder, the rest are pids. What is not there (any more) holds nothing.
constexpr const char* kHolders = R"sh(
folder=$1
shift
for p; do
  what=free
  [ -e "/proc/$p" ] && what=$(find "/proc/$p/fd" -mindepth 1 -printf '%l\n' 2>&1 | {
    what=free
    while read -r line; do
      case $line in
        'find: '*'No such file or directory' | 'find: '*'No such process') ;;
        'find: '*) what=unread ;;
        "$folder"/*) [ $what = unread ] || what=holds ;;
      esac
    done
    echo $what
  })
  echo "$what $p"
done
echo end
)sh";

constexpr const char* kSwitch = R"sh(
link=$1 seen=$2 wanted=$3
d=${link%/*} n=${link##*/}
own=.$n.fieldmedic
say() { echo "$2" >&2; exit "$1"; }
give_up() {
  rm -f -- "./$own"
  say "$@"
}
{ cd -- "$d" && [ "$(pwd -P)" = "$d" ]; } 2>/dev/null ||
  say 1 "$d is no folder, lies behind a link, or may not be entered"
if [ -e "./$own" ] && ! [ -L "./$own" ]; then say 1 "$own beside $link is no link of ours"; fi
rm -f -- "./$own"
ln -sT -- "$wanted" "./$own" || say 1 "no link can be made beside $link"
[ -L "./$n" ] || give_up 3 "$link is no link any more"
[ "$(readlink -- "./$n")" = "$seen" ] || give_up 3 "$link points elsewhere by now"
if ! mv -fT -- "./$own" "./$n"; then
  [ "$(readlink -- "./$n")" = "$seen" ] || say 4 "$link may have been changed"
  give_up 1 "$link cannot be changed"
fi
sync . || say 4 "whether $link is on disk is not known"
exit 0
)sh";

struct WhyNot {
  std::string_view word;
  Errc code;
  std::string_view message;
};
constexpr std::array<WhyNot, 5> kWhyNot{
    {{"gone", Errc::NotFound, "it is not there"},
     {"behind", Errc::Conflict, "a folder on its way is none, lies behind a link, or is closed"},
     {"nolink", Errc::Conflict, "no symbolic link"},
     {"mounted", Errc::Conflict, "something is mounted inside"},
     {"unread", Errc::Io, "not all of it can be read"}}};

Command look(std::string script, std::vector<std::string> arguments) {
  Command command;
  command.argv = {"/bin/sh", "-c", std::move(script), kOwnCommand};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.timeout = kLook;
  command.output_limit = kMostOutput;
  return killed_in_time(std::move(command));
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

// What stands behind `word` in a whole answer; else why there is none.
Result<std::string_view> told(std::string_view text, std::string_view word,
                              const std::string& path) {
  const std::string_view line = take_line(text);
  if (line.starts_with(word) && text == "end\n") return line.substr(word.size());
  const auto* const why = std::ranges::find(kWhyNot, line, &WhyNot::word);
  if (why != kWhyNot.end() && text.empty())
    return fail(why->code, fmt::format("{}: {}", path, why->message));
  constexpr std::string_view kBad = "bad ";
  if (line.starts_with(kBad) && text.empty())
    return fail(Errc::Conflict, fmt::format("{}: {}", path, quote(line.substr(kBad.size()))));
  return fail(Errc::Io, path + ": what is there over there cannot be read");
}

template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const std::string_view word = text.substr(0, text.find(' '));
  const char* const end = std::to_address(word.end());
  const auto [stopped, error] = std::from_chars(std::to_address(word.begin()), end, number);
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return error == std::errc{} && stopped == end;
}

}  // namespace

Command ask_link(const std::string& link) {
  return look(std::string(kThere) + kEnter + kLink, {link});
}

Result<std::string> parse_link(std::string_view text, const std::string& link) {
  const auto target = told(text, "link ", link);
  if (!target) return fail(target.error());
  return std::string(*target);
}

Command ask_store(const std::string& folder) {
  return look(std::string(kThere) + kEnter + kStore, {folder, std::to_string(kMostEntries)});
}

Result<FarStore> parse_store(std::string_view text, const std::string& folder) {
  auto numbers = told(text, "store ", folder);
  if (!numbers) return fail(numbers.error());
  FarStore store;
  for (std::uint64_t* number : {&store.files, &store.bytes, &store.free_blocks, &store.blocks,
                                &store.free_inodes, &store.inodes})
    if (!take_number(*numbers, *number))
      return fail(Errc::Io, folder + ": what lies in it over there cannot be read");
  if (numbers->empty()) return store;
  return fail(Errc::Io, folder + ": more is told of it than there is");
}

Command ask_holders(const std::string& folder, const std::vector<pid_t>& processes) {
  std::vector<std::string> arguments{folder};
  for (const pid_t pid : processes) arguments.push_back(std::to_string(pid));
  return look(kHolders, std::move(arguments));
}

Result<std::vector<pid_t>> parse_holders(std::string_view text,
                                         const std::vector<pid_t>& processes) {
  const auto malformed = fail(Errc::Io, "who holds files open over there cannot be read");
  std::vector<pid_t> holders;
  for (const pid_t pid : processes) {
    std::string_view line = take_line(text);
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    pid_t of = 0;
    if (!take_number(line, of) || of != pid || !line.empty()) return malformed;
    if (word == "unread")
      return fail(Errc::Denied, fmt::format("the open files of pid {} cannot be read", pid));
    if (word != "free" && word != "holds") return malformed;
    if (word == "holds") holders.push_back(pid);
  }
  if (text != "end\n") return malformed;
  return holders;
}

Command far_switch_link(const std::string& link, const std::string& seen,
                        const std::string& wanted) {
  Command command;
  command.argv = {"/bin/sh", "-c", kSwitch, kOwnCommand, link, seen, wanted};
  return command;
}

}  // namespace fieldmedic
