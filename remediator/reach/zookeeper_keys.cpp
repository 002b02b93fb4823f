#include "remediator/reach/zookeeper_keys.hpp"

#include <optional>
#include <vector>

#include <fmt/core.h>

namespace fieldmedic {

namespace {

using Deed = ZookeeperOrder::Deed;

Result<KeyState> state_of(ZookeeperSession& session, const std::string& path) {
  auto node = session.get(path);
  if (!node && node.error().code == Errc::NotFound) return KeyState{};
  if (!node) return fail(node.error());
  if (node->data.size() > kLargestValue)
    return fail(Errc::TooLarge, fmt::format("ZooKeeper: {} holds {} bytes, at most {} are dealt "
                                            "with",
                                            path, node->data.size(), kLargestValue));
  return KeyState{true, std::move(node->data), node->changed, node->version, node->of_session};
}

// None: there is nothing to do.
std::optional<ZookeeperOrder> order_of(const std::string& path, const KeyState& seen,
                                       const std::optional<std::string>& wanted,
                                       const std::string& like) {
  const auto version = static_cast<std::int32_t>(seen.version);
  if (!seen.there && !wanted) return std::nullopt;
  if (!seen.there) return ZookeeperOrder{Deed::Create, path, *wanted, 0, like};
  if (!wanted) return ZookeeperOrder{Deed::Delete, path, {}, version, {}};
  return ZookeeperOrder{Deed::Set, path, *wanted, version, {}};
}

}  // namespace

Result<KeySight> ZookeeperKeys::read(std::chrono::milliseconds timeout,
                                     const std::stop_token& stop) {
  auto session = ZookeeperSession::open(access_, program_, timeout, stop);
  if (!session) return fail(session.error());
  if (auto asked = session->ask_quorum("/"); !asked && asked.error().code != Errc::Denied)
    return fail(asked.error());
  const auto key = state_of(*session, key_);
  if (!key) return fail(key.error());
  const auto record = state_of(*session, record_);
  if (!record) return fail(record.error());
  return KeySight{*key, *record};
}

Status ZookeeperKeys::exchange(const KeySight& seen, const KeyChange& change,
                               std::chrono::milliseconds timeout, const std::stop_token& stop) {
  auto session = ZookeeperSession::open(access_, program_, timeout, stop);
  if (!session) return fail(session.error());
  std::vector<ZookeeperOrder> orders;
  const std::string parent = zookeeper_parent(key_);
  if (auto order = order_of(key_, seen.key, change.value, parent)) orders.push_back(*order);
  // It holds what the key held: who may not read that may not read it here.
  const std::string& like = seen.key.there ? key_ : parent;
  if (auto order = order_of(record_, seen.record, change.record, like)) orders.push_back(*order);
  Status done = session->order(orders);
  if (!done && done.error().code == Errc::NotFound && seen.key.there)
    return fail(Errc::Conflict, done.error().message);
  return done;
}

}  // namespace fieldmedic
