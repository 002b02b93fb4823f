// One file helper and the messages to and from it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string_view>

#include "common/helper_process.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// Not thread-safe but for socket() and pid().
class FileHelperLink {
 public:
  // Starts `program --file-helper` (common/helper_process.hpp).
  [[nodiscard]] static Result<std::unique_ptr<FileHelperLink>> start(
      const std::filesystem::path& program);

  void end() { process_->end(); }                           // SIGKILL; does not wait
  [[nodiscard]] bool ended() { return process_->ended(); }  // all of it, and waited for
  // Readable: an answer, or its end.
  [[nodiscard]] int socket() const { return process_->socket(); }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }
  // Neither waits. Errc::Full: not now, there is more under way than the socket holds;
  // Errc::Unavailable: the helper is gone.
  [[nodiscard]] Status send(std::string_view message);
  // One message, valid until the next. Errc::Timeout: nothing has come; Errc::Unavailable: the
  // helper is gone.
  [[nodiscard]] Result<std::string_view> receive();

 private:
  explicit FileHelperLink(std::unique_ptr<HelperProcess> process);

  std::unique_ptr<HelperProcess> process_;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace fieldmedic
