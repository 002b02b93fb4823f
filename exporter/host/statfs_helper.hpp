// Asking for the space of a file system can hang for ever (a dead NFS server), and a thread that
// hangs in the kernel keeps the sockets of its process. So a process of its own asks: it holds one
// descriptor, the socket to us, and ends when that closes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// The one argument that makes fieldmedic-exporter such a helper.
inline constexpr std::string_view kStatfsHelperFlag = "--statfs-helper";

// Serves requests on descriptor 0 until it closes; the exit code of the process.
[[nodiscard]] int run_statfs_helper();

struct FilesystemSpace {
  std::uint64_t block_size = 0;  // bytes
  std::uint64_t blocks = 0;
  std::uint64_t free_blocks = 0;
  std::uint64_t available_blocks = 0;  // to users other than root
  std::uint64_t files = 0;
  std::uint64_t free_files = 0;
  bool read_only = false;
};

// Who answers for the file systems. Not thread-safe.
class StatfsClient {
 public:
  using Answers = std::vector<Result<FilesystemSpace>>;

  virtual ~StatfsClient() = default;
  // One answer a path, in order. Errc::Timeout there: not answered by the deadline, or still not
  // answered since an earlier call; another Errc is what statfs said. At most one request a path is
  // under way, so a path that hangs is not asked again before its helper has answered. The outer
  // error: no helper can be started.
  [[nodiscard]] virtual Result<Answers> ask(std::span<const std::string> paths,
                                            SteadyTime deadline) = 0;
};

// Starts helpers from `program` when first needed: one serves all paths; a path that keeps it for
// 200 ms is left with it and the rest goes to another, at most eight in all. The destructor ends
// them with SIGKILL and waits a moment; one that hangs in the kernel is left behind.
[[nodiscard]] std::unique_ptr<StatfsClient> make_statfs_client(std::filesystem::path program,
                                                               const Clock& clock);

}  // namespace fieldmedic
