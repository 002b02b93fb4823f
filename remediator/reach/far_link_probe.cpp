#include "remediator/reach/far_link_probe.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/core.h>

#include "common/quote.hpp"
#include "remediator/reach/far_look.hpp"
#include "remediator/reach/far_processes.hpp"

namespace fieldmedic {

namespace {

// 25 is SO_BINDTODEVICE of Linux, which old modules named Socket do not know by name.
constexpr const char* kProbe = R"perl(
use Socket;
$| = 1;
my (undef, $link, $seconds, @addresses) = @ARGV;
for my $address (@addresses) {
  my ($host, $port) = split /:/, $address;
  my $answers = eval {
    local $SIG{ALRM} = sub { die "no answer in time\n" };
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "$!\n";
    setsockopt($socket, SOL_SOCKET, 25, "$link\0") or die "$!\n";
    alarm $seconds;
    connect($socket, pack_sockaddr_in($port, inet_aton($host))) or die "$!\n";
    alarm 0;
    1;
  };
  my $why = $@;
  alarm 0;
  print $answers ? "answers $address\n" : "silent $address $why";
}
print "end\n";
)perl";

constexpr std::chrono::seconds kEach{3};
constexpr std::chrono::seconds kMore{5};  // until it begins
constexpr std::size_t kMostOutput = 8uz * 1024;
constexpr std::size_t kMostSaid = 200;

}  // namespace

Command ask_probe(const std::string& interface, const std::vector<std::string>& addresses) {
  Command command;
  command.argv = {"perl", "-e", kProbe, kOwnCommand, interface, std::to_string(kEach.count())};
  command.argv.insert(command.argv.end(), addresses.begin(), addresses.end());
  command.timeout = kMore + static_cast<int>(addresses.size()) * kEach;
  command.output_limit = kMostOutput;
  return killed_in_time(std::move(command));
}

Status judge_probe(const std::string& interface, const std::vector<std::string>& addresses,
                   const ProcessResult& result) {
  std::string_view text = result.out;
  std::size_t answered = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line == "end" && answered == addresses.size()) return {};
    if (answered == addresses.size() || line != "answers " + addresses[answered])
      return fail(Errc::Unavailable, fmt::format("over {} over there: {}", interface,
                                                 quote_hostile(line.substr(0, kMostSaid))));
    ++answered;
  }
  return fail(Errc::Unavailable,
              fmt::format("the probe over there was cut off (exit code {}): {}", result.exit_code,
                          quote_hostile(result.err.substr(0, kMostSaid))));
}

Status probe_over_far(ProcessRunner& runner, const std::string& interface,
                      const std::vector<std::string>& addresses, const std::stop_token& stop) {
  const auto ran = runner.run(ask_probe(interface, addresses), stop);
  if (!ran) return fail(ran.error());
  return judge_probe(interface, addresses, *ran);
}

}  // namespace fieldmedic
