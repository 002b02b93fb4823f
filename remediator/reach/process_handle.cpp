#include "remediator/reach/process_handle.hpp"

#include <poll.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>

namespace fieldmedic {

Result<ProcessHandle> ProcessHandle::open(const std::filesystem::path& procfs,
                                          ProcessIdentity identity) {
  // By number: glibc 2.36 names these calls, but its header cannot be included by clang 19.
  FileDescriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, identity.pid, 0U)));
  if (!pidfd && (errno == ESRCH || errno == EINVAL))
    return fail(Errc::NotFound, fmt::format("pid {} is gone", identity.pid));
  if (!pidfd)
    return fail(Errc::Io, fmt::format("pidfd_open {}: {}", identity.pid, std::strerror(errno)));
  const auto now = read_process(procfs, identity.pid);
  if (!now) return fail(now.error());
  if (now->identity != identity)
    return fail(Errc::NotFound, fmt::format("pid {} is another process by now", identity.pid));
  return ProcessHandle(std::move(pidfd), identity);
}

Status ProcessHandle::signal(int number) const {
  if (syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0U) == 0) return {};
  if (errno == ESRCH) return fail(Errc::NotFound, fmt::format("pid {} has ended", identity_.pid));
  return fail(Errc::Denied,
              fmt::format("signal {} to pid {}: {}", number, identity_.pid, std::strerror(errno)));
}

bool ProcessHandle::ended() const {
  pollfd one{pidfd_.get(), POLLIN, 0};
  return poll(&one, 1, 0) == 1;
}

}  // namespace fieldmedic
