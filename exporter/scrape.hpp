// One scrape: all modules that were asked for, each by its deadline, none able to spoil the rest.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "exporter/module.hpp"
#include "exporter/sampler.hpp"

namespace fieldmedic {

// Which modules a scrape wants: ?collect[]=cpu&collect[]=stat or ?exclude[]=diskstats.
struct ModuleSelection {
  std::vector<std::string> collect;  // empty: all
  std::vector<std::string> exclude;
};

// How long a scrape may take: Prometheus' X-Prometheus-Scrape-Timeout-Seconds less half a second
// for the way back, at least half of it; 5 s when the header is absent or not a positive number;
// never more than 10 s, whatever is asked for: what is not there by then hangs, and each scrape
// that waits holds a thread of the server.
[[nodiscard]] std::chrono::milliseconds scrape_budget(std::string_view timeout_header);

// Thread-safe: several scrapes may run at once.
class Scrape {
 public:
  // What a module that failed has to say, told once until it succeeds again.
  using Report = std::function<void(std::string_view module, const Error& error)>;

  // `clock` lives as long as the program.
  Scrape(std::vector<std::unique_ptr<Module>> modules, const Clock& clock, Report report);

  // Takes modules over from another scrape, with all that they have counted; both may run
  // afterwards. To be called before this one runs.
  void keep(const Scrape& other, std::span<const std::string_view> names);

  [[nodiscard]] std::vector<std::string_view> module_names() const;

  // Errc::Invalid: collect and exclude together, or a module that is not there (the message lists
  // those that are).
  Status check(const ModuleSelection& selection) const;

  // The families of each module, then those about the scrape itself. Waits until `deadline` at
  // most, beside what inline modules take. Modules are told a deadline a little before it (200 ms,
  // or a fifth of the time), so that one of which a part hangs still answers with the rest.
  [[nodiscard]] std::vector<Families> run(const ModuleSelection& selection, SteadyTime deadline);

  // What those of these modules that are there answer, with their remarks, likewise by the
  // deadline. Failures are in the answer, and told to nobody else.
  [[nodiscard]] std::vector<ModuleReading> ask(std::span<const std::string_view> modules,
                                               SteadyTime deadline);

 private:
  struct Entry;
  using Samples = std::vector<std::pair<Entry*, Sample>>;
  void add(std::shared_ptr<Entry> entry);
  void append(std::vector<Families>& pages, std::vector<std::pair<Entry*, Families>> foreign) const;
  [[nodiscard]] Samples collect(const ModuleSelection& selection, SteadyTime deadline);
  [[nodiscard]] Families about(const Samples& samples) const;

  std::vector<std::shared_ptr<Entry>> entries_;
  const Clock& clock_;
  Report report_;
};

}  // namespace fieldmedic
