#include "remediator/reach/ssh_command.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>
#include <utility>

#include <libssh/callbacks.h>
#include <libssh/libssh.h>

namespace fieldmedic {

namespace {

// RFC 4254 §6.10; of another one -1.
int signal_number(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, int>, 13> kSignals{{{"ABRT", SIGABRT},
                                                                              {"ALRM", SIGALRM},
                                                                              {"FPE", SIGFPE},
                                                                              {"HUP", SIGHUP},
                                                                              {"ILL", SIGILL},
                                                                              {"INT", SIGINT},
                                                                              {"KILL", SIGKILL},
                                                                              {"PIPE", SIGPIPE},
                                                                              {"QUIT", SIGQUIT},
                                                                              {"SEGV", SIGSEGV},
                                                                              {"TERM", SIGTERM},
                                                                              {"USR1", SIGUSR1},
                                                                              {"USR2", SIGUSR2}}};
  const auto* const found =
      std::ranges::find(kSignals, name, &std::pair<std::string_view, int>::first);
  return found == kSignals.end() ? -1 : found->second;
}

}  // namespace

// Called by libssh from C while the session's mutex is held: nothing may be thrown out of here but
// bad_alloc, which ends the process anyway.
struct SshCommand::Callbacks {
  ssh_channel_callbacks_struct table{};

  explicit Callbacks(SshCommand* self) {
    ssh_callbacks_init(&table);
    table.userdata = self;
    table.channel_data_function = on_data;
    table.channel_eof_function = on_eof;
    table.channel_close_function = on_close;
    table.channel_exit_status_function = on_status;
    table.channel_exit_signal_function = on_signal;
  }

  static SshCommand& of(void* self) { return *static_cast<SshCommand*>(self); }

  // Takes all of it, so that the far side is never held up; keeps what the limit allows.
  static int on_data(ssh_session, ssh_channel, void* data, std::uint32_t size, int is_error,
                     void* self) noexcept {
    SshCommand& command = of(self);
    std::string& kept = is_error != 0 ? command.result_.err : command.result_.out;
    const std::size_t room = command.limit_ - std::min(command.limit_, kept.size());
    kept.append(static_cast<const char*>(data), std::min<std::size_t>(size, room));
    return static_cast<int>(size);
  }
  static void on_eof(ssh_session, ssh_channel, void* self) noexcept { of(self).quiet_ = true; }
  static void on_close(ssh_session, ssh_channel, void* self) noexcept { of(self).closed_ = true; }
  static void on_status(ssh_session, ssh_channel, int status, void* self) noexcept {
    of(self).told_ = true;
    of(self).result_.exit_code = status;
  }
  static void on_signal(ssh_session, ssh_channel, const char* signal, int, const char*, const char*,
                        void* self) noexcept {
    of(self).told_ = true;
    of(self).result_.term_signal = signal_number(signal);
  }
};

Result<std::unique_ptr<SshCommand>> SshCommand::make(std::shared_ptr<SshSession> session,
                                                     std::string line, std::size_t output_limit) {
  FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return fail(Errc::Full, "no descriptor left");
  std::unique_ptr<SshCommand> command(
      new SshCommand(std::move(session), std::move(line), output_limit, std::move(wake)));
  if (!command->open_channel()) return fail(Errc::Full, command->last_error());
  return command;
}

SshCommand::SshCommand(std::shared_ptr<SshSession> session, std::string line,
                       std::size_t output_limit, FileDescriptor wake)
    : session_(std::move(session)),
      line_(std::move(line)),
      limit_(output_limit),
      wake_(std::move(wake)),
      callbacks_(std::make_unique<Callbacks>(this)) {}

bool SshCommand::open_channel() {
  const std::lock_guard lock(session_->mutex());
  channel_ = ssh_channel_new(session_->get());
  if (channel_ == nullptr) return false;
  ssh_set_channel_callbacks(channel_, &callbacks_->table);
  session_->add_waiting(wake_.get());
  return true;
}

SshCommand::~SshCommand() {
  const std::lock_guard lock(session_->mutex());
  session_->remove_waiting(wake_.get());
  if (channel_ == nullptr) return;
  ssh_remove_channel_callbacks(channel_, &callbacks_->table);
  ssh_channel_free(channel_);  // asks the far side to close it
}

SshCommand::Progress SshCommand::advance() {
  const std::lock_guard lock(session_->mutex());
  if (!session_->handle_arrived()) return told_ ? Progress::Ended : Progress::Lost;
  if (stage_ == Stage::Running) return outcome();
  const Progress progress = begin();  // which reads as well
  session_->wake_waiting();
  return progress;
}

// Each of these calls goes on where it was when it is made again.
SshCommand::Progress SshCommand::begin() {
  if (stage_ == Stage::Opening) {
    const int opened = ssh_channel_open_session(channel_);
    if (opened == SSH_AGAIN) return Progress::Waits;
    if (opened != SSH_OK) return refused_or_lost();
    stage_ = Stage::Asking;
  }
  const int asked = ssh_channel_request_exec(channel_, line_.c_str());
  if (asked == SSH_AGAIN) return Progress::Waits;
  if (asked != SSH_OK) return refused_or_lost();
  stage_ = Stage::Running;
  (void)ssh_channel_send_eof(channel_);  // its stdin; when this fails the connection is lost
  return outcome();
}

SshCommand::Progress SshCommand::refused_or_lost() {
  if (ssh_is_connected(session_->get()) != 0) return Progress::Refused;
  session_->give_up();
  return Progress::Lost;
}

SshCommand::Progress SshCommand::outcome() const {
  if (told_) return quiet_ || closed_ ? Progress::Ended : Progress::Told;
  return closed_ ? Progress::Lost : Progress::Waits;
}

std::size_t SshCommand::kept() const {
  const std::lock_guard lock(session_->mutex());
  return result_.out.size() + result_.err.size();
}

Waiter::Woke SshCommand::wait(const Waiter& waiter) {
  std::array<pollfd, 2> polled{};
  {
    const std::lock_guard lock(session_->mutex());
    if (!session_->alive()) return Waiter::Woke::Ready;
    polled[0] = {session_->descriptor(), session_->events(), 0};
  }
  polled[1] = {wake_.get(), POLLIN, 0};
  const auto woke = waiter.wait(polled);
  eventfd_t count = 0;
  (void)eventfd_read(wake_.get(), &count);  // nothing to read is as good
  return woke;
}

void SshCommand::ask_to_end() {
  const std::lock_guard lock(session_->mutex());
  if (stage_ == Stage::Running && session_->alive())
    (void)ssh_channel_request_send_signal(channel_, "TERM");  // has no answer (RFC 4254 §6.9)
}

void SshCommand::give_up_session() {
  const std::lock_guard lock(session_->mutex());
  session_->give_up();
}

std::string SshCommand::last_error() {
  const std::lock_guard lock(session_->mutex());
  return session_->last_error();
}

}  // namespace fieldmedic
