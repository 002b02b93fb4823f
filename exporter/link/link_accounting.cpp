#include "exporter/link/link_accounting.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace fieldmedic {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

// Sockets that no dump tells of and whose end was not told: closed by the peer and still held by
// their program, or ended while events were lost. More than these are not worth their memory.
constexpr std::size_t kMostVanished = 16'384;

// A socket that was disconnected, and connected anew under its old cookie, counts from 0 again. The
// kernel's 32-bit counts wrap, which is not that: then they rise by less than half their range.
bool began_again(const TcpInfo& before, const TcpInfo& after) {
  constexpr std::uint32_t kHalf = 1U << 31U;
  return after.sent_bytes < before.sent_bytes ||
         after.retransmitted_bytes < before.retransmitted_bytes ||
         after.sent_segments - before.sent_segments >= kHalf ||
         after.retransmitted_segments - before.retransmitted_segments >= kHalf;
}

}  // namespace

LinkAccounting::LinkAccounting(std::size_t most) : most_(most) {}

void LinkAccounting::use_links(const std::vector<std::string>& names) {
  std::vector<LinkTotals> totals(names.size());
  for (std::size_t place = 0; place < names.size(); ++place) {
    const auto before = std::ranges::find(names_, names[place]);
    if (before != names_.end()) {
      totals[place] = totals_[static_cast<std::size_t>(before - names_.begin())];
    }
  }
  // A connection keeps its link until the next dump when the link's name is still there.
  for (auto& [cookie, known] : known_) {
    if (known.link == kNone) continue;
    const auto after = std::ranges::find(names, names_[known.link]);
    known.link = after == names.end() ? kNone : static_cast<std::uint32_t>(after - names.begin());
  }
  names_ = names;
  totals_ = std::move(totals);
  open_.assign(names.size(), {});
  now_.assign(names.size(), {});
  routes_changed();
}

std::uint32_t LinkAccounting::place_of(const InetSocket& connection, const Choose& choose) const {
  const auto place = choose(connection);
  return place < totals_.size() ? static_cast<std::uint32_t>(place) : kNone;
}

void LinkAccounting::count(const Known& known, const TcpInfo& before, const TcpInfo& after) {
  if (known.link == kNone) return;
  auto& totals = totals_[known.link];
  totals.sent_bytes += after.sent_bytes - before.sent_bytes;
  totals.retransmitted_bytes += after.retransmitted_bytes - before.retransmitted_bytes;
  totals.sent_segments += after.sent_segments - before.sent_segments;
  totals.retransmitted_segments += after.retransmitted_segments - before.retransmitted_segments;
}

void LinkAccounting::add_new(Known& known, const InetSocket& connection, const TcpInfo& info,
                             const Choose& choose) {
  known.link = place_of(connection, choose);
  known.routes = routes_;
  known.counted = info;
  if (!based_) return;
  count(known, {}, info);
  if (known.link != kNone) ++totals_[known.link].connections;
}

void LinkAccounting::add_difference(Known& known, const InetSocket& connection, const TcpInfo& info,
                                    const Choose& choose) {
  if (began_again(known.counted, info)) {
    // One that was only disconnected tells zeros: no new connection began.
    if (info.sent_segments != 0) add_new(known, connection, info, choose);
    return;
  }
  count(known, known.counted, info);
  known.counted = info;
}

void LinkAccounting::begin_dump() {
  ++dump_;
  dumping_ = true;
  ended_in_dump_.clear();
  open_.assign(open_.size(), {});
}

void LinkAccounting::in_dump(const InetSocket& connection, const Choose& choose) {
  if (!connection.tcp || ended_in_dump_.contains(connection.cookie)) return;
  const TcpInfo& info = *connection.tcp;
  auto found = known_.find(connection.cookie);
  if (found == known_.end()) {
    if (known_.size() >= most_) return;
    found = known_.try_emplace(connection.cookie).first;
    add_new(found->second, connection, info, choose);
  } else {
    add_difference(found->second, connection, info, choose);
  }
  Known& known = found->second;
  known.dump = dump_;
  if (known.routes != routes_) {
    known.link = place_of(connection, choose);
    known.routes = routes_;
  }
  if (known.link == kNone) return;
  auto& open = open_[known.link];
  ++open.connections;
  if (info.smoothed_rtt.count() > 0 && info.since_last_ack <= kRttAge) {
    ++open.measured;
    open.rtt += info.smoothed_rtt;
  }
}

void LinkAccounting::break_off_dump() {
  dumping_ = false;
  ended_in_dump_.clear();
}

void LinkAccounting::end_dump() {
  break_off_dump();
  based_ = true;
  for (std::size_t place = 0; place < open_.size(); ++place) {
    const auto& open = open_[place];
    now_[place] = {.connections = open.connections, .smoothed_rtt = {}};
    if (open.measured == 0) continue;
    now_[place].smoothed_rtt =
        std::chrono::duration<double>(open.rtt) / static_cast<double>(open.measured);
  }
  forget_oldest_vanished();
}

void LinkAccounting::forget_oldest_vanished() {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> vanished;  // the last dump, the cookie
  for (const auto& [cookie, known] : known_) {
    if (known.dump != dump_) vanished.emplace_back(known.dump, cookie);
  }
  if (vanished.size() <= kMostVanished) return;
  const auto surplus = static_cast<std::ptrdiff_t>(vanished.size() - kMostVanished);
  std::ranges::nth_element(vanished, vanished.begin() + surplus);
  for (auto one = vanished.begin(); one != vanished.begin() + surplus; ++one) {
    known_.erase(one->second);
  }
}

void LinkAccounting::ended(const InetSocket& connection, const Choose& choose) {
  if (!connection.tcp) return;
  if (const auto found = known_.find(connection.cookie); found != known_.end()) {
    add_difference(found->second, connection, *connection.tcp, choose);
    known_.erase(found);
  } else if (based_ && !connection.peer.wildcard()) {
    // Without a peer it was a listener, or never connected.
    Known known;
    add_new(known, connection, *connection.tcp, choose);
  }
  if (dumping_) ended_in_dump_.insert(connection.cookie);
}

}  // namespace fieldmedic
