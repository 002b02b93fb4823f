#include "exporter/host/statfs_helper.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <array>
#include <cerrno>

#include "exporter/host/statfs_protocol.hpp"

namespace fieldmedic {

int run_statfs_helper() {
  constexpr int kSocket = 0;
  prctl(PR_SET_NAME, "statfs-helper");
  std::array<char, kLongestPath + 1> path{};
  while (true) {
    const ssize_t length = recv(kSocket, path.data(), kLongestPath, 0);
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return length == 0 ? 0 : 1;
    path.at(static_cast<std::size_t>(length)) = '\0';
    StatfsAnswer answer;
    struct statfs found{};
    if (statfs(path.data(), &found) != 0) {
      answer.error = errno;
    } else {
      answer.read_only = (found.f_flags & ST_RDONLY) != 0 ? 1 : 0;
      answer.block_size = static_cast<std::uint64_t>(found.f_bsize);
      answer.blocks = found.f_blocks;
      answer.free_blocks = found.f_bfree;
      answer.available_blocks = found.f_bavail;
      answer.files = found.f_files;
      answer.free_files = found.f_ffree;
    }
    if (send(kSocket, &answer, sizeof answer, MSG_NOSIGNAL) < 0) return 0;  // nobody listens
  }
}

}  // namespace fieldmedic
