// One helper process and the socket to it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "common/file_descriptor.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// Not thread-safe but for socket().
class HelperProcess {
 public:
  // Starts `program --file-helper` with the socket as descriptor 0 and no other, no signal blocked,
  // without environment, in a process group of its own (Ctrl-C in a terminal is not for it).
  [[nodiscard]] static Result<std::unique_ptr<HelperProcess>> start(
      const std::filesystem::path& program);
  // end(), and 100 ms to go; in the kernel's hands it stays behind as a zombie until we end.
  ~HelperProcess();
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;

  void end();                                                 // SIGKILL; does not wait
  [[nodiscard]] bool ended();                                 // all of it, and waited for
  [[nodiscard]] int socket() const { return socket_.get(); }  // readable: an answer, or its end
  [[nodiscard]] pid_t pid() const { return pid_; }
  // Neither waits. Errc::Full: not now, there is more under way than the socket holds;
  // Errc::Unavailable: the helper is gone.
  [[nodiscard]] Status send(std::string_view message);
  // One message, valid until the next. Errc::Timeout: nothing has come; Errc::Unavailable: the
  // helper is gone.
  [[nodiscard]] Result<std::string_view> receive();

 private:
  HelperProcess(pid_t pid, FileDescriptor socket);
  pid_t pid_;
  bool reaped_ = false;
  FileDescriptor socket_;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace fieldmedic
