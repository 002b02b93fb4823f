// The dead man's own side (dead_man.hpp): one thread that waits for its time or a word.
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "remediator/reach/dead_man.hpp"
#include "remediator/reach/dead_man_socket.hpp"

namespace fieldmedic {

namespace {

constexpr int kExitUsage = 64;
constexpr int kExitNotArmed = 1;
constexpr int kExitNotPutBack = 2;
constexpr int kMostTries = 60;
constexpr int kBetweenTriesMs = 1'000;

struct Told {
  std::string attempt;
  std::chrono::milliseconds after{};
  RouteSwitch planned;
};

std::optional<Told> told_by(int argc, const char* const* argv) {
  constexpr int kArguments = 5;
  if (argc != kArguments) return std::nullopt;
  Told told;
  told.attempt = argv[2];
  const std::string_view time(argv[3]);
  std::int64_t after = 0;
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), after);
  if (error != std::errc() || end != time.data() + time.size() || after <= 0) return std::nullopt;
  told.after = std::chrono::milliseconds(after);
  auto planned = parse_switch(argv[4]);
  if (!planned) return std::nullopt;
  told.planned = *std::move(planned);
  return told;
}

FileDescriptor timer_of(std::chrono::milliseconds after) {
  FileDescriptor timer(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  itimerspec at{};
  at.it_value.tv_sec = std::chrono::floor<std::chrono::seconds>(after).count();
  at.it_value.tv_nsec = (after % std::chrono::seconds(1)).count() * 1'000'000;
  if (timer && timerfd_settime(timer.get(), 0, &at, nullptr) != 0) return FileDescriptor();
  return timer;
}

// Readable when we are told to end: then we put back at once, since nobody will later.
FileDescriptor endings() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return FileDescriptor(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

enum class Woke { TimeIsUp, StoodDown };

// One visitor at a time; the next takes its place, so that a silent one holds nobody up.
Woke wait_for_word(const FileDescriptor& listener, const FileDescriptor& timer,
                   const FileDescriptor& ended) {
  FileDescriptor visitor;
  for (;;) {
    std::array<pollfd, 4> polled{pollfd{timer.get(), POLLIN, 0}, pollfd{ended.get(), POLLIN, 0},
                                 pollfd{listener.get(), POLLIN, 0},
                                 pollfd{visitor ? visitor.get() : -1, POLLIN, 0}};
    if (poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled[0].revents != 0 || polled[1].revents != 0) return Woke::TimeIsUp;
    if (polled[3].revents != 0) {
      const auto word = take_word(visitor);
      if (word && *word == kStandDown) {
        // Whether it is heard or not, it is done.
        [[maybe_unused]] const bool heard = say_word(visitor, kDown);
        return Woke::StoodDown;
      }
      visitor = FileDescriptor();
    }
    if (polled[2].revents != 0) {
      FileDescriptor next(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (next && is_trusted(next) && say_word(next, kArmed)) visitor = std::move(next);
    }
  }
}

int put_back(const RouteSwitch& planned) {
  for (int tries = 0; tries < kMostTries; ++tries) {
    const auto back = put_switch_back(planned);
    if (back) return 0;
    if (back.error().code == Errc::Conflict) break;  // somebody else changed it: theirs to mend
    poll(nullptr, 0, kBetweenTriesMs);
  }
  return kExitNotPutBack;
}

}  // namespace

int run_dead_man(int argc, const char* const* argv) {
  const auto told = told_by(argc, argv);
  if (!told) return kExitUsage;
  const auto ended = endings();
  const auto timer = timer_of(told->after);
  const auto listener = listen_as_dead_man(told->attempt);
  if (!ended || !timer || !listener) return kExitNotArmed;
  switch (wait_for_word(*listener, timer, ended)) {
    case Woke::StoodDown: return 0;
    case Woke::TimeIsUp: return put_back(told->planned);
  }
  return kExitNotPutBack;
}

}  // namespace fieldmedic
