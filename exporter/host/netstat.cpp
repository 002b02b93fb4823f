#include "exporter/host/netstat.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include "exporter/host/families.hpp"
#include "exporter/host/kept_file.hpp"
#include "exporter/host/text_scan.hpp"

namespace fieldmedic {
namespace {

constexpr const char* kSelected =
    "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|"
    "TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOrigDataSent)|"
    "Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|"
    "Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$";

// A kernel lists its fields in one order, so what a field is called, and whether it is published,
// is found out on the first scrape.
struct KnownField {
  std::string protocol;
  std::string name;
  std::string metric;  // empty: not published
  std::string help;
};

class Source {
 public:
  using Parse = Status (*)(std::string_view, const NetstatField&);

  Source(std::filesystem::path path, Parse parse) : file_(std::move(path)), parse_(parse) {}

  [[nodiscard]] bool exists() { return file_.exists(); }

  Status collect(Families& families) {
    const auto text = file_.read();
    if (!text) return fail(text.error());
    auto parsed = parse_(*text, [&](std::size_t index, std::string_view protocol,
                                    std::string_view name, double value) {
      const auto& known = know(index, protocol, name);
      if (known.metric.empty()) return;
      families.push_back(single(known.metric, known.help, prometheus::MetricType::Untyped, value));
    });
    if (!parsed) return wrap(std::move(parsed.error()), file_.path().native());
    return {};
  }

 private:
  const KnownField& know(std::size_t index, std::string_view protocol, std::string_view name) {
    if (index >= known_.size()) known_.resize(index + 1);
    auto& known = known_[index];
    if (known.name == name && known.protocol == protocol) return known;
    known.protocol = protocol;
    known.name = name;
    known.metric.clear();
    if (netstat_selects(protocol, name)) {
      known.metric = "node_netstat_" + known.protocol + "_" + known.name;
      known.help = "Statistic " + known.protocol + known.name + ".";
    }
    return known;
  }

  KeptFile file_;
  Parse parse_;
  std::vector<KnownField> known_;  // by index in the file
};

class NetstatModule final : public Module {
 public:
  explicit NetstatModule(const HostRoot& host)
      : netstat_(host.procfs / "net/netstat", parse_netstat),
        snmp_(host.procfs / "net/snmp", parse_netstat),
        snmp6_(host.procfs / "net/snmp6", parse_snmp6) {}
  [[nodiscard]] bool available() { return snmp_.exists(); }
  [[nodiscard]] std::string_view name() const override { return "netstat"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    constexpr std::size_t kUsual = 48;
    Families families;
    families.reserve(kUsual);
    if (auto read = netstat_.collect(families); !read) return fail(std::move(read.error()));
    if (auto read = snmp_.collect(families); !read) return fail(std::move(read.error()));
    auto read = snmp6_.collect(families);
    if (!read && read.error().code != Errc::NotFound) return fail(std::move(read.error()));
    return families;
  }

 private:
  Source netstat_;
  Source snmp_;
  Source snmp6_;
};

// snmp shows -1 for "no limit" (Tcp MaxConn), so the values are signed.
bool to_value(std::string_view field, double& value) {
  std::int64_t small = 0;
  if (to_number(field, small)) {
    value = static_cast<double>(small);
    return true;
  }
  std::uint64_t large = 0;
  if (!to_number(field, large)) return false;
  value = static_cast<double>(large);
  return true;
}

}  // namespace

Status parse_netstat(std::string_view text, const NetstatField& field) {
  if (auto whole = require_whole(text, "netstat"); !whole) return whole;
  std::size_t index = 0;
  while (!text.empty()) {
    std::string_view names = take_line(text);
    std::string_view values = take_line(text);
    const auto shown = names;
    std::string_view protocol = take_field(names);
    if (protocol.size() < 2 || protocol.back() != ':' || take_field(values) != protocol) {
      return malformed("netstat", "two lines of one protocol", shown);
    }
    protocol.remove_suffix(1);
    for (auto name = take_field(names); !name.empty(); name = take_field(names)) {
      double value = 0;
      if (!to_value(take_field(values), value)) {
        return malformed("netstat", "a number for each name", shown);
      }
      field(index++, protocol, name, value);
    }
    if (!take_field(values).empty()) return malformed("netstat", "a name for each number", shown);
  }
  return {};
}

Status parse_snmp6(std::string_view text, const NetstatField& field) {
  if (auto whole = require_whole(text, "snmp6"); !whole) return whole;
  for (std::size_t index = 0; !text.empty(); ++index) {
    std::string_view line = take_line(text);
    const auto shown = line;
    const auto name = take_field(line);
    double value = 0;
    if (!to_value(take_field(line), value)) return malformed("snmp6", "a name and a number", shown);
    const auto six = name.find('6');
    if (six == std::string_view::npos) continue;
    field(index, name.substr(0, six + 1), name.substr(six + 1), value);
  }
  return {};
}

bool netstat_selects(std::string_view protocol, std::string_view name) {
  static const RE2 selected(kSelected, RE2::Quiet);
  std::string key(protocol);
  key.append("_").append(name);
  return RE2::PartialMatch(key, selected);
}

std::unique_ptr<Module> make_netstat_module(const HostRoot& host) {
  auto module = std::make_unique<NetstatModule>(host);
  if (!module->available()) return nullptr;
  return module;
}

}  // namespace fieldmedic
