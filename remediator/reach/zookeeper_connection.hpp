// ZooKeeper by its C client, which a server that breaks the protocol can end with the whole process
// (zookeeper.c asserts): only the helper process uses it (zookeeper_helper.hpp).
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "remediator/reach/zookeeper.hpp"

namespace fieldmedic {

// Not thread-safe; the client has two threads of its own while it lives. Its errors are those of
// ZookeeperSession that are not of the helper.
class ZookeeperConnection {
 public:
  [[nodiscard]] static Result<ZookeeperConnection> open(const ZookeeperAccess& access,
                                                        std::chrono::milliseconds timeout,
                                                        const std::stop_token& stop);
  ZookeeperConnection(ZookeeperConnection&&) noexcept;
  ZookeeperConnection& operator=(ZookeeperConnection&&) noexcept;
  ~ZookeeperConnection();

  [[nodiscard]] Status ask_quorum(const std::string& path);
  [[nodiscard]] Result<ZookeeperNode> get(const std::string& path);
  // At most a thousand names.
  [[nodiscard]] Result<std::vector<std::string>> children(const std::string& path);
  // All or nothing.
  [[nodiscard]] Status order(const std::vector<ZookeeperOrder>& orders);

 private:
  struct Client;
  explicit ZookeeperConnection(std::unique_ptr<Client> client);

  std::unique_ptr<Client> client_;
};

}  // namespace fieldmedic
