// A process held by a pidfd, so that a reused pid is never signalled (pidfd_open(2)).
#pragma once

#include <filesystem>

#include "common/file_descriptor.hpp"
#include "common/process_table.hpp"
#include "common/result.hpp"

namespace fieldmedic {

class ProcessHandle {
 public:
  // Opens the pid, then reads its start time again: whatever the pidfd names is what was seen.
  // Errc::NotFound: it is gone, the pid is free or another's. Errc::Io: no descriptor left.
  [[nodiscard]] static Result<ProcessHandle> open(const std::filesystem::path& procfs,
                                                  ProcessIdentity identity);

  // Errc::NotFound: it has ended. Errc::Denied: not ours to signal.
  [[nodiscard]] Status signal(int number) const;

  // Readable once the process has ended, reaped or not.
  [[nodiscard]] int descriptor() const { return pidfd_.get(); }
  [[nodiscard]] bool ended() const;
  [[nodiscard]] ProcessIdentity identity() const { return identity_; }

 private:
  ProcessHandle(FileDescriptor pidfd, ProcessIdentity identity)
      : pidfd_(std::move(pidfd)), identity_(identity) {}

  FileDescriptor pidfd_;
  ProcessIdentity identity_;
};

}  // namespace fieldmedic
