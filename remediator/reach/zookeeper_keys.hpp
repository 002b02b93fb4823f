// A node in ZooKeeper and the record beside it.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "remediator/reach/key_store.hpp"
#include "remediator/reach/zookeeper.hpp"

namespace fieldmedic {

class ZookeeperKeys final : public KeyStore {
 public:
  // `program`: of ZookeeperSession::open.
  ZookeeperKeys(ZookeeperAccess access, std::filesystem::path program, std::string key,
                std::string record)
      : access_(std::move(access)),
        program_(std::move(program)),
        key_(std::move(key)),
        record_(std::move(record)) {}

  [[nodiscard]] Result<KeySight> read(std::chrono::milliseconds timeout,
                                      const std::stop_token& stop) override;
  [[nodiscard]] Status exchange(const KeySight& seen, const KeyChange& change,
                                std::chrono::milliseconds timeout,
                                const std::stop_token& stop) override;

 private:
  ZookeeperAccess access_;
  std::filesystem::path program_;
  std::string key_;
  std::string record_;
};

}  // namespace fieldmedic
