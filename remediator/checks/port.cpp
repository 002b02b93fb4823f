#include "remediator/checks/port.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "common/address.hpp"
#include "common/duration.hpp"
#include "common/file_descriptor.hpp"
#include "common/socket_address.hpp"
#include "remediator/checks/far_port.hpp"
#include "remediator/checks/where.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using core::CheckAnswer;
using core::Verdict;
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kTimeout{2'000};
constexpr std::size_t kMostAddresses = 16;

// All addresses (":5514") are asked on loopback.
Result<SocketAddress> address_of(std::string_view text) {
  auto address = parse_address(text);
  if (!address) return fail(address.error());
  if (address->host.empty()) address->host = "127.0.0.1";
  return socket_address(*address);
}

struct Attempt {
  std::string text;  // the address, as written
  FileDescriptor socket;
  bool answered = false;
  CheckAnswer answer;
};

CheckAnswer judge(int error, const std::string& address) {
  if (error == ECONNREFUSED || error == ETIMEDOUT || error == ECONNRESET)
    return {Verdict::Fail, fmt::format("{}: {}", address, std::strerror(error))};
  return {Verdict::Unknown, fmt::format("{}: {}", address, std::strerror(error))};
}

void finish(Attempt& attempt) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(attempt.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  attempt.answered = true;
  if (error != 0)
    attempt.answer = judge(error, attempt.text);
  else if (connected_to_itself(attempt.socket.get()))
    attempt.answer = judge(ECONNREFUSED, attempt.text);
  else
    attempt.answer = {Verdict::Pass, attempt.text + " answers"};
}

Attempt begin(const std::string& text) {
  Attempt attempt{text, FileDescriptor(), true, {}};
  const auto address = address_of(text);
  if (!address) {
    attempt.answer = {Verdict::Unknown, address.error().message};
    return attempt;
  }
  attempt.socket =
      FileDescriptor(socket(address->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!attempt.socket) {
    attempt.answer = judge(errno, text);
    return attempt;
  }
  const int connected = connect(attempt.socket.get(), address->generic(), address->size);
  if (connected == 0)
    finish(attempt);
  else if (errno == EINPROGRESS)
    attempt.answered = false;
  else
    attempt.answer = judge(errno, text);
  return attempt;
}

// Waits for those that are under way.
void wait_for(std::vector<Attempt>& attempts, const Waiter& waiter, milliseconds timeout) {
  for (;;) {
    std::vector<pollfd> polled;
    std::vector<Attempt*> waiting;
    for (Attempt& attempt : attempts) {
      if (attempt.answered) continue;
      polled.push_back({attempt.socket.get(), POLLOUT, 0});
      waiting.push_back(&attempt);
    }
    if (waiting.empty()) return;
    const auto woke = waiter.wait(polled);
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (polled[i].revents != 0) {
        finish(*waiting[i]);
      } else if (woke == Waiter::Woke::Deadline) {
        waiting[i]->answered = true;
        waiting[i]->answer = {Verdict::Fail, fmt::format("{}: no answer in {}", waiting[i]->text,
                                                         format_duration(timeout))};
      } else if (woke == Waiter::Woke::Stopped) {
        waiting[i]->answered = true;
        waiting[i]->answer = {Verdict::Unknown, waiting[i]->text + ": told to stop"};
      }
    }
  }
}

// Fail is said before Unknown, and Unknown before Pass.
CheckAnswer sum_up(const std::vector<Attempt>& attempts) {
  CheckAnswer sum{Verdict::Pass, {}};
  for (const Verdict worst : {Verdict::Fail, Verdict::Unknown, Verdict::Pass}) {
    std::vector<std::string> evidence;
    for (const Attempt& attempt : attempts)
      if (attempt.answer.verdict == worst) evidence.push_back(attempt.answer.evidence);
    if (!evidence.empty()) return {worst, fmt::format("{}", fmt::join(evidence, "; "))};
  }
  return sum;
}

class PortCheck final : public Check {
 public:
  PortCheck(std::vector<std::string> addresses, milliseconds timeout, const CheckTools& tools)
      : addresses_(std::move(addresses)), timeout_(timeout), tools_(tools) {}

  CheckAnswer run(const core::Target& target, std::stop_token stop) override {
    const CollectorSpec* collector = tools_.inventory->collector(target);
    const auto& addresses =
        addresses_.empty() && collector != nullptr ? collector->ports : addresses_;
    if (addresses.empty())
      return {Verdict::Unknown, fmt::format("no ports are known for {}", core::key_of(target))};
    if (addresses.size() > kMostAddresses)
      return {Verdict::Unknown, fmt::format("more than {} ports", kMostAddresses)};
    const auto far = far_host(tools_, target);
    if (!far) return {Verdict::Unknown, far.error().message};
    if (*far != nullptr) return check_far_ports(**far, addresses, stop);
    const auto waiter = Waiter::start(timeout_, stop);
    if (!waiter) return {Verdict::Unknown, waiter.error().message};
    std::vector<Attempt> attempts;
    for (const std::string& address : addresses) attempts.push_back(begin(address));
    wait_for(attempts, *waiter, timeout_);
    return sum_up(attempts);
  }

 private:
  std::vector<std::string> addresses_;  // empty: the collector's
  milliseconds timeout_;
  CheckTools tools_;
};

}  // namespace

std::string read_port_check(const YamlMap& arguments) {
  const auto addresses = arguments.strings("addresses");
  if (addresses.size() > kMostAddresses)
    arguments.error("addresses", fmt::format("at most {} addresses", kMostAddresses));
  for (const std::string& address : addresses)
    if (auto parsed = parse_address(address); !parsed)
      arguments.error("addresses", parsed.error().message);
  const auto timeout = arguments.duration("timeout", kTimeout);
  return Json{{"addresses", addresses}, {"timeout_ms", timeout.count()}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Check>> make_port_check(const std::string& arguments,
                                               const CheckTools& tools) {
  try {
    const Json json = Json::parse(arguments);
    return std::make_unique<PortCheck>(json.at("addresses").get<std::vector<std::string>>(),
                                       milliseconds(json.at("timeout_ms").get<std::int64_t>()),
                                       tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of the check port: {}", error.what()));
  }
}

}  // namespace fieldmedic
