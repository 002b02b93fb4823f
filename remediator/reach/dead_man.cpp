#include "remediator/reach/dead_man.hpp"

#include <utility>

#include "remediator/reach/dead_man_socket.hpp"
#include "remediator/reach/detached_start.hpp"

namespace fieldmedic {

namespace {

constexpr std::chrono::milliseconds kAgain{5};

// Waits for its next word. Errc::NotFound: it went away.
Result<std::string> hear(const FileDescriptor& peer, const Waiter& waiter) {
  pollfd polled{peer.get(), POLLIN, 0};
  switch (waiter.wait({&polled, 1})) {
    case Waiter::Woke::Ready: break;
    case Waiter::Woke::Deadline: return fail(Errc::Timeout, "the dead man says nothing");
    case Waiter::Woke::Stopped: return fail(Errc::Cancelled, "told to stop");
  }
  auto word = take_word(peer);
  if (!word) return fail(Errc::NotFound, "the dead man went away");
  return *std::move(word);
}

}  // namespace

Status arm_dead_man(const DeadManOrder& order, const Waiter& waiter) {
  const auto pid =
      start_detached({{order.program.string(), kDeadManVerb, order.attempt,
                       std::to_string(order.after.count()), switch_json(order.planned)},
                      "/",
                      {}});
  if (!pid) return wrap(pid.error(), "dead man");
  for (;;) {
    if (const auto peer = reach_dead_man(order.attempt); peer && *peer) {
      if (pid_of_peer(*peer) != *pid)
        return fail(Errc::Conflict, "another listens in the place of the dead man");
      const auto word = hear(*peer, waiter);
      if (!word) return fail(word.error());
      if (*word == kArmed) return {};
      return fail(Errc::Malformed, "the dead man says something else than that it is armed");
    }
    switch (waiter.pause(kAgain)) {
      case Waiter::Woke::Ready: break;
      case Waiter::Woke::Deadline: return fail(Errc::Timeout, "the dead man was not armed in time");
      case Waiter::Woke::Stopped: return fail(Errc::Cancelled, "told to stop");
    }
  }
}

Result<StoodDown> stand_down(const std::string& attempt, const Waiter& waiter) {
  for (;;) {
    const auto peer = reach_dead_man(attempt);
    if (!peer) return fail(peer.error());
    if (!*peer) return StoodDown::Gone;
    if (!say_word(*peer, kStandDown)) continue;
    auto word = hear(*peer, waiter);
    while (word && *word != kDown) word = hear(*peer, waiter);
    if (word) return StoodDown::Told;
    // It ended, or took another visitor in our place: ask again.
    if (word.error().code != Errc::NotFound) return fail(word.error());
  }
}

}  // namespace fieldmedic
