// A node in ZooKeeper and the record beside it.
#pragma once

#include <string>
#include <utility>

#include "remediator/reach/key_store.hpp"
#include "remediator/reach/zookeeper.hpp"

namespace fieldmedic {

class ZookeeperKeys final : public KeyStore {
 public:
  ZookeeperKeys(ZookeeperAccess access, std::string key, std::string record)
      : access_(std::move(access)), key_(std::move(key)), record_(std::move(record)) {}

  [[nodiscard]] Result<KeySight> read(std::chrono::milliseconds timeout,
                                      const std::stop_token& stop) override;
  [[nodiscard]] Status exchange(const KeySight& seen, const KeyChange& change,
                                std::chrono::milliseconds timeout,
                                const std::stop_token& stop) override;

 private:
  ZookeeperAccess access_;
  std::string key_;
  std::string record_;
};

}  // namespace fieldmedic
