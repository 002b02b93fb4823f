#include "remediator/reach/ssh_connection.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "common/file_descriptor.hpp"
#include "remediator/reach/shell_words.hpp"
#include "remediator/reach/ssh_command.hpp"
#include "remediator/reach/ssh_session.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using std::chrono::milliseconds;
using Progress = SshCommand::Progress;

constexpr milliseconds kFirstPause{250};
constexpr milliseconds kLongestPause{5'000};
constexpr std::uint32_t kMostDoublings = 5;  // enough for the longest pause
// What is left of the output once the program has ended comes over a slow link in pieces, each
// within a moment; at most so many moments, since a grandchild may hold it open and print for ever.
constexpr milliseconds kMoment{500};
constexpr int kMostMoments = 10;
// The far shell gets the line as one argument, of which Linux takes 128 KiB.
constexpr std::size_t kLongestLine = 128 * 1024 - 1;

bool holds_nul(const std::string& text) {
  return text.contains('\0');
}

bool is_variable(const std::string& text) {
  const auto equals = text.find('=');
  return equals != std::string::npos && equals != 0;
}

// The shell is replaced, so that the exit code and the signal are the program's own.
Result<std::string> line_of(const Command& command) {
  const auto refuse = [](std::string why) { return fail(Errc::Invalid, std::move(why)); };
  if (command.argv.empty() || command.argv.front().empty()) return refuse("no program to run");
  // It would be taken for a variable, or for an option.
  if (command.argv.front().contains('=') || command.argv.front().starts_with('-'))
    return refuse(fmt::format("'{}' is not the name of a program", command.argv.front()));
  std::vector<std::string> words{
      "exec", "/usr/bin/env", "-i",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C"};
  words.insert(words.end(), command.environment.begin(), command.environment.end());
  words.insert(words.end(), command.argv.begin(), command.argv.end());
  if (std::ranges::any_of(words, holds_nul)) return refuse("an argument holds a NUL");
  if (!std::ranges::all_of(command.environment, is_variable))
    return refuse("the environment takes NAME=value");
  std::string line = shell_words(words);
  if (line.size() >= kLongestLine) return refuse("the arguments are longer than 128 KiB");
  return line;
}

std::unexpected<Error> say(Errc code, const SshAccess& access, std::string_view what) {
  return fail(code, fmt::format("SSH to {}: {}", access.name(), what));
}

// After what has arrived was looked at.
bool is_alive(SshSession& session) {
  const std::lock_guard lock(session.mutex());
  return session.handle_arrived();
}

// What a command that did not come to its end is answered with.
std::unexpected<Error> cut_off(SshCommand& command, const SshAccess& access, Waiter::Woke why) {
  const bool in_time = why != Waiter::Woke::Deadline;
  if (!command.sent()) {
    if (!in_time) command.give_up_session();  // it does not even open a channel
    return say(Errc::Unavailable, access,
               in_time ? "told to stop, nothing was run" : "no answer in time, nothing was run");
  }
  command.ask_to_end();
  return say(in_time ? Errc::Cancelled : Errc::Timeout, access,
             in_time ? "told to stop while the command ran, which may still run over there"
                     : "the command has not ended in time, and may still run over there");
}

// Whether there may be more after a moment in which something was printed.
bool read_for_a_moment(SshCommand& command, const std::stop_token& stop) {
  const std::size_t before = command.kept();
  const auto waiter = Waiter::start(kMoment, stop);
  if (!waiter) return false;
  Waiter::Woke woke = Waiter::Woke::Ready;
  while ((woke = command.wait(*waiter)) == Waiter::Woke::Ready)
    if (command.advance() != Progress::Told) return false;
  return woke == Waiter::Woke::Deadline && command.kept() > before;
}

// Once the end is told.
void read_last(SshCommand& command, const std::stop_token& stop) {
  for (int moments = 0; moments < kMostMoments && read_for_a_moment(command, stop);) ++moments;
}

Result<ProcessResult> follow(SshCommand& command, const SshAccess& access, const Waiter& waiter,
                             const std::stop_token& stop) {
  for (;;) {
    switch (command.advance()) {
      case Progress::Waits: break;
      case Progress::Told: read_last(command, stop); return command.take();
      case Progress::Ended: return command.take();
      case Progress::Refused:
        return say(Errc::Denied, access,
                   fmt::format("no command was run: {}", command.last_error()));
      case Progress::Lost:
        if (command.sent())
          return say(Errc::Io, access, "the connection was lost while the command ran");
        return say(Errc::Unavailable, access, "the connection was lost, nothing was run");
    }
    if (const auto woke = command.wait(waiter); woke != Waiter::Woke::Ready)
      return cut_off(command, access, woke);
  }
}

}  // namespace

SshConnection::SshConnection(SshAccess access, const Clock& clock)
    : access_(std::move(access)), clock_(clock) {}

SshConnection::~SshConnection() = default;

Result<ProcessResult> SshConnection::run(const Command& command, std::stop_token stop) {
  const auto line = line_of(command);
  if (!line) return fail(line.error());
  const Deadline until{clock_.steady() + command.timeout, stop};
  const auto waiter = Waiter::start(command.timeout, stop);
  if (!waiter) return say(Errc::Full, access_, waiter.error().message);
  // A kept connection may turn out to be dead only when it is used: once more then, on a new one.
  for (int tries = 0;; ++tries) {
    if (waiter->pause(milliseconds(0)) != Waiter::Woke::Ready)
      return say(Errc::Unavailable, access_, "no time was left, nothing was run");
    auto logged_in = session(*waiter, until);
    if (!logged_in) return fail(logged_in.error());
    auto made = SshCommand::make(*logged_in, *line, command.output_limit);
    if (!made) return fail(made.error());
    auto result = follow(**made, access_, *waiter, stop);
    if (result || (*made)->sent() || is_alive(**logged_in) || tries > 0) return result;
  }
}

Result<std::shared_ptr<SshSession>> SshConnection::session(const Waiter& waiter,
                                                           const Deadline& until) {
  const FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return say(Errc::Full, access_, "no descriptor left");
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (session_ != nullptr && is_alive(*session_)) return session_;
      if (!connecting_) {
        if (clock_.steady() < next_try_)
          return fail(last_failure_.code, last_failure_.message + " (a moment ago)");
        connecting_ = true;
        break;
      }
      waiting_.push_back(wake.get());
    }
    pollfd polled{wake.get(), POLLIN, 0};
    const auto woke = waiter.wait({&polled, 1});
    const std::lock_guard lock(mutex_);
    std::erase(waiting_, wake.get());
    if (woke != Waiter::Woke::Ready)
      return say(Errc::Unavailable, access_, "not connected in time, nothing was run");
  }
  return connect(until);
}

// The one that connects; the others wait for it.
Result<std::shared_ptr<SshSession>> SshConnection::connect(const Deadline& until) {
  const auto left = std::chrono::ceil<milliseconds>(until.at - clock_.steady());
  auto waiter = Waiter::start(std::min(left, access_.connect_timeout), until.stop);
  auto made =
      waiter
          ? SshSession::connect(access_, *waiter)
          : Result<std::shared_ptr<SshSession>>(say(Errc::Full, access_, waiter.error().message));
  const std::lock_guard lock(mutex_);
  connecting_ = false;
  if (made) {
    session_ = *made;
    failures_ = 0;
    next_try_ = {};
  } else if (made.error().code == Errc::Cancelled) {
    made.error().code = Errc::Unavailable;  // nothing was run; no word about the host either
  } else {
    last_failure_ = made.error();
    const milliseconds pause = kFirstPause * (1U << std::min(failures_, kMostDoublings));
    next_try_ = clock_.steady() + std::min(pause, kLongestPause);
    ++failures_;
  }
  // Cannot fail: such a counter holds 2^64 - 2.
  for (const int wake : waiting_) (void)eventfd_write(wake, 1);
  return made;
}

}  // namespace fieldmedic
