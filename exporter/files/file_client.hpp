// Files and mounts that may hang, touched by a process of their own.
//
// A thread stuck in the kernel (a dead NFS server, a stopped FUSE daemon) cannot be ended, and it
// keeps the sockets of its process open. So the exporter's own threads touch only /proc, /sys and
// its own configuration; everything that a user declares is asked of a helper process that holds
// one descriptor, the socket to us.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"

namespace fieldmedic {

enum class FileVerb : std::uint8_t {
  Statfs,  // space of the file system that holds `path`
  Stat,    // of `path`, symbolic links followed
  Read,    // up to `bytes` of a regular file from `offset` on
  Follow,  // as Read, of the file `device`, `inode` that an earlier Follow found at `path`,
           // whatever is there now; both 0: of what is there now, which is kept open from then on
  Forget,  // closes that file
  Find,    // in the folder `path`: the name of the file with `device` and `inode`
  List,    // of the folder `path`: the names from entry number `offset` on
  Digest,  // SHA-256 of a regular file of at most kMostDigestBytes
  SyncProbe,  // in the folder `path`: writes a file of 4 KiB, syncs and removes it
};

inline constexpr std::uint32_t kMostReadBytes = 64 * 1024;
inline constexpr std::uint64_t kMostDigestBytes = 256ULL * 1024 * 1024;

// Fields that the verb does not name are left as they are.
struct FileRequest {
  FileVerb verb = FileVerb::Stat;
  std::string path{};        // absolute, at most 4095 bytes
  std::uint64_t offset = 0;  // Read, Follow, List
  std::uint32_t bytes = 0;   // Read, Follow: at most kMostReadBytes
  std::uint64_t device = 0;  // Find, Follow, Forget
  std::uint64_t inode = 0;   // likewise

  friend bool operator==(const FileRequest&, const FileRequest&) = default;
};

struct FilesystemSpace {
  std::uint64_t block_size = 0;  // bytes
  std::uint64_t blocks = 0;
  std::uint64_t free_blocks = 0;
  std::uint64_t available_blocks = 0;  // to users other than root
  std::uint64_t files = 0;
  std::uint64_t free_files = 0;
  bool read_only = false;

  friend bool operator==(const FilesystemSpace&, const FilesystemSpace&) = default;
};

struct FileStat {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;   // bytes
  std::uint64_t links = 0;  // 0: deleted
  WallTime modified{};
  bool regular = false;

  friend bool operator==(const FileStat&, const FileStat&) = default;
};

struct FileAnswer {
  FilesystemSpace space{};  // Statfs
  FileStat stat{};          // Stat, Read, Follow, Digest: as of the open file, before it is read
  std::chrono::nanoseconds took{0};  // SyncProbe: write and fsync
  // Read: the content, shorter than asked at the end of the file. Find: the name. List: names, each
  // with a NUL after it, as many as fit into kMostReadBytes; empty: no more. Digest: 64 hexadecimal
  // digits, lower case.
  std::string bytes{};
};

// Who answers for files. Thread-safe: modules share one.
class FileClient {
 public:
  using Answers = std::vector<Result<FileAnswer>>;

  // What was asked and is not taken yet; destroyed without end(), nobody waits for it any more. Of
  // one thread; must not outlive its client.
  class Asked {
   public:
    virtual ~Asked() = default;
    // Called once: one answer a request, in order; waits until `deadline` at most.
    [[nodiscard]] virtual Answers end(SteadyTime deadline) = 0;
  };

  virtual ~FileClient() = default;
  // Asks, so that the caller may work until it needs the answers; never waits. `requests` must
  // stay until end(). Answers as ask() does. A client that does not override it asks in end().
  [[nodiscard]] virtual std::unique_ptr<Asked> begin(std::span<const FileRequest> requests);
  // One answer a request, in order; waits until `deadline` at most. The requests of one call run
  // beside each other, so one that hangs does not keep the rest.
  //
  // Errc::Timeout: not answered by the deadline, or still not answered since an earlier call: a
  // path that hangs is not asked the same thing again before it has answered. Errc::Unavailable:
  // there is no helper, or it ended while it was at it. Errc::Invalid: the request makes no sense,
  // or Read and Digest met what is no regular file (it is not opened then). Errc::TooLarge: a
  // digest of too much. NotFound, Denied, Full, Io: what the system said, with the path.
  [[nodiscard]] virtual Answers ask(std::span<const FileRequest> requests, SteadyTime deadline) = 0;
};

// The same for one request.
[[nodiscard]] Result<FileAnswer> ask_file(FileClient& files, const FileRequest& request,
                                          SteadyTime deadline);

}  // namespace fieldmedic
