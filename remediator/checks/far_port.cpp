#include "remediator/checks/far_port.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "remediator/reach/far_listeners.hpp"

namespace fieldmedic {

namespace {

using core::CheckAnswer;
using core::Verdict;

constexpr int kNoProgram = 127;

CheckAnswer judge(const std::string& text, const std::vector<Listener>& listeners) {
  const auto address = parse_address(text);
  if (!address) return {Verdict::Unknown, address.error().message};
  const Listener* listener = listener_of(*address, listeners);
  if (listener == nullptr) return {Verdict::Fail, fmt::format("{}: nobody listens there", text)};
  // A full queue (one more than its limit, tcp(7)) lets nobody in: the program takes none out.
  if (listener->waiting > listener->most)
    return {Verdict::Fail,
            fmt::format("{}: {} connections wait to be taken, and no more are let in", text,
                        listener->waiting)};
  return {Verdict::Pass, fmt::format("{} is listened on", text)};
}

}  // namespace

CheckAnswer check_far_ports(const FarHost& host, const std::vector<std::string>& addresses,
                            const std::stop_token& stop) {
  const auto ran = host.runner->run(ask_listeners(), stop);
  if (!ran) return {Verdict::Unknown, ran.error().message};
  if (ran->exit_code == kNoProgram)
    return {Verdict::Unknown, "there is no ss (of iproute2) over there"};
  if (ran->exit_code != 0 || ran->term_signal != 0)
    return {Verdict::Unknown, fmt::format("ss over there ended with {}", ran->exit_code)};
  const auto listeners = parse_listeners(ran->out);
  if (!listeners) return {Verdict::Unknown, listeners.error().message};

  // Fail is said before Unknown, and Unknown before Pass.
  for (const Verdict worst : {Verdict::Fail, Verdict::Unknown, Verdict::Pass}) {
    std::vector<std::string> evidence;
    for (const std::string& text : addresses)
      if (auto answer = judge(text, *listeners); answer.verdict == worst)
        evidence.push_back(std::move(answer.evidence));
    if (!evidence.empty()) return {worst, fmt::format("{}", fmt::join(evidence, "; "))};
  }
  return {Verdict::Unknown, "no ports are asked about"};
}

}  // namespace fieldmedic
