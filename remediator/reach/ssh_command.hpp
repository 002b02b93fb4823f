// One command on a session: a channel, what it prints, how it ends. Internal to reach/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/file_descriptor.hpp"
#include "common/process_runner.hpp"
#include "remediator/reach/ssh_session.hpp"

struct ssh_channel_struct;

namespace fieldmedic {

// For one thread; takes the session's mutex itself. Never moves: libssh keeps a pointer to it.
class SshCommand {
 public:
  // Errc::Full: no descriptor or memory left.
  [[nodiscard]] static Result<std::unique_ptr<SshCommand>> make(std::shared_ptr<SshSession> session,
                                                                std::string line,
                                                                std::size_t output_limit);
  ~SshCommand();  // closes the channel; what runs over there is not ended by that
  SshCommand(const SshCommand&) = delete;
  SshCommand& operator=(const SshCommand&) = delete;

  enum class Progress {
    Waits,    // for something to arrive
    Told,     // how it ended is known, something may yet print
    Ended,    // all of it is known
    Refused,  // the far side runs no commands for us; nothing ran
    Lost,     // the connection, or the channel without a word of how it ended
  };
  // Does what can be done without waiting.
  [[nodiscard]] Progress advance();
  // Until something arrives, for this command or for another that reads for it.
  [[nodiscard]] Waiter::Woke wait(const Waiter& waiter);

  // Whether the far side may have begun to run it.
  [[nodiscard]] bool sent() const { return stage_ > Stage::Opening; }
  // Asks for a SIGTERM over there. Not every sshd does as asked.
  void ask_to_end();
  // Ends the whole connection: it does not answer.
  void give_up_session();
  [[nodiscard]] std::string last_error();
  // Bytes of what it has printed, without what was thrown away.
  [[nodiscard]] std::size_t kept() const;
  [[nodiscard]] ProcessResult take() { return std::move(result_); }

 private:
  enum class Stage { Opening, Asking, Running };
  struct Callbacks;

  SshCommand(std::shared_ptr<SshSession> session, std::string line, std::size_t output_limit,
             FileDescriptor wake);
  [[nodiscard]] bool open_channel();
  [[nodiscard]] Progress begin();
  [[nodiscard]] Progress refused_or_lost();
  [[nodiscard]] Progress outcome() const;

  std::shared_ptr<SshSession> session_;
  std::string line_;
  std::size_t limit_;
  FileDescriptor wake_;
  ssh_channel_struct* channel_ = nullptr;
  std::unique_ptr<Callbacks> callbacks_;
  Stage stage_ = Stage::Opening;
  bool told_ = false;    // exit status or signal
  bool quiet_ = false;   // end of output
  bool closed_ = false;  // by the far side
  ProcessResult result_;
};

}  // namespace fieldmedic
