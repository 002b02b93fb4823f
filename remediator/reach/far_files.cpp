#include "remediator/reach/far_files.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "common/quote.hpp"
#include "remediator/reach/far_look.hpp"
#include "remediator/reach/far_processes.hpp"
#include "remediator/reach/file_replace.hpp"

namespace fieldmedic {

namespace {

constexpr std::chrono::seconds kLook{30};
constexpr std::size_t kMostOutput = 32uz * 1024;
constexpr std::size_t kDigestSize = 64;

// For a POSIX shell; "$1" is the most bytes of a file, the rest are files. Prints a line about
// each: "file DIGEST", one of kWhyNot, or "bad WORDS".
constexpr const char* kDigests = R"sh(
most=$1
shift
for f; do (
  d=${f%/*} n=${f##*/}
  there "$d"
  { cd -- "$d" && [ "$(pwd -P)" = "$d" ]; } || { echo behind; exit; }
  there "./$n"
  if [ -L "./$n" ] || ! [ -f "./$n" ]; then echo irregular; exit; fi
  [ "$(stat -c %s -- "./$n")" -le "$most" ] || { echo large; exit; }
  sum=$(sha256sum <"./$n") || { echo unread; exit; }
  echo "file ${sum%% *}"
) done 2>/dev/null
echo end
)sh";

struct WhyNot {
  std::string_view word;
  Errc code;
  std::string_view message;
};
constexpr std::array<WhyNot, 5> kWhyNot{
    {{"gone", Errc::NotFound, "it is not there"},
     {"behind", Errc::Conflict, "its folder is none, lies behind a link, or may not be entered"},
     {"irregular", Errc::Conflict, "no regular file"},
     {"large", Errc::TooLarge, "more bytes than may be replaced"},
     {"unread", Errc::Denied, "it cannot be read"}}};

// For a POSIX shell. A hard link of what is there is in our hands from before the last look at it,
// so that it can be put back as it was, and what was written to it meanwhile is seen.
constexpr const char* kReplace = R"sh(
umask 077
f=$1 seen=$2 keep=$3 good=$4 wanted=$5 refused=$6 begun=$7 largest=$8 most=$9
shift 9
d=${f%/*} n=${f##*/}
own=.$n.fieldmedic was=.$n.fieldmedic-was linked=
say() { echo "$2" >&2; exit "$1"; }
enter() { cd -- "$1" && [ "$(pwd -P)" = "$1" ]; }
file() { [ -f "./$1" ] && ! [ -L "./$1" ]; }
sum() { file "$1" && s=$(sha256sum <"./$1") && echo "${s%% *}"; }
clean() { rm -f -- "./$own" "./$was"; }
give_up() {
  clean
  [ -z "$linked" ] || rm -f -- "./$keep"
  say "$@"
}
right() {
  [ $# -eq 0 ] || (cd / && exec timeout -s KILL "$most" "$@") </dev/null >&2
}
read_good() {
  enter "${good%/*}" && file "${good##*/}" && exec head -c "$((largest + 1))" -- "./${good##*/}"
}
write_own() {
  clean
  set -C
  (read_good) >"./$own" || give_up 1 "$good cannot be read, or $f not be written beside"
  set +C
  [ "$(sum "$own")" = "$wanted" ] || give_up 3 "$good is another version by now"
  like=$(id -u):$(id -g)' 644'
  [ -z "$seen" ] || like=$(stat -c '%u:%g %a' -- "./$n") || give_up 3 "$f is gone"
  [ "$(stat -c %u:%g -- "./$own")" = "${like% *}" ] || chown -- "${like% *}" "./$own" ||
    give_up 1 "the owner of $f cannot be kept"
  chmod -- "${like#* }" "./$own" && sync "./$own" || give_up 1 "$f cannot be written beside"
}
put_new() {
  ln -T -- "./$own" "./$n" && rm -f -- "./$own" && return
  if [ -e "./$n" ] || [ -L "./$n" ]; then give_up 3 "$f is there by now"; fi
  give_up 1 "$f cannot be made"
}
keep_old() {
  file "$n" || give_up 3 "$f is gone, or no regular file"
  ln -T -- "./$n" "./$was" || give_up 1 "what is in $f cannot be kept"
  [ "$(sum "$was")" = "$seen" ] || give_up 3 "$f is another version by now"
  if ! [ -e "./$keep" ]; then
    ln -T -- "./$was" "./$keep" || give_up 1 "what is in $f cannot be kept"
    linked=1
  fi
  [ "$(sum "$keep")" = "$seen" ] || give_up 3 "what is kept of $f is another version"
}
put_over() {
  keep_old
  if [ -L "./$n" ] || ! [ "./$n" -ef "./$was" ]; then give_up 3 "$f is another by now"; fi
  if ! mv -fT -- "./$own" "./$n"; then
    [ "./$n" -ef "./$was" ] || say 4 "$f may have been replaced"
    give_up 1 "$f cannot be replaced"
  fi
  [ "$(sum "$was")" = "$seen" ] && return
  mv -fT -- "./$was" "./$n" || say 4 "$f is another version by now, and cannot be put back"
  give_up 3 "$f is another version by now"
}
put_back() {
  [ -n "$seen" ] && [ "$(sum "$n")" = "$wanted" ] || say 4 "$1 did not pass, $f was changed since"
  [ -e "./$refused" ] || ln -T -- "./$n" "./$refused"
  mv -fT -- "./$was" "./$n" && sync . || say 4 "$1 did not pass, what was there cannot be put back"
  clean
  say 1 "$1 did not pass, what was there is back"
}
enter "$d" 2>/dev/null || say 1 "$d is no folder, lies behind a link, or may not be entered"
if [ -n "$begun" ] && [ -n "$seen" ] && [ "$(sum "$n")" = "$wanted" ] && [ "$(sum "$keep")" = "$seen" ]; then
  right "$@" && exit 0
  say 4 "$1 does not pass"
fi
write_own
if [ -n "$seen" ]; then put_over; else put_new; fi
sync . || say 4 "whether $f is on disk is not known"
right "$@" || put_back "$1"
clean
exit 0
)sh";

bool is_digest(std::string_view text) {
  return text.size() == kDigestSize &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<std::string> parse_digest(std::string_view line, const std::string& path) {
  constexpr std::string_view kFile = "file ";
  constexpr std::string_view kBad = "bad ";
  if (line.starts_with(kFile) && is_digest(line.substr(kFile.size())))
    return std::string(line.substr(kFile.size()));
  const auto* const why = std::ranges::find(kWhyNot, line, &WhyNot::word);
  if (why != kWhyNot.end()) return fail(why->code, fmt::format("{}: {}", path, why->message));
  if (line.starts_with(kBad))
    return fail(Errc::Conflict, fmt::format("{}: {}", path, quote(line.substr(kBad.size()))));
  return fail(Errc::Io, path + ": which version is over there cannot be read");
}

}  // namespace

Command ask_digests(const std::vector<std::string>& paths) {
  Command command;
  command.argv = {"/bin/sh", "-c", std::string(kThere) + kDigests, kOwnCommand,
                  std::to_string(kLargestReplaced)};
  command.argv.insert(command.argv.end(), paths.begin(), paths.end());
  command.timeout = kLook;
  command.output_limit = kMostOutput;
  return killed_in_time(std::move(command));
}

Result<std::vector<Result<std::string>>> parse_digests(std::string_view text,
                                                       const std::vector<std::string>& paths) {
  std::vector<Result<std::string>> digests;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (digests.size() < paths.size())
      digests.push_back(parse_digest(line, paths[digests.size()]));
    else if (line == "end" && text.empty())
      return digests;
    else
      break;
  }
  return fail(Errc::Io, "which versions are over there cannot be told: the answer is cut off");
}

Command far_replace(const FarReplacement& replacement) {
  Command command;
  const auto seconds = std::chrono::duration<double>(replacement.check_timeout).count();
  command.argv = {"/bin/sh",
                  "-c",
                  kReplace,
                  kOwnCommand,
                  replacement.path,
                  replacement.seen,
                  replacement.keep,
                  replacement.good,
                  replacement.sha256,
                  replacement.refused,
                  replacement.begun ? "begun" : "",
                  std::to_string(kLargestReplaced),
                  fmt::format("{:.3f}", seconds)};
  command.argv.insert(command.argv.end(), replacement.check.begin(), replacement.check.end());
  return command;
}

}  // namespace fieldmedic
