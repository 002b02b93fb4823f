#include "exporter/host/sockstat.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"
#include "exporter/host/metric_word.hpp"

namespace fieldmedic {
namespace {

constexpr std::string_view kAll = "sockets";
// Those that node_exporter knows; a field of a later kernel is left out by both.
constexpr std::array<std::string_view, 6> kFields{"inuse", "orphan", "tw",
                                                  "alloc", "mem",    "memory"};

prometheus::MetricFamily gauge(std::string_view protocol, std::string_view field, double value) {
  std::string name("node_sockstat_");
  name.append(protocol).append("_").append(field);
  std::string help("Number of ");
  help.append(protocol).append(" sockets in state ").append(field).append(".");
  return single(name, help, prometheus::MetricType::Gauge, value);
}

void add(Families& families, const SocketCount& count) {
  const auto value = static_cast<double>(count.value);
  if (count.protocol == kAll) {
    if (count.field != "used") return;
    families.push_back(single("node_sockstat_sockets_used", "Number of IPv4 sockets in use.",
                              prometheus::MetricType::Gauge, value));
    return;
  }
  if (std::ranges::find(kFields, count.field) == kFields.end()) return;
  families.push_back(gauge(count.protocol, count.field, value));
  if (count.field == "mem") {
    static const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    families.push_back(gauge(count.protocol, "mem_bytes", value * page));
  }
}

class SockstatModule final : public Module {
 public:
  explicit SockstatModule(const HostRoot& host)
      : sockstat_(host.procfs / "net/sockstat"), sockstat6_(host.procfs / "net/sockstat6") {}
  [[nodiscard]] bool available() { return sockstat_.exists(); }
  [[nodiscard]] std::string_view name() const override { return "sockstat"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    constexpr std::size_t kUsual = 24;
    Families families;
    families.reserve(kUsual);
    if (auto read = add_file(sockstat_, families); !read) return fail(std::move(read.error()));
    auto read = add_file(sockstat6_, families);
    if (!read && read.error().code != Errc::NotFound) return fail(std::move(read.error()));
    return families;
  }

 private:
  static Status add_file(KeptFile& file, Families& families) {
    const auto text = file.read();
    if (!text) return fail(text.error());
    const auto counts = parse_sockstat(*text);
    if (!counts) return fail(counts.error());
    for (const auto& count : *counts) add(families, count);
    return {};
  }

  KeptFile sockstat_;
  KeptFile sockstat6_;
};

}  // namespace

Result<std::vector<SocketCount>> parse_sockstat(std::string_view text) {
  if (auto whole = require_whole(text, "sockstat"); !whole) return fail(std::move(whole.error()));
  std::vector<SocketCount> counts;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    const auto shown = line;
    auto protocol = take_field(line);
    if (protocol.empty() || protocol.back() != ':') {
      return malformed("sockstat", "a protocol and a colon", shown);
    }
    protocol.remove_suffix(1);
    if (!is_metric_word(protocol)) return malformed("sockstat", "a protocol and a colon", shown);
    do {
      SocketCount count{protocol, take_field(line), 0};
      if (!is_metric_word(count.field) || !take_number(line, count.value)) {
        return malformed("sockstat", "pairs of a name and a number", shown);
      }
      counts.push_back(count);
    } while (line.find_first_not_of(" \t") != std::string_view::npos);
  }
  return counts;
}

std::unique_ptr<Module> make_sockstat_module(const HostRoot& host) {
  auto module = std::make_unique<SockstatModule>(host);
  if (!module->available()) return nullptr;
  return module;
}

}  // namespace fieldmedic
