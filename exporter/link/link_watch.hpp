// Watches the host's TCP connections all the time, so that links are counted whole: a thread reads
// the events about ended connections as they come, and a scrape adds a dump of the open ones.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/clock.hpp"
#include "common/file_descriptor.hpp"
#include "common/result.hpp"
#include "exporter/link/link_accounting.hpp"
#include "exporter/link/link_config.hpp"
#include "exporter/link/link_match.hpp"
#include "exporter/netlink/connection_ends.hpp"
#include "exporter/netlink/routing_table.hpp"
#include "exporter/netlink/socket_diag.hpp"

namespace fieldmedic {

struct LinkReport {
  struct Link {
    LinkTotals totals;
    LinkNow now;
    bool up = false;
    bool default_route = false;
  };
  std::vector<Link> links;  // in the order asked
  std::uint64_t ended = 0;  // events about ended connections that were read
  std::uint64_t lost = 0;   // that the kernel dropped
};

// Thread-safe. Outlives a reload of the configuration, so that counters go on. `clock` lives
// longer.
class LinkWatch {
 public:
  explicit LinkWatch(const Clock& clock) : clock_(clock) {}
  ~LinkWatch();
  LinkWatch(const LinkWatch&) = delete;
  LinkWatch& operator=(const LinkWatch&) = delete;

  // Dumps the connections and answers for these links. The first call begins the watch. Errors as
  // NetlinkSocket's; the next call tries again.
  [[nodiscard]] Result<LinkReport> look(const std::vector<LinkConfig>& links);

 private:
  // The kernel's side; opened and given up as one.
  struct Sources {
    ConnectionEnds ends;
    RoutingChanges changes;
    SocketDiag sockets;
    RoutingTable routing;
  };
  struct EndPoints {
    IpAddress from;
    IpAddress to;
    friend bool operator==(const EndPoints&, const EndPoints&) = default;
  };
  struct EndPointsHash {
    [[nodiscard]] std::size_t operator()(const EndPoints& both) const;
  };

  // All of these with mutex_ held.
  [[nodiscard]] Status open();
  [[nodiscard]] Status read_events();
  [[nodiscard]] Status read_ends();
  [[nodiscard]] Status dump();
  [[nodiscard]] Status keep_up();
  [[nodiscard]] std::optional<std::uint32_t> way_out(const IpAddress& from, const IpAddress& to);
  [[nodiscard]] std::size_t choose(const InetSocket& connection);
  [[nodiscard]] LinkReport report();

  void run();
  void wake();
  [[nodiscard]] std::optional<std::chrono::milliseconds> until_dump() const;

  const Clock& clock_;
  std::mutex mutex_;
  std::vector<LinkConfig> links_;
  std::unique_ptr<Sources> sources_;  // none before the first look, and after a failure
  LinkAccounting accounting_;
  RoutingView view_;
  bool view_is_old_ = true;  // to be read again
  std::unordered_map<EndPoints, std::optional<std::uint32_t>, EndPointsHash> ways_;
  std::uint64_t ended_ = 0;
  std::uint64_t lost_ = 0;
  bool dump_soon_ = false;
  SteadyTime last_dump_;
  bool stopping_ = false;
  FileDescriptor wake_;
  std::thread thread_;
};

}  // namespace fieldmedic
