#include "remediator/actions/far_link_ready.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "remediator/reach/far_look.hpp"
#include "remediator/reach/far_switch.hpp"
#include "remediator/reach/shell_words.hpp"

namespace fieldmedic {

namespace {

// For a POSIX shell: a line for all that is missing. Its arguments are command lines that sudo must
// allow; each was quoted by shell_words.
constexpr const char* kNeeds = R"sh(
command -v ip >/dev/null || echo "there is no ip (iproute2)"
command -v setsid >/dev/null || echo "there is no setsid (util-linux)"
perl -MSocket -e 1 >/dev/null 2>&1 || echo "there is no perl with its Socket (perl-base)"
while read -r line; do
  case $line in *session-*.scope*) session=1 ;; esac
done </proc/self/cgroup
if [ -n "$session" ] &&
  [ "$(loginctl show-session -p KillUserProcesses 2>/dev/null)" = KillUserProcesses=yes ]; then
  case " $(loginctl show-session -p KillExcludeUsers --value) " in
    *" $(id -un) "*) ;;
    *) echo "logind ends what an SSH session leaves behind (KillUserProcesses=yes): no dead man" ;;
  esac
fi
for line; do
  eval "sudo -n -l -- $line" >/dev/null 2>&1 || echo "sudo does not let us: $line"
done
echo ready
)sh";

constexpr std::chrono::seconds kAnswer{10};
constexpr std::size_t kMostOutput = 8uz * 1024;
constexpr std::size_t kMostSaid = 300;

std::string first_line(std::string text) {
  text.resize(std::min({text.find('\n'), text.size(), kMostSaid}));
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

Status ready_for_far_switch(const FarHost& host, const RouteSwitch& planned,
                            const std::stop_token& stop) {
  const auto commands = far_switch(planned, AsRoot::Already);
  if (!commands) return fail(commands.error());
  Command command;
  command.argv = {"/bin/sh", "-c", kNeeds, "fieldmedic"};
  if (host.access.as_root == AsRoot::BySudo)
    for (auto argv : {commands->make, commands->put_back}) {
      argv.front() = "/usr/sbin/ip";
      command.argv.push_back(shell_words(argv));
    }
  command.timeout = kAnswer;
  command.output_limit = kMostOutput;
  const auto ran = host.runner->run(killed_in_time(std::move(command)), stop);
  if (!ran) return fail(ran.error());
  if (ran->out == "ready\n") return {};
  if (!ran->out.ends_with("ready\n"))
    return fail(Errc::Unavailable, "what the host has for a switch cannot be told: " +
                                       first_line(ran->err + ran->out));
  return fail(Errc::Invalid, "on that host " + first_line(ran->out));
}

}  // namespace fieldmedic
