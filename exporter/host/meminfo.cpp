#include "exporter/host/meminfo.hpp"

#include <cstdint>
#include <utility>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"
#include "exporter/host/metric_word.hpp"

namespace fieldmedic {
namespace {

// A kernel names its fields once and for all, so names and helps are made on the first scrape.
struct KnownField {
  std::string key;
  std::string name;
  std::string help;
};

// "Active(anon)": a word, and maybe another in parentheses after it.
bool is_memory_key(std::string_view key) {
  const auto open = key.find('(');
  if (open == std::string_view::npos) return is_metric_word(key);
  return key.back() == ')' && is_metric_word(key.substr(0, open)) &&
         is_metric_word(key.substr(open + 1, key.size() - open - 2));
}

class MeminfoModule final : public Module {
 public:
  explicit MeminfoModule(KeptFile file) : file_(std::move(file)) {}
  [[nodiscard]] std::string_view name() const override { return "meminfo"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    const auto text = file_.read();
    if (!text) return fail(text.error());
    const auto fields = parse_meminfo(*text);
    if (!fields) return fail(fields.error());
    known_.resize(fields->size());
    Families families;
    families.reserve(fields->size());
    for (std::size_t i = 0; i < fields->size(); ++i) {
      const auto& field = (*fields)[i];
      auto& known = known_[i];
      if (known.key != field.key) {
        const auto metric = memory_metric(field);
        known = {std::string(field.key), "node_memory_" + metric,
                 "Memory information field " + metric + "."};
      }
      families.push_back(
          single(known.name, known.help, prometheus::MetricType::Gauge, field.value));
    }
    return families;
  }

 private:
  KeptFile file_;
  std::vector<KnownField> known_;  // by line
};

}  // namespace

Result<std::vector<MemoryField>> parse_meminfo(std::string_view text) {
  if (auto whole = require_whole(text, "meminfo"); !whole) return fail(std::move(whole.error()));
  constexpr std::size_t kUsual = 64;
  std::vector<MemoryField> fields;
  fields.reserve(kUsual);
  while (!text.empty()) {
    std::string_view line = take_line(text);
    const auto shown = line;
    auto key = take_field(line);
    std::uint64_t value = 0;
    if (key.size() < 2 || key.back() != ':' || !take_number(line, value)) {
      return malformed("meminfo", "a name, a colon and a number", shown);
    }
    key.remove_suffix(1);
    if (!is_memory_key(key)) return malformed("meminfo", "a name, a colon and a number", shown);
    const auto unit = take_field(line);
    if (unit.empty()) {
      fields.push_back({key, static_cast<double>(value), false});
    } else if (unit == "kB") {
      fields.push_back({key, static_cast<double>(value) * 1024, true});
    } else {
      return malformed("meminfo", "kB or no unit", shown);
    }
  }
  return fields;
}

std::string memory_metric(const MemoryField& field) {
  std::string metric;
  for (const char c : field.key) {
    if (c == '(') {
      metric += '_';
    } else if (c != ')') {
      metric += c;
    }
  }
  if (field.bytes) metric += "_bytes";
  return metric;
}

std::unique_ptr<Module> make_meminfo_module(const HostRoot& host) {
  KeptFile file(host.procfs / "meminfo");
  if (!file.exists()) return nullptr;
  return std::make_unique<MeminfoModule>(std::move(file));
}

}  // namespace fieldmedic
