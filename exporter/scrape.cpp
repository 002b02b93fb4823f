#include "exporter/scrape.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <set>
#include <utility>

#include "common/metric_families.hpp"
#include "common/version.hpp"

namespace fieldmedic {

using std::chrono::milliseconds;

struct Scrape::Entry {
  std::string name;
  std::unique_ptr<Sampler> sampler;
  std::atomic<bool> failing = false;
  std::atomic<bool> shadowed = false;  // some of its families have names of ours
};

namespace {

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool selected(const ModuleSelection& selection, std::string_view name) {
  if (!selection.collect.empty()) return holds(selection.collect, name);
  return !holds(selection.exclude, name);
}

std::set<std::string> names_in(const std::vector<Families>& pages) {
  std::set<std::string> names;
  for (const auto& page : pages)
    for (const auto& family : page) names.insert(family.name);
  return names;
}

// Leaves out what has a name that is taken, and answers the names. A family that is there twice
// would make the whole page unreadable for Go's parser. What a module says of itself stands last.
std::string drop_taken(Families& families, std::set<std::string>& taken) {
  std::string dropped;
  for (auto at = families.size(); at-- > 0;) {
    if (taken.insert(families[at].name).second) continue;
    dropped += (dropped.empty() ? "" : ", ") + families[at].name;
    families.erase(families.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return dropped;
}

}  // namespace

milliseconds scrape_budget(std::string_view timeout_header) {
  constexpr double kDefault = 5;
  constexpr double kMost = 10;
  constexpr double kSlack = 0.5;
  double seconds = 0;
  const char* const begin = timeout_header.data();
  const char* const end = begin + timeout_header.size();
  const auto [stop, error] = std::from_chars(begin, end, seconds);
  const bool usable = error == std::errc{} && stop == end && std::isfinite(seconds) && seconds > 0;
  if (!usable)
    return std::chrono::duration_cast<milliseconds>(std::chrono::duration<double>(kDefault));
  seconds = std::min(std::max(seconds - kSlack, seconds / 2), kMost);
  return std::chrono::ceil<milliseconds>(std::chrono::duration<double>(seconds));
}

Scrape::Scrape(std::vector<std::unique_ptr<Module>> modules, const Clock& clock, Report report)
    : clock_(clock), report_(std::move(report)) {
  for (auto& module : modules) {
    auto entry = std::make_shared<Entry>();
    entry->name = module->name();
    entry->sampler = make_sampler(std::move(module), clock);
    add(std::move(entry));
  }
}

void Scrape::keep(const Scrape& other, std::span<const std::string_view> names) {
  for (const auto& entry : other.entries_) {
    if (std::ranges::find(names, entry->name) != names.end()) add(entry);
  }
}

// In the order of their costs: what only reads goes first, meanwhile the others work on their own
// threads.
void Scrape::add(std::shared_ptr<Entry> entry) {
  const auto cost = entry->sampler->module().cost();
  const auto place = std::ranges::find_if(entries_, [&](const std::shared_ptr<Entry>& one) {
    return one->sampler->module().cost() > cost;
  });
  entries_.insert(place, std::move(entry));
}

std::vector<std::string_view> Scrape::module_names() const {
  std::vector<std::string_view> names;
  for (const auto& entry : entries_) names.push_back(entry->name);
  return names;
}

Status Scrape::check(const ModuleSelection& selection) const {
  if (!selection.collect.empty() && !selection.exclude.empty()) {
    return fail(Errc::Invalid, "collect[] and exclude[] cannot be used together");
  }
  const auto names = module_names();
  for (const auto* list : {&selection.collect, &selection.exclude}) {
    for (const auto& name : *list) {
      if (std::ranges::find(names, name) != names.end()) continue;
      std::string message = "no such module; there are:";
      for (const auto known : names) message.append(" ").append(known);
      return fail(Errc::Invalid, std::move(message));
    }
  }
  return {};
}

Scrape::Samples Scrape::collect(const ModuleSelection& selection, SteadyTime deadline) {
  struct Begun {
    Entry* entry;
    std::unique_ptr<Sampler::Pending> pending;
  };
  const auto left = std::max(deadline - clock_.steady(), SteadyTime::duration::zero());
  const auto slack = std::min<SteadyTime::duration>(milliseconds(200), left / 5);
  std::vector<Begun> begun;
  begun.reserve(entries_.size());
  for (const auto& entry : entries_) {
    if (!selected(selection, entry->name)) continue;
    begun.push_back({entry.get(), entry->sampler->begin(deadline - slack)});
  }
  Samples samples;
  samples.reserve(begun.size());
  for (auto& one : begun) samples.emplace_back(one.entry, one.pending->end(deadline));
  return samples;
}

std::vector<Families> Scrape::run(const ModuleSelection& selection, SteadyTime deadline) {
  auto samples = collect(selection, deadline);
  std::vector<Families> pages;
  pages.reserve(samples.size() + 1);
  std::vector<std::pair<Entry*, Families>> foreign;
  Families summary = about(samples);
  for (auto& [entry, sample] : samples) {
    const bool failed = !sample.families.has_value();
    if (entry->failing.exchange(failed) != failed && failed) {
      report_(entry->name, sample.families.error());
    }
    if (failed) continue;
    if (entry->sampler->module().foreign())
      foreign.emplace_back(entry, std::move(*sample.families));
    else
      pages.push_back(std::move(*sample.families));
  }
  pages.push_back(std::move(summary));
  if (!foreign.empty()) append(pages, std::move(foreign));
  return pages;
}

void Scrape::append(std::vector<Families>& pages,
                    std::vector<std::pair<Entry*, Families>> foreign) const {
  std::set<std::string> taken = names_in(pages);
  for (auto& [entry, families] : foreign) {
    const std::string dropped = drop_taken(families, taken);
    if (entry->shadowed.exchange(!dropped.empty()) == dropped.empty() && !dropped.empty())
      report_(entry->name, Error{Errc::Conflict, "not published, the name is taken: " + dropped});
    pages.push_back(std::move(families));
  }
}

std::vector<ModuleReading> Scrape::ask(std::span<const std::string_view> modules,
                                       SteadyTime deadline) {
  ModuleSelection selection;
  selection.collect.assign(modules.begin(), modules.end());
  std::vector<ModuleReading> readings;
  for (auto& [entry, sample] : collect(selection, deadline)) {
    readings.push_back(
        {entry->name, std::move(sample.families), entry->sampler->module().remarks()});
  }
  return readings;
}

Families Scrape::about(const Samples& samples) const {
  using enum prometheus::MetricType;
  Families families;
  families.reserve(3);
  auto& build = families.emplace_back(
      make_family("fieldmedic_exporter_build_info",
                  "Version of this exporter; the value is always 1.", Gauge, 1));
  add_sample(build, 1, {{"version", kVersion}});
  auto& duration = families.emplace_back(make_family(
      "fieldmedic_scrape_module_duration_seconds",
      "Time that collecting this module took in this scrape, or that it was waited for.", Gauge,
      samples.size()));
  auto& success = families.emplace_back(make_family(
      "fieldmedic_scrape_module_success",
      "Whether this module was collected in this scrape: 1, or 0 when it failed or came too late.",
      Gauge, samples.size()));
  for (const auto& [entry, sample] : samples) {
    add_sample(duration, sample.took.count(), {{"module", entry->name}});
    add_sample(success, sample.families ? 1 : 0, {{"module", entry->name}});
  }
  return families;
}

}  // namespace fieldmedic
