#include "exporter/link/link_watch.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kRoom = 4uz * 1024 * 1024;  // some 3,000 ended connections
constexpr std::size_t kMostWays = 65'536;         // about 6 MB
// A change of routes and lost events each ask for a dump at once. Routes that flap, or connections
// that come faster than they are read, must not make us dump all the time.
constexpr milliseconds kBetweenDumps{1000};

}  // namespace

std::size_t LinkWatch::EndPointsHash::operator()(const EndPoints& both) const {
  const IpAddressHash hash;
  return hash(both.from) * 31 + hash(both.to);
}

LinkWatch::~LinkWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  wake();
  thread_.join();
}

Result<LinkReport> LinkWatch::look(const std::vector<LinkConfig>& links) {
  const std::lock_guard lock(mutex_);
  if (links != links_) {
    links_ = links;
    std::vector<std::string> names;
    names.reserve(links.size());
    for (const auto& link : links) names.push_back(link.name);
    accounting_.use_links(names);
  }
  auto status = open();
  if (status) status = read_events();
  if (status) status = dump();
  if (!status) {
    sources_.reset();
    return fail(std::move(status.error()));
  }
  return report();
}

Status LinkWatch::open() {
  if (sources_) return {};
  // Events first: what ends while the first dump is taken is not missed.
  auto ends = ConnectionEnds::subscribe(kRoom);
  if (!ends) return fail(std::move(ends.error()));
  auto changes = RoutingChanges::subscribe();
  if (!changes) return fail(std::move(changes.error()));
  sources_ = std::make_unique<Sources>(Sources{
      .ends = std::move(*ends), .changes = std::move(*changes), .sockets = {}, .routing = {}});
  view_is_old_ = true;
  if (thread_.joinable()) {
    wake();  // it polls descriptors that are no more
    return {};
  }
  wake_ = FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_) {
    return fail(Errc::Unavailable, std::string("cannot watch links: ") + std::strerror(errno));
  }
  thread_ = std::thread([this] { run(); });
  return {};
}

Status LinkWatch::read_ends() {
  const auto read = sources_->ends.read([this](const InetSocket& connection) {
    accounting_.ended(connection, [this](const InetSocket& one) { return choose(one); });
  });
  if (!read) return fail(read.error());
  ended_ += read->events;
  lost_ += read->lost;
  // The ends are lost for good; of what is still open, a dump now saves the most.
  if (read->lost > 0) dump_soon_ = true;
  return {};
}

Status LinkWatch::read_events() {
  const auto changed = sources_->changes.any();
  if (!changed) return fail(changed.error());
  if (*changed || view_is_old_) {
    auto view = sources_->routing.read();
    if (!view) return fail(std::move(view.error()));
    view_ = std::move(*view);
    view_is_old_ = false;
    ways_.clear();
    accounting_.routes_changed();
    dump_soon_ = true;
  }
  return read_ends();
}

Status LinkWatch::dump() {
  dump_soon_ = false;
  last_dump_ = clock_.steady();
  const LinkAccounting::Choose chosen = [this](const InetSocket& one) { return choose(one); };
  Status ends;
  accounting_.begin_dump();
  auto status = sources_->sockets.connections(
      [&](const InetSocket& connection) { accounting_.in_dump(connection, chosen); },
      [&] {
        if (ends) ends = read_ends();
      });
  if (status && !ends) status = std::move(ends);
  if (status) {
    accounting_.end_dump();
  } else {
    accounting_.break_off_dump();
  }
  return status;
}

std::optional<std::uint32_t> LinkWatch::way_out(const IpAddress& from, const IpAddress& to) {
  const EndPoints both{from, to};
  if (const auto known = ways_.find(both); known != ways_.end()) return known->second;
  const auto way = sources_->routing.way_out(from, to);
  if (ways_.size() >= kMostWays) ways_.clear();
  ways_.emplace(both, way);
  return way;
}

std::size_t LinkWatch::choose(const InetSocket& connection) {
  return link_of(connection, links_, view_,
                 [this](const IpAddress& from, const IpAddress& to) { return way_out(from, to); });
}

LinkReport LinkWatch::report() {
  LinkReport report{.links = {}, .ended = ended_, .lost = lost_};
  for (std::size_t place = 0; place < links_.size(); ++place) {
    const bool up = is_up(links_[place], view_, [this](const IpAddress& from, const IpAddress& to) {
      return way_out(from, to);
    });
    report.links.push_back({.totals = accounting_.totals()[place],
                            .now = accounting_.now()[place],
                            .up = up,
                            .default_route = carries_default_route(links_[place], view_)});
  }
  return report;
}

Status LinkWatch::keep_up() {
  if (!sources_) return {};
  if (auto status = read_events(); !status) return status;
  if (!dump_soon_ || clock_.steady() - last_dump_ < kBetweenDumps) return {};
  return dump();
}

std::optional<milliseconds> LinkWatch::until_dump() const {
  if (!sources_ || !dump_soon_) return std::nullopt;
  const auto due = last_dump_ + kBetweenDumps;
  return std::max(milliseconds(1), std::chrono::ceil<milliseconds>(due - clock_.steady()));
}

void LinkWatch::run() {
  while (true) {
    std::array<pollfd, 3> polled{{{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                                  {.fd = -1, .events = POLLIN, .revents = 0},
                                  {.fd = -1, .events = POLLIN, .revents = 0}}};
    std::optional<milliseconds> wait;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      // A failure gives the sources up: the next look() opens them anew, and tells what is wrong.
      if (!keep_up()) sources_.reset();
      if (sources_) {
        polled[1].fd = sources_->ends.descriptor();
        polled[2].fd = sources_->changes.descriptor();
      }
      wait = until_dump();
    }
    poll(polled.data(), polled.size(), wait ? static_cast<int>(wait->count()) : -1);
    std::uint64_t told = 0;
    if (polled[0].revents != 0) (void)!read(wake_.get(), &told, sizeof told);
  }
}

void LinkWatch::wake() {
  constexpr std::uint64_t kOne = 1;
  (void)!write(wake_.get(), &kOne, sizeof kOne);
}

}  // namespace fieldmedic
