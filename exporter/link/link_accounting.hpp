// What each link has carried, from dumps of the open connections and events about ended ones. Pure
// accounting: who a connection belongs to is an argument.
//
// The kernel counts for each connection from its beginning. A connection is therefore known by its
// cookie with the numbers that were counted last, and each sight adds the difference. What lived
// and ended between two dumps is counted from its event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "exporter/netlink/inet_diag.hpp"

namespace fieldmedic {

// Since the first dump; never falls.
struct LinkTotals {
  std::uint64_t sent_bytes = 0;  // payload, retransmits included
  std::uint64_t retransmitted_bytes = 0;
  std::uint64_t sent_segments = 0;  // with payload, retransmits included
  std::uint64_t retransmitted_segments = 0;
  std::uint64_t connections = 0;  // that were not open at the first dump

  friend bool operator==(const LinkTotals&, const LinkTotals&) = default;
};

// As the last whole dump had it.
struct LinkNow {
  std::size_t connections = 0;
  std::optional<std::chrono::duration<double>> smoothed_rtt;  // see LinkAccounting
};

// The mean smoothed round-trip time of a link is taken over the open connections that had an
// acknowledgement in the last kRttAge, each weighted alike: an idle connection's is old news.
inline constexpr std::chrono::seconds kRttAge{30};

// Not thread-safe.
class LinkAccounting {
 public:
  // The place of a connection's link; kNoLink is any that is no place.
  using Choose = std::function<std::size_t(const InetSocket&)>;

  // `most` connections are known at once. Those beyond are counted when they end.
  explicit LinkAccounting(std::size_t most = 262'144);

  // From now on these are the links. The totals of names that were there before go on, and known
  // connections stay known: what they send from the next dump on is their new link's.
  void use_links(const std::vector<std::string>& names);

  // Connections may have another way out: each is chosen again at the next dump, which still gives
  // the difference to its old link. So dump soon.
  void routes_changed() { ++routes_; }

  // A dump: begin, each connection, end, or break off when something is missing; what it told is
  // kept. The first whole dump is the base: what was sent before it is not counted.
  void begin_dump();
  void in_dump(const InetSocket& connection, const Choose& choose);
  void end_dump();
  void break_off_dump();

  // An event about an ended connection; may come during a dump, before or after the dump tells of
  // the same connection.
  void ended(const InetSocket& connection, const Choose& choose);

  // By the places of use_links().
  [[nodiscard]] const std::vector<LinkTotals>& totals() const { return totals_; }
  [[nodiscard]] const std::vector<LinkNow>& now() const { return now_; }

 private:
  struct Known {
    TcpInfo counted;           // as told last
    std::uint32_t link = 0;    // a place; kNone: none
    std::uint32_t routes = 0;  // when it was chosen
    std::uint32_t dump = 0;    // the last that told of it
  };
  struct Open {
    std::size_t connections = 0;
    std::size_t measured = 0;
    std::chrono::microseconds rtt{0};  // of those measured, summed
  };
  [[nodiscard]] std::uint32_t place_of(const InetSocket& connection, const Choose& choose) const;
  void count(const Known& known, const TcpInfo& before, const TcpInfo& after);
  // `info` is what the kernel says of the connection now.
  void add_difference(Known& known, const InetSocket& connection, const TcpInfo& info,
                      const Choose& choose);
  void add_new(Known& known, const InetSocket& connection, const TcpInfo& info,
               const Choose& choose);
  void forget_oldest_vanished();

  const std::size_t most_;
  std::vector<std::string> names_;
  std::vector<LinkTotals> totals_;
  std::vector<Open> open_;
  std::vector<LinkNow> now_;
  std::unordered_map<std::uint64_t, Known> known_;   // by cookie
  std::unordered_set<std::uint64_t> ended_in_dump_;  // the dump may still tell of them
  std::uint32_t dump_ = 0;
  std::uint32_t routes_ = 0;
  bool dumping_ = false;
  bool based_ = false;  // the first dump is whole
};

}  // namespace fieldmedic
