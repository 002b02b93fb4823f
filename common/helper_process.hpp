// A process of ours that does what may hang or end the process that does it, and the socket to it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "common/file_descriptor.hpp"
#include "common/result.hpp"

namespace fieldmedic {

struct HelperProgram {
  enum class Socket { Packets, Stream };  // SOCK_SEQPACKET, SOCK_STREAM

  std::filesystem::path program;
  std::string name;  // its argv[0]
  std::string verb;  // its only argument
  Socket socket = Socket::Packets;
};

// Not thread-safe but for socket() and pid().
class HelperProcess {
 public:
  // With the socket as descriptor 0, /dev/null as 1 and 2 and no other, no signal blocked, without
  // environment, in a process group of its own (Ctrl-C in a terminal is not for it). Errc::
  // Unavailable: it cannot be started.
  [[nodiscard]] static Result<std::unique_ptr<HelperProcess>> start(const HelperProgram& program);
  // end(), and 100 ms to go; in the kernel's hands it stays behind as a zombie until we end.
  ~HelperProcess();
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;

  void end();                  // SIGKILL; does not wait
  [[nodiscard]] bool ended();  // all of it, and waited for
  // Shuts the socket down, which tells it to end, and waits for that: ended().
  [[nodiscard]] bool dismiss(std::chrono::milliseconds patience);
  // Of one whose end of the socket closed, which is given 2 s to go: "was ended by signal 6",
  // "exited with 0", "closed its socket".
  [[nodiscard]] std::string last_words();
  // Ours: an answer to be read, or its end.
  [[nodiscard]] int socket() const { return socket_.get(); }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  HelperProcess(pid_t pid, FileDescriptor socket);
  [[nodiscard]] bool ended_within(std::chrono::milliseconds patience);

  pid_t pid_;
  bool reaped_ = false;
  int status_ = 0;  // of waitpid
  FileDescriptor socket_;
};

}  // namespace fieldmedic
