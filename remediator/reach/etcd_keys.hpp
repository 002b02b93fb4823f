// A key in etcd and the record beside it.
#pragma once

#include <string>
#include <utility>

#include "remediator/reach/etcd.hpp"
#include "remediator/reach/key_store.hpp"

namespace fieldmedic {

// `http` must outlive it.
class EtcdKeys final : public KeyStore {
 public:
  EtcdKeys(HttpClient& http, EtcdAccess access, std::string key, std::string record)
      : http_(http), access_(std::move(access)), key_(std::move(key)), record_(std::move(record)) {}

  [[nodiscard]] Result<KeySight> read(std::chrono::milliseconds timeout,
                                      const std::stop_token& stop) override;
  [[nodiscard]] Status exchange(const KeySight& seen, const KeyChange& change,
                                std::chrono::milliseconds timeout,
                                const std::stop_token& stop) override;

 private:
  HttpClient& http_;
  EtcdAccess access_;
  std::string key_;
  std::string record_;
};

// What /v3/kv/txn answers to the question for both. Pure. Errc::Malformed, TooLarge.
[[nodiscard]] Result<KeySight> parse_key_sight(const std::string& body);

}  // namespace fieldmedic
