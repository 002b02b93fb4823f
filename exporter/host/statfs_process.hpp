// One helper process and the socket to it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "common/result.hpp"
#include "exporter/host/statfs_helper.hpp"

namespace fieldmedic {

// Not thread-safe. Requests are answered in order; here at most one is under way.
class StatfsProcess {
 public:
  // Starts `program --statfs-helper` with the socket as descriptor 0 and no other, no signal
  // blocked, in a process group of its own (Ctrl-C in a terminal is not for it).
  [[nodiscard]] static Result<std::unique_ptr<StatfsProcess>> start(
      const std::filesystem::path& program);
  // SIGKILL, and 100 ms to go; in the kernel's hands it stays behind as a zombie until we end.
  ~StatfsProcess();
  StatfsProcess(const StatfsProcess&) = delete;
  StatfsProcess& operator=(const StatfsProcess&) = delete;

  [[nodiscard]] int socket() const { return socket_; }  // readable: an answer, or its end
  [[nodiscard]] pid_t pid() const { return pid_; }
  Status send(const std::string& path);
  // Does not wait. Outer error: the helper is gone (Unavailable) or has not answered yet (Timeout);
  // inner: what statfs said.
  [[nodiscard]] Result<Result<FilesystemSpace>> receive();

 private:
  StatfsProcess(pid_t pid, int socket) : pid_(pid), socket_(socket) {}
  pid_t pid_;
  int socket_;
};

}  // namespace fieldmedic
