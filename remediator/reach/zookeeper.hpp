// ZooKeeper, one session a question, asked by a process of our own (zookeeper_helper.hpp): the C
// client aborts when a server breaks the protocol.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

struct ZookeeperAccess {
  std::vector<std::string> servers;  // "10.0.0.5:2181"
  std::string user;                  // of the scheme digest; empty: nobody logs in
  std::string password_file;
};

struct ZookeeperNode {
  std::string data;
  std::int32_t version = 0;  // of its data
  std::int64_t changed = 0;  // the transaction that changed its data last
  bool of_session = false;   // it is ephemeral
};

// One part of a transaction. A node is made with the access list of `like`.
struct ZookeeperOrder {
  enum class Deed { Create, Set, Delete };
  Deed deed = Deed::Set;
  std::string path{};
  std::string data{};        // of Create and Set
  std::int32_t version = 0;  // that it has to have; of Set and Delete
  std::string like{};        // of Create
};

// Not thread-safe; of the thread that opened it, with whose end the helper ends. Errors: Errc::
// NotFound, Denied, Conflict (another version, or it is there already, or not empty), Invalid: the
// servers said so. Unavailable: no session, nothing was sent. Timeout, Cancelled; Io: the helper
// ended before it answered; Malformed: it answered what is no answer: so that what was sent may
// have been done, or be done until the session has run out (within eight seconds). TooLarge.
class ZookeeperSession {
 public:
  // Starts `program kZookeeperHelperVerb`, which lives as long as the session and is never started
  // again by it. A session is agreed on by a quorum. `timeout` is for the session and all that is
  // asked in it; a helper that is not done then, or when `stop` is requested, is killed.
  [[nodiscard]] static Result<ZookeeperSession> open(const ZookeeperAccess& access,
                                                     const std::filesystem::path& program,
                                                     std::chrono::milliseconds timeout,
                                                     const std::stop_token& stop);
  ZookeeperSession(ZookeeperSession&&) noexcept;
  ZookeeperSession& operator=(ZookeeperSession&&) noexcept;
  ~ZookeeperSession();

  // Asks the quorum whether the node is there (Errc::NotFound: it is not), so that what is read
  // after it in this session is not older than this question.
  [[nodiscard]] Status ask_quorum(const std::string& path);
  [[nodiscard]] Result<ZookeeperNode> get(const std::string& path);
  // At most a thousand names.
  [[nodiscard]] Result<std::vector<std::string>> children(const std::string& path);
  // All or nothing.
  [[nodiscard]] Status order(const std::vector<ZookeeperOrder>& orders);

 private:
  class Helper;
  explicit ZookeeperSession(std::unique_ptr<Helper> helper);

  std::unique_ptr<Helper> helper_;
};

// "/a/b" -> "/a", "/a" -> "/". Pure.
[[nodiscard]] std::string zookeeper_parent(const std::string& path);
// An absolute path of named parts, without a slash at its end, of less than 2 KiB. Pure.
[[nodiscard]] bool is_zookeeper_path(const std::string& path);

}  // namespace fieldmedic
