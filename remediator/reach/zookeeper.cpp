#include "remediator/reach/zookeeper.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/helper_process.hpp"
#include "remediator/reach/waiter.hpp"
#include "remediator/reach/zookeeper_helper.hpp"
#include "remediator/reach/zookeeper_wire.hpp"

namespace fieldmedic {

namespace {

using Verb = ZookeeperQuestion::Verb;

constexpr std::size_t kLongestPath = 2'048;  // bytes
// To close its session; one that is left open costs the servers its memory for some seconds.
constexpr std::chrono::milliseconds kParting{500};

}  // namespace

// One helper and the questions to it. Whatever goes wrong between us ends it: what it would say
// next is not known to belong to what is asked next.
class ZookeeperSession::Helper {
 public:
  Helper(Waiter until, std::unique_ptr<HelperProcess> process)
      : waiter_(std::move(until)), process_(std::move(process)) {}
  ~Helper() {
    if (process_ == nullptr) return;
    // One that takes longer is killed with its owner.
    [[maybe_unused]] const bool gone = process_->dismiss(kParting);
  }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  // The servers' own errors are in the answer.
  Result<ZookeeperAnswer> ask(ZookeeperQuestion question) {
    if (!process_) return fail(Errc::Io, "ZooKeeper: the process that asked it is gone");
    question.number = ++asked_;
    auto answer = exchange(encode(question));
    if (answer && answer->number == question.number) return answer;
    process_.reset();
    if (!answer) return answer;
    return fail(Errc::Malformed, "ZooKeeper: the process that asks it answered something else");
  }

 private:
  Result<ZookeeperAnswer> exchange(const std::string& frame) {
    if (auto sent = send_all(frame); !sent) return fail(sent.error());
    std::string text(kFrameHead, '\0');
    if (auto got = receive_all(text); !got) return fail(got.error());
    const auto size = frame_size(text);
    if (!size) return in_words(size.error());
    text.resize(*size);
    if (auto got = receive_all(text); !got) return fail(got.error());
    auto answer = decode_answer(text);
    if (!answer) return in_words(answer.error());
    return answer;
  }

  Status send_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent =
          send(process_->socket(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      if (auto goes_on = look_at(sent, POLLOUT); !goes_on) return goes_on;
    }
    return {};
  }

  Status receive_all(std::string& bytes) {
    for (std::size_t have = 0; have < bytes.size();) {
      const ssize_t got =
          recv(process_->socket(), bytes.data() + have, bytes.size() - have, MSG_DONTWAIT);
      if (got > 0) have += static_cast<std::size_t>(got);
      if (auto goes_on = look_at(got, POLLIN); !goes_on) return goes_on;
    }
    return {};
  }

  // What came of a send or recv, waiting for `events` when nothing could.
  Status look_at(ssize_t moved, short events) {
    if (moved > 0 || (moved < 0 && errno == EINTR)) return {};
    if (moved == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
      return fail(Errc::Io, fmt::format("ZooKeeper: the process that asks it {} before it answered",
                                        process_->last_words()));
    pollfd socket{.fd = process_->socket(), .events = events, .revents = 0};
    switch (waiter_.wait({&socket, 1})) {
      case Waiter::Woke::Ready: return {};
      case Waiter::Woke::Deadline: return fail(Errc::Timeout, "ZooKeeper: no answer in time");
      case Waiter::Woke::Stopped: return fail(Errc::Cancelled, "ZooKeeper: cancelled");
    }
    return fail(Errc::Timeout, "ZooKeeper: no answer in time");
  }

  static std::unexpected<Error> in_words(const Error& error) {
    return wrap(error, "ZooKeeper: the process that asks it");
  }

  Waiter waiter_;
  std::unique_ptr<HelperProcess> process_;  // null once something went wrong
  std::uint64_t asked_ = 0;
};

ZookeeperSession::ZookeeperSession(std::unique_ptr<Helper> helper) : helper_(std::move(helper)) {}
ZookeeperSession::ZookeeperSession(ZookeeperSession&&) noexcept = default;
ZookeeperSession& ZookeeperSession::operator=(ZookeeperSession&&) noexcept = default;
ZookeeperSession::~ZookeeperSession() = default;

Result<ZookeeperSession> ZookeeperSession::open(const ZookeeperAccess& access,
                                                const std::filesystem::path& program,
                                                std::chrono::milliseconds timeout,
                                                const std::stop_token& stop) {
  auto waiter = Waiter::start(timeout, stop);
  if (!waiter) return fail(waiter.error());
  auto process = HelperProcess::start({.program = program,
                                       .name = "fieldmedic-remediator",
                                       .verb = std::string(kZookeeperHelperVerb),
                                       .socket = HelperProgram::Socket::Stream});
  if (!process) return wrap(std::move(process.error()), "ZooKeeper");
  auto helper = std::make_unique<Helper>(*std::move(waiter), *std::move(process));
  auto opened = helper->ask({.verb = Verb::Open, .access = access, .timeout = timeout});
  // Nothing that changes anything was asked for yet, so whatever became of the helper is no matter.
  if (!opened && opened.error().code == Errc::Timeout)
    return fail(Errc::Unavailable, fmt::format("ZooKeeper: no session with any of {}",
                                               fmt::join(access.servers, ",")));
  if (!opened && opened.error().code != Errc::Cancelled)
    return fail(Errc::Unavailable, std::move(opened.error().message));
  if (!opened) return fail(std::move(opened.error()));
  if (!opened->done) return fail(std::move(opened->done.error()));
  return ZookeeperSession(std::move(helper));
}

Status ZookeeperSession::ask_quorum(const std::string& path) {
  auto answer = helper_->ask({.verb = Verb::AskQuorum, .path = path});
  if (!answer) return fail(std::move(answer.error()));
  return std::move(answer->done);
}

Result<ZookeeperNode> ZookeeperSession::get(const std::string& path) {
  auto answer = helper_->ask({.verb = Verb::Get, .path = path});
  if (!answer) return fail(std::move(answer.error()));
  if (!answer->done) return fail(std::move(answer->done.error()));
  return std::move(answer->node);
}

Result<std::vector<std::string>> ZookeeperSession::children(const std::string& path) {
  auto answer = helper_->ask({.verb = Verb::Children, .path = path});
  if (!answer) return fail(std::move(answer.error()));
  if (!answer->done) return fail(std::move(answer->done.error()));
  return std::move(answer->names);
}

Status ZookeeperSession::order(const std::vector<ZookeeperOrder>& orders) {
  auto answer = helper_->ask({.verb = Verb::Order, .orders = orders});
  if (!answer) return fail(std::move(answer.error()));
  return std::move(answer->done);
}

std::string zookeeper_parent(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

bool is_zookeeper_path(const std::string& path) {
  return path.starts_with('/') && path.size() > 1 && path.size() < kLongestPath &&
         !path.ends_with('/') && path.find("//") == std::string::npos &&
         path.find("/./") == std::string::npos && path.find("/../") == std::string::npos &&
         !path.ends_with("/.") && !path.ends_with("/..") &&
         std::ranges::all_of(path, [](unsigned char c) { return c >= ' ' && c != 0x7f; });
}

}  // namespace fieldmedic
