#include "remediator/reach/zookeeper_connection.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <span>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <zookeeper/zookeeper.h>

#include "common/file_descriptor.hpp"
#include "common/secret.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

constexpr int kSessionMs = 6'000;
constexpr int kLongestSessionMs = 8'000;
constexpr int kMostChildren = 1'000;
constexpr std::size_t kPathBuffer = 2'048;
constexpr int kLargestNode = 2 * 1024 * 1024;  // bytes; ZooKeeper's own limit is 1 MiB

struct Grant {
  std::int32_t perms;
  std::string scheme;
  std::string id;
};

// What the client's threads fill before they signal it.
struct Reply {
  FileDescriptor event{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::atomic<int> code{ZOK};
  ZookeeperNode node{};
  std::vector<std::string> names{};
  std::vector<Grant> grants{};
  // Of a transaction: the client writes to them until it answers.
  std::vector<zoo_op_result_t> results{};
  std::vector<std::array<char, kPathBuffer>> made{};

  void signal(int rc) {
    code = rc;
    const std::uint64_t one = 1;
    static_cast<void>(write(event.get(), &one, sizeof one));
  }
};

Reply& reply_of(const void* data) {
  return *static_cast<Reply*>(const_cast<void*>(data));
}

void on_done(int rc, const void* data) {
  reply_of(data).signal(rc);
}

// The client hands on what it could not read: lengths without what they are of.
void on_data(int rc, const char* value, int size, const Stat* stat, const void* data) {
  Reply& reply = reply_of(data);
  if (rc == ZOK && size > kLargestNode) rc = ZMARSHALLINGERROR;
  if (rc == ZOK) {
    if (value != nullptr && size > 0) reply.node.data.assign(value, static_cast<std::size_t>(size));
    reply.node.version = stat->version;
    reply.node.changed = stat->mzxid;
    reply.node.of_session = stat->ephemeralOwner != 0;
  }
  reply.signal(rc);
}

void on_names(int rc, const String_vector* names, const void* data) {
  Reply& reply = reply_of(data);
  if (rc == ZOK)
    for (int at = 0; at < std::min(names->count, kMostChildren + 1); ++at) {
      if (names->data == nullptr || names->data[at] == nullptr)
        return reply.signal(ZMARSHALLINGERROR);
      reply.names.emplace_back(names->data[at]);
    }
  reply.signal(rc);
}

void on_grants(int rc, ACL_vector* grants, Stat*, const void* data) {
  Reply& reply = reply_of(data);
  if (rc == ZOK)
    for (int at = 0; at < grants->count; ++at) {
      if (grants->data == nullptr || grants->data[at].id.scheme == nullptr ||
          grants->data[at].id.id == nullptr)
        return reply.signal(ZMARSHALLINGERROR);
      reply.grants.push_back(
          {grants->data[at].perms, grants->data[at].id.scheme, grants->data[at].id.id});
    }
  reply.signal(rc);
}

void on_session(zhandle_t*, int type, int state, const char*, void* context) {
  if (type != ZOO_SESSION_EVENT) return;
  if (state == ZOO_CONNECTED_STATE) static_cast<Reply*>(context)->signal(ZOK);
  if (state == ZOO_AUTH_FAILED_STATE) static_cast<Reply*>(context)->signal(ZAUTHFAILED);
  if (state == ZOO_EXPIRED_SESSION_STATE) static_cast<Reply*>(context)->signal(ZSESSIONEXPIRED);
}

Errc errc_of(int code) {
  switch (code) {
    case ZNONODE: return Errc::NotFound;
    case ZNOAUTH:
    case ZAUTHFAILED: return Errc::Denied;
    case ZBADVERSION:
    case ZNODEEXISTS:
    case ZNOTEMPTY: return Errc::Conflict;
    case ZBADARGUMENTS:
    case ZINVALIDACL:
    case ZNOCHILDRENFOREPHEMERALS: return Errc::Invalid;
    default: return Errc::Timeout;  // the connection or the session is gone: not known
  }
}

Status status_of(int code, const std::string& path) {
  if (code == ZOK) return {};
  return fail(errc_of(code), fmt::format("ZooKeeper: {}: {}", path, zerror(code)));
}

// The client writes to stderr otherwise.
void be_quiet() {
  static std::once_flag once;
  std::call_once(once, [] { zoo_set_debug_level(static_cast<ZooLogLevel>(0)); });
}

}  // namespace

namespace {

// What access lists are made of, as the client wants them.
class Grants {
 public:
  explicit Grants(std::vector<Grant> grants) : grants_(std::move(grants)) {
    for (Grant& grant : grants_)
      acls_.push_back({grant.perms, {grant.scheme.data(), grant.id.data()}});
    list_ = {static_cast<std::int32_t>(acls_.size()), acls_.data()};
  }
  Grants(const Grants&) = delete;
  Grants& operator=(const Grants&) = delete;
  [[nodiscard]] const ACL_vector* list() const { return &list_; }

 private:
  std::vector<Grant> grants_;
  std::vector<ACL> acls_;
  ACL_vector list_{};
};

// Nothing was ordered yet.
Status before_change(const Error& error) {
  return fail(error.code == Errc::Timeout ? Errc::Unavailable : error.code, error.message);
}

}  // namespace

struct ZookeeperConnection::Client {
  explicit Client(Waiter until) : waiter(std::move(until)) {}
  ~Client() {
    if (handle != nullptr) zookeeper_close(handle);  // ends its threads: nobody signals any more
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The code of a reply that was asked for with `sent`.
  Result<int> await(Reply& reply, int sent) {
    if (sent != ZOK) return sent;
    pollfd event{.fd = reply.event.get(), .events = POLLIN, .revents = 0};
    switch (waiter.wait({&event, 1})) {
      case Waiter::Woke::Ready: break;
      case Waiter::Woke::Deadline: return fail(Errc::Timeout, "ZooKeeper: no answer in time");
      case Waiter::Woke::Stopped: return fail(Errc::Cancelled, "ZooKeeper: cancelled");
    }
    std::uint64_t count = 0;
    static_cast<void>(read(reply.event.get(), &count, sizeof count));
    return reply.code.load();
  }

  // Kept until the client is closed, since its threads may still signal one that nobody awaits.
  Reply& new_reply() { return replies.emplace_back(); }

  Status log_in(const ZookeeperAccess& access) {
    if (access.user.empty()) return {};
    const auto password = read_secret_file(access.password_file);
    if (!password) return fail(password.error());
    const std::string pair = access.user + ":" + password->reveal();
    Reply& reply = new_reply();
    const auto code = await(reply, zoo_add_auth(handle, "digest", pair.data(),
                                                static_cast<int>(pair.size()), on_done, &reply));
    if (!code) return fail(code.error());
    return status_of(*code, "log in");
  }

  Result<std::vector<Grant>> grants_of(const std::string& path) {
    Reply& reply = new_reply();
    const auto code = await(reply, zoo_aget_acl(handle, path.c_str(), on_grants, &reply));
    if (!code) return fail(code.error());
    if (auto right = status_of(*code, path); !right) return fail(right.error());
    return reply.grants;
  }

  // The first of its parts that failed.
  Result<int> transact(std::span<const zoo_op_t> parts, Reply& reply) {
    reply.results.resize(parts.size());
    const auto code = await(reply, zoo_amulti(handle, static_cast<int>(parts.size()), parts.data(),
                                              reply.results.data(), on_done, &reply));
    if (!code || *code == ZOK) return code;
    for (const zoo_op_result_t& result : reply.results)
      if (result.err != ZOK && result.err != ZRUNTIMEINCONSISTENCY) return result.err;
    return code;
  }

  Waiter waiter;
  Reply session;
  std::deque<Reply> replies;
  zhandle_t* handle = nullptr;
};

ZookeeperConnection::ZookeeperConnection(std::unique_ptr<Client> client)
    : client_(std::move(client)) {}
ZookeeperConnection::ZookeeperConnection(ZookeeperConnection&&) noexcept = default;
ZookeeperConnection& ZookeeperConnection::operator=(ZookeeperConnection&&) noexcept = default;
ZookeeperConnection::~ZookeeperConnection() = default;

Result<ZookeeperConnection> ZookeeperConnection::open(const ZookeeperAccess& access,
                                                      std::chrono::milliseconds timeout,
                                                      const std::stop_token& stop) {
  be_quiet();
  auto waiter = Waiter::start(timeout, stop);
  if (!waiter) return fail(waiter.error());
  auto client = std::make_unique<Client>(*std::move(waiter));
  const std::string servers = fmt::format("{}", fmt::join(access.servers, ","));
  client->handle =
      zookeeper_init(servers.c_str(), on_session, kSessionMs, nullptr, &client->session, 0);
  if (client->handle == nullptr)
    return fail(Errc::Unavailable, fmt::format("ZooKeeper: {} cannot be asked", servers));
  const auto connected = client->await(client->session, ZOK);
  if (!connected && connected.error().code == Errc::Cancelled) return fail(connected.error());
  if (!connected || *connected != ZOK)
    return fail(Errc::Unavailable, fmt::format("ZooKeeper: no session with any of {}", servers));
  if (zoo_recv_timeout(client->handle) > kLongestSessionMs)
    return fail(Errc::Invalid,
                fmt::format("ZooKeeper: its shortest session is {} ms, longer than {}: a lost "
                            "answer could not be settled",
                            zoo_recv_timeout(client->handle), kLongestSessionMs));
  if (auto known = client->log_in(access); !known) return fail(known.error());
  return ZookeeperConnection(std::move(client));
}

// A transaction of one check, which changes nothing: the leader proposes it as any other, also
// where it fails, and whoever has lost its quorum cannot.
Status ZookeeperConnection::ask_quorum(const std::string& path) {
  zoo_op_t check;
  zoo_check_op_init(&check, path.c_str(), -1);
  Reply& reply = client_->new_reply();
  const auto code = client_->transact({&check, 1}, reply);
  if (!code) return fail(code.error());
  return status_of(*code, path);
}

Status ZookeeperConnection::order(const std::vector<ZookeeperOrder>& orders) {
  std::deque<Grants> granted;
  std::vector<zoo_op_t> parts(orders.size());
  Reply& reply = client_->new_reply();
  reply.made.resize(orders.size());
  for (std::size_t at = 0; at < orders.size(); ++at) {
    const ZookeeperOrder& order = orders[at];
    const char* path = order.path.c_str();
    const int size = static_cast<int>(order.data.size());
    switch (order.deed) {
      case ZookeeperOrder::Deed::Create: {
        auto grants = client_->grants_of(order.like);
        if (!grants) return before_change(grants.error());
        auto& made = reply.made[at];
        zoo_create_op_init(&parts[at], path, order.data.data(), size,
                           granted.emplace_back(*std::move(grants)).list(), 0, made.data(),
                           static_cast<int>(made.size()));
        break;
      }
      case ZookeeperOrder::Deed::Set:
        zoo_set_op_init(&parts[at], path, order.data.data(), size, order.version, nullptr);
        break;
      case ZookeeperOrder::Deed::Delete: zoo_delete_op_init(&parts[at], path, order.version); break;
    }
  }
  const auto code = client_->transact(parts, reply);
  if (!code) return fail(code.error());
  return status_of(*code, orders.empty() ? "" : orders.front().path);
}

Result<ZookeeperNode> ZookeeperConnection::get(const std::string& path) {
  Reply& reply = client_->new_reply();
  const auto code =
      client_->await(reply, zoo_aget(client_->handle, path.c_str(), 0, on_data, &reply));
  if (!code) return fail(code.error());
  if (auto right = status_of(*code, path); !right) return fail(right.error());
  return reply.node;
}

Result<std::vector<std::string>> ZookeeperConnection::children(const std::string& path) {
  Reply& reply = client_->new_reply();
  const auto code =
      client_->await(reply, zoo_aget_children(client_->handle, path.c_str(), 0, on_names, &reply));
  if (!code) return fail(code.error());
  if (auto right = status_of(*code, path); !right) return fail(right.error());
  if (reply.names.size() > std::size_t{kMostChildren})
    return fail(Errc::TooLarge,
                fmt::format("ZooKeeper: {} has more than {} children", path, kMostChildren));
  return reply.names;
}

}  // namespace fieldmedic
