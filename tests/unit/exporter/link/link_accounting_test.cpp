#include "exporter/link/link_accounting.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// A connection of link 0 unless its peer's last byte says another.
InetSocket connection(std::uint64_t cookie, std::uint64_t sent, std::uint64_t again = 0,
                      std::uint8_t link = 0) {
  InetSocket socket;
  socket.cookie = cookie;
  socket.state = 1;
  socket.peer.bytes = {10, 0, 0, link};
  socket.tcp = TcpInfo{.sent_bytes = sent,
                       .retransmitted_bytes = again,
                       .sent_segments = static_cast<std::uint32_t>(sent / 100),
                       .retransmitted_segments = static_cast<std::uint32_t>(again / 100),
                       .smoothed_rtt = microseconds(0),
                       .since_last_ack = milliseconds(0)};
  return socket;
}

struct Links {
  explicit Links(std::size_t most = 100) : accounting(most) { accounting.use_links({"a", "b"}); }
  // With nothing open when the watch begins.
  static Links based(std::size_t most = 100) {
    Links links(most);
    links.dump({});
    return links;
  }
  void begin() { accounting.begin_dump(); }
  void see(const InetSocket& one) { accounting.in_dump(one, chosen()); }
  void end() { accounting.end_dump(); }
  void dump(const std::vector<InetSocket>& sockets) {
    begin();
    for (const auto& one : sockets) see(one);
    end();
  }
  void ended(const InetSocket& one) { accounting.ended(one, chosen()); }
  [[nodiscard]] LinkAccounting::Choose chosen() const {
    return [by = moved](const InetSocket& one) { return one.peer.bytes[3] + by; };
  }
  [[nodiscard]] LinkTotals total(std::size_t place = 0) const { return accounting.totals()[place]; }

  LinkAccounting accounting;
  std::size_t moved = 0;  // added to every choice
};

LinkTotals totals(std::uint64_t sent, std::uint64_t again, std::uint64_t connections) {
  return {sent, again, sent / 100, again / 100, connections};
}

}  // namespace

TEST_CASE("link accounting: each dump adds what came since the last") {
  auto links = Links::based();
  links.dump({connection(1, 1000), connection(2, 500, 100, 1)});
  CHECK(links.total(0) == totals(1000, 0, 1));
  CHECK(links.total(1) == totals(500, 100, 1));
  links.dump({connection(1, 1500, 200), connection(2, 500, 100, 1)});
  CHECK(links.total(0) == totals(1500, 200, 1));
  CHECK(links.total(1) == totals(500, 100, 1));
}

TEST_CASE("link accounting: what was there before the first whole dump is the base") {
  Links links;
  links.ended(connection(9, 700));  // before the base: how much of it is new, nobody knows
  links.begin();
  links.see(connection(1, 1'000'000));
  links.accounting.break_off_dump();
  links.dump({connection(1, 1'000'500), connection(2, 5000)});
  CHECK(links.total() == totals(500, 0, 0));
  links.dump({connection(1, 1'000'500), connection(2, 6000), connection(3, 100)});
  CHECK(links.total() == totals(1600, 0, 1));
}

TEST_CASE("link accounting: every order of dump and end counts a connection once") {
  auto links = Links::based();
  SECTION("ended before any dump") {
    links.ended(connection(1, 1000, 100));
    links.dump({});
  }
  SECTION("seen, then ended") {
    links.dump({connection(1, 400)});
    links.ended(connection(1, 1000, 100));
    links.dump({});
  }
  SECTION("the end comes while a dump runs that tells of it later") {
    links.begin();
    links.ended(connection(1, 1000, 100));
    links.see(connection(1, 900, 100));
    links.end();
  }
  SECTION("the end comes while a dump runs that told of it before") {
    links.begin();
    links.see(connection(1, 900, 100));
    links.ended(connection(1, 1000, 100));
    links.end();
  }
  SECTION("known, and the end comes while a dump runs that tells of it later") {
    links.dump({connection(1, 400)});
    links.begin();
    links.ended(connection(1, 1000, 100));
    links.see(connection(1, 900, 100));
    links.end();
  }
  SECTION("no dump tells of it any more, and its end comes late") {
    links.dump({connection(1, 900)});
    links.dump({});
    links.dump({});
    links.ended(connection(1, 1000, 100));
  }
  SECTION("a dump breaks off after it") {
    links.begin();
    links.see(connection(1, 900, 100));
    links.accounting.break_off_dump();
    links.dump({connection(1, 900, 100)});
    links.ended(connection(1, 1000, 100));
  }
  CHECK(links.total() == totals(1000, 100, 1));
  links.dump({});
  CHECK(links.total() == totals(1000, 100, 1));
}

TEST_CASE("link accounting: a lost end keeps what the last dump told") {
  auto links = Links::based();
  links.dump({connection(1, 900, 100)});
  links.dump({});
  links.dump({});
  CHECK(links.total() == totals(900, 100, 1));
  CHECK(links.accounting.now()[0].connections == 0);
}

TEST_CASE("link accounting: a cookie that begins again counts from zero") {
  auto links = Links::based();
  links.dump({connection(1, 1000, 100)});
  SECTION("with fewer bytes") {
    links.dump({connection(1, 300)});
    CHECK(links.total() == totals(1300, 100, 2));
  }
  SECTION("with fewer segments only") {
    auto anew = connection(1, 2000, 100);
    anew.tcp->sent_segments = 5;
    links.dump({anew});
    CHECK(links.total().sent_bytes == 3000);
    CHECK(links.total().sent_segments == 15);
  }
  SECTION("as a disconnected socket that ends") {
    links.ended(connection(1, 0));
    CHECK(links.total() == totals(1000, 100, 1));
  }
  SECTION("reused after its end") {
    links.ended(connection(1, 1000, 100));
    links.dump({connection(1, 400)});
    CHECK(links.total() == totals(1400, 100, 2));
  }
}

TEST_CASE("link accounting: the kernel's 32-bit counts may wrap") {
  auto links = Links::based();
  auto one = connection(1, 1000);
  one.tcp->sent_segments = 0xffff'fff0U;
  links.dump({one});
  const auto before = links.total().sent_segments;
  one.tcp->sent_bytes = 2000;
  one.tcp->sent_segments = 0x10;
  links.dump({one});
  CHECK(links.total().sent_segments - before == 0x20);
  CHECK(links.total().connections == 1);
}

TEST_CASE("link accounting: after a change of routes the next dump still pays the old link") {
  auto links = Links::based();
  links.dump({connection(1, 1000)});
  links.moved = 1;
  links.accounting.routes_changed();
  links.dump({connection(1, 1200)});
  CHECK(links.total(0) == totals(1200, 0, 1));
  CHECK(links.total(1) == totals(0, 0, 0));
  CHECK(links.accounting.now()[0].connections == 0);
  CHECK(links.accounting.now()[1].connections == 1);
  links.dump({connection(1, 1500)});
  CHECK(links.total(1) == totals(300, 0, 0));
}

TEST_CASE("link accounting: totals go on when links are configured anew") {
  auto links = Links::based();
  links.dump({connection(1, 1000), connection(2, 500, 0, 1)});
  links.accounting.use_links({"new", "b", "a"});
  CHECK(links.total(0) == totals(0, 0, 0));
  CHECK(links.total(1) == totals(500, 0, 1));
  CHECK(links.total(2) == totals(1000, 0, 1));
  // What they sent meanwhile is still their old links'; then 0 means "new".
  links.dump({connection(1, 1100), connection(2, 600, 0, 1)});
  CHECK(links.total(2) == totals(1100, 0, 1));
  CHECK(links.total(1) == totals(600, 0, 1));
  links.ended(connection(1, 1300));
  CHECK(links.total(0) == totals(200, 0, 0));
  links.accounting.use_links({});
  links.dump({connection(2, 700, 0, 1)});
  CHECK(links.accounting.totals().empty());
}

TEST_CASE(
    "link accounting: connections of no link, listeners and unconnected sockets count nowhere") {
  auto links = Links::based();
  links.dump({connection(1, 1000, 0, 7)});
  links.ended(connection(1, 2000, 0, 7));
  InetSocket listener = connection(2, 0);
  listener.peer = {};
  links.ended(listener);
  InetSocket waiting = connection(3, 100);
  waiting.tcp.reset();
  links.dump({waiting});
  links.ended(waiting);
  CHECK(links.total(0) == LinkTotals{});
  CHECK(links.total(1) == LinkTotals{});
}

TEST_CASE("link accounting: the round-trip time is the mean of connections heard from lately") {
  auto links = Links::based();
  const auto with = [](std::uint64_t cookie, microseconds rtt, milliseconds since) {
    auto one = connection(cookie, 100);
    one.tcp->smoothed_rtt = rtt;
    one.tcp->since_last_ack = since;
    return one;
  };
  links.dump({with(1, microseconds(10'000), milliseconds(5)),
              with(2, microseconds(30'000), milliseconds(30'000)),
              with(3, microseconds(900'000), milliseconds(30'001)),  // idle
              with(4, microseconds(0), milliseconds(0))});           // not measured
  const auto& now = links.accounting.now()[0];
  CHECK(now.connections == 4);
  REQUIRE(now.smoothed_rtt);
  CHECK(now.smoothed_rtt->count() == Approx(0.020));
  CHECK_FALSE(links.accounting.now()[1].smoothed_rtt);
}

TEST_CASE("link accounting: connections beyond the bound are counted when they end") {
  auto links = Links::based(2);
  links.dump({connection(1, 100), connection(2, 100), connection(3, 100)});
  CHECK(links.total().connections == 2);
  links.ended(connection(3, 700));
  CHECK(links.total() == totals(900, 0, 3));
}

TEST_CASE("link accounting: vanished connections are forgotten in the end, the oldest first") {
  constexpr std::uint64_t kVanished = 20'000;
  auto links = Links::based(100'000);
  links.dump({connection(1, 100)});
  std::vector<InetSocket> many;
  for (std::uint64_t cookie = 2; cookie < 2 + kVanished; ++cookie) {
    many.push_back(connection(cookie, 100));
  }
  links.dump(many);
  links.dump({});
  const auto before = links.total();
  links.ended(connection(1, 100));  // forgotten: taken for a new one
  CHECK(links.total().connections == before.connections + 1);
}

}  // namespace fieldmedic
