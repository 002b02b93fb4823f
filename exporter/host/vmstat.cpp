#include "exporter/host/vmstat.hpp"

#include <cstdint>
#include <utility>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"
#include "exporter/host/metric_word.hpp"
#include "exporter/host/name_filter.hpp"

namespace fieldmedic {
namespace {

class VmstatModule final : public Module {
 public:
  VmstatModule(KeptFile file, const VmstatConfig& config)
      : file_(std::move(file)), fields_({.exclude = "", .include = config.fields}) {}
  [[nodiscard]] std::string_view name() const override { return "vmstat"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    const auto text = file_.read();
    if (!text) return fail(text.error());
    Families families;
    auto parsed = parse_vmstat(
        *text, known_, [this](std::string_view key) { return !fields_.leaves_out(key); },
        [&](const VmstatField& field, double value) {
          families.push_back(
              single(field.metric, field.help, prometheus::MetricType::Untyped, value));
        });
    if (!parsed) return fail(std::move(parsed.error()));
    return families;
  }

 private:
  KeptFile file_;
  NameFilter fields_;
  std::vector<VmstatField> known_;  // by line
};

VmstatField learn(std::string_view key, bool published) {
  VmstatField field{std::string(key), {}, {}};
  if (!published || !is_metric_word(key)) return field;
  field.metric = "node_vmstat_" + field.key;
  field.help = "/proc/vmstat information field " + field.key + ".";
  return field;
}

}  // namespace

Status parse_vmstat(std::string_view text, std::vector<VmstatField>& known,
                    const std::function<bool(std::string_view)>& published,
                    const VmstatValue& value) {
  if (auto whole = require_whole(text, "vmstat"); !whole) return whole;
  for (std::size_t place = 0; !text.empty(); ++place) {
    std::string_view line = take_line(text);
    const auto shown = line;
    const auto key = take_field(line);
    if (key.empty()) return malformed("vmstat", "a name and a number", shown);
    if (place >= known.size()) known.resize(place + 1);
    auto& field = known[place];
    if (field.key != key) field = learn(key, published(key));
    if (field.metric.empty()) continue;
    std::uint64_t number = 0;
    if (!take_number(line, number)) return malformed("vmstat", "a name and a number", shown);
    value(field, static_cast<double>(number));
  }
  return {};
}

std::unique_ptr<Module> make_vmstat_module(const HostRoot& host, const VmstatConfig& config) {
  KeptFile file(host.procfs / "vmstat", FileShape::ManyRecords);
  if (!file.exists()) return nullptr;
  return std::make_unique<VmstatModule>(std::move(file), config);
}

}  // namespace fieldmedic
