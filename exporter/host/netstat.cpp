#include "exporter/host/netstat.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"
#include "exporter/host/metric_word.hpp"
#include "exporter/host/name_filter.hpp"

namespace fieldmedic {
namespace {

class Source {
 public:
  using Parse = Status (*)(std::string_view, std::vector<NetstatLayout>&, const NetstatSelects&,
                           const NetstatValue&);

  Source(std::filesystem::path path, Parse parse) : file_(std::move(path)), parse_(parse) {}

  [[nodiscard]] bool exists() { return file_.exists(); }

  Status collect(NameFilter& fields, Families& families) {
    const auto text = file_.read();
    if (!text) return fail(text.error());
    auto parsed = parse_(
        *text, known_, [&](std::string_view field) { return !fields.leaves_out(field); },
        [&](const NetstatField& field, double value) {
          families.push_back(
              single(field.metric, field.help, prometheus::MetricType::Untyped, value));
        });
    if (!parsed) return wrap(std::move(parsed.error()), file_.path().native());
    return {};
  }

 private:
  KeptFile file_;
  Parse parse_;
  std::vector<NetstatLayout> known_;  // in the order of the file
};

class NetstatModule final : public Module {
 public:
  NetstatModule(const HostRoot& host, const NetstatConfig& config)
      : fields_({.exclude = "", .include = config.fields}),
        netstat_(host.procfs / "net/netstat", parse_netstat),
        snmp_(host.procfs / "net/snmp", parse_netstat),
        snmp6_(host.procfs / "net/snmp6", parse_snmp6) {}
  [[nodiscard]] bool available() { return snmp_.exists(); }
  [[nodiscard]] std::string_view name() const override { return "netstat"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    constexpr std::size_t kUsual = 48;
    Families families;
    families.reserve(kUsual);
    if (auto read = netstat_.collect(fields_, families); !read)
      return fail(std::move(read.error()));
    if (auto read = snmp_.collect(fields_, families); !read) return fail(std::move(read.error()));
    auto read = snmp6_.collect(fields_, families);
    if (!read && read.error().code != Errc::NotFound) return fail(std::move(read.error()));
    return families;
  }

 private:
  NameFilter fields_;
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

void publish(NetstatLayout& layout, std::string_view protocol, std::string_view name,
             const NetstatSelects& selects) {
  std::string field(protocol);
  field.append("_").append(name);
  if (is_metric_word(field) && selects(field)) {
    std::string help("Statistic ");
    help.append(protocol).append(name).append(".");
    layout.published.push_back({layout.columns, "node_netstat_" + field, std::move(help)});
  }
  ++layout.columns;
}

NetstatLayout learn(std::string_view heading, const NetstatSelects& selects) {
  NetstatLayout layout{std::string(heading), 0, {}};
  std::string_view protocol = take_field(heading);
  protocol.remove_suffix(1);
  for (auto name = take_field(heading); !name.empty(); name = take_field(heading)) {
    publish(layout, protocol, name, selects);
  }
  return layout;
}

NetstatLayout learn_snmp6(std::string_view name, const NetstatSelects& selects) {
  NetstatLayout layout{std::string(name), 0, {}};
  const auto six = name.find('6');
  if (six == std::string_view::npos) {
    layout.columns = 1;  // of no protocol, and not published
    return layout;
  }
  publish(layout, name.substr(0, six + 1), name.substr(six + 1), selects);
  return layout;
}

// The layout of this place in the file, learned anew when it is another than last time.
NetstatLayout& layout_of(std::vector<NetstatLayout>& known, std::size_t place,
                         std::string_view heading, const NetstatSelects& selects,
                         NetstatLayout (*learner)(std::string_view, const NetstatSelects&)) {
  if (place >= known.size()) known.resize(place + 1);
  if (known[place].heading != heading) known[place] = learner(heading, selects);
  return known[place];
}

Status read_values(const NetstatLayout& layout, std::string_view values,
                   const NetstatValue& value) {
  if (layout.published.empty()) return {};  // what nobody sees may hold what it likes
  const auto shown = values;
  std::size_t column = 0;
  for (const auto& field : layout.published) {
    for (; column < field.column; ++column) take_field(values);
    double number = 0;
    if (!to_value(take_field(values), number)) {
      return malformed("netstat", "a number for each name", shown);
    }
    ++column;
    value(field, number);
  }
  while (!take_field(values).empty()) ++column;
  // A published column lies before what is missing; fewer or more is a line of something else.
  if (column != layout.columns) return malformed("netstat", "a number for each name", shown);
  return {};
}

}  // namespace

Status parse_netstat(std::string_view text, std::vector<NetstatLayout>& known,
                     const NetstatSelects& selects, const NetstatValue& value) {
  if (auto whole = require_whole(text, "netstat"); !whole) return whole;
  for (std::size_t place = 0; !text.empty(); ++place) {
    const std::string_view heading = take_line(text);
    std::string_view values = take_line(text);
    std::string_view rest = heading;
    const std::string_view protocol = take_field(rest);
    if (protocol.size() < 2 || protocol.back() != ':' || take_field(values) != protocol) {
      return malformed("netstat", "two lines of one protocol", heading);
    }
    const auto& layout = layout_of(known, place, heading, selects, learn);
    if (auto read = read_values(layout, values, value); !read) return read;
  }
  return {};
}

Status parse_snmp6(std::string_view text, std::vector<NetstatLayout>& known,
                   const NetstatSelects& selects, const NetstatValue& value) {
  if (auto whole = require_whole(text, "snmp6"); !whole) return whole;
  for (std::size_t place = 0; !text.empty(); ++place) {
    std::string_view line = take_line(text);
    const auto shown = line;
    const auto name = take_field(line);
    if (name.empty()) return malformed("snmp6", "a name and a number", shown);
    const auto& layout = layout_of(known, place, name, selects, learn_snmp6);
    if (auto read = read_values(layout, line, value); !read) return read;
  }
  return {};
}

std::unique_ptr<Module> make_netstat_module(const HostRoot& host, const NetstatConfig& config) {
  auto module = std::make_unique<NetstatModule>(host, config);
  if (!module->available()) return nullptr;
  return module;
}

}  // namespace fieldmedic
