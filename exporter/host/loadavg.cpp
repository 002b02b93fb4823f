#include "exporter/host/loadavg.hpp"

#include <utility>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

class LoadavgModule final : public Module {
 public:
  explicit LoadavgModule(KeptFile file) : file_(std::move(file)) {}
  [[nodiscard]] std::string_view name() const override { return "loadavg"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    const auto text = file_.read();
    if (!text) return fail(text.error());
    const auto load = parse_loadavg(*text);
    if (!load) return fail(load.error());
    using enum prometheus::MetricType;
    Families families;
    families.reserve(3);
    families.push_back(single("node_load1", "1m load average.", Gauge, load->one));
    families.push_back(single("node_load15", "15m load average.", Gauge, load->fifteen));
    families.push_back(single("node_load5", "5m load average.", Gauge, load->five));
    return families;
  }

 private:
  KeptFile file_;
};

}  // namespace

Result<LoadAverages> parse_loadavg(std::string_view text) {
  if (auto whole = require_whole(text, "loadavg"); !whole) return fail(std::move(whole.error()));
  std::string_view line = text;
  LoadAverages load;
  std::string_view fields = take_line(line);
  const auto shown = fields;
  if (!take_number(fields, load.one) || !take_number(fields, load.five) ||
      !take_number(fields, load.fifteen)) {
    return malformed("loadavg", "three numbers", shown);
  }
  return load;
}

std::unique_ptr<Module> make_loadavg_module(const HostRoot& host) {
  KeptFile file(host.procfs / "loadavg");
  if (!file.exists()) return nullptr;
  return std::make_unique<LoadavgModule>(std::move(file));
}

}  // namespace fieldmedic
