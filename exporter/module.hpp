// What every source of metrics looks like.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>

#include "common/clock.hpp"
#include "common/result.hpp"

namespace fieldmedic {

using Families = std::vector<prometheus::MetricFamily>;

// Where a module may do its work.
enum class Cost {
  Inline,         // reads the kernel's own counters only (/proc/stat and its like, netlink), which
                  // wait for no device, no mount and no other process
  KeepsDeadline,  // waits for nothing but the file helper, which gives up at the deadline: runs in
                  // the scrape's thread, after Inline and while the others are at work
  MayWait,        // touches files, mounts, the network or the memory of other processes: runs on a
                  // thread of its own, and a scrape that it keeps waiting goes on without it
};

// What a module knows of one collector beside numbers, for people: /diagnose shows it as evidence.
struct Remark {
  std::string collector;
  std::string text;  // one line, never a secret
  // The family that it explains, and the label value of the sample (a path, a URL) where the
  // collector has several; empty: neither.
  std::string_view family{};  // a literal
  std::string value{};
};

// A module reads its source when asked and keeps nothing but open descriptors and, for streams (log
// tails), what it has counted so far. collect() is never called twice at once.
class Module {
 public:
  virtual ~Module() = default;
  // The value of the `module` label and of collect[]: "cpu", "process" …
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual Cost cost() const = 0;
  // Whether its families were named by somebody else: where a name is ours, ours is published.
  [[nodiscard]] virtual bool foreign() const { return false; }
  // Asks another process for what collect() needs of it, so that it answers while the scrape reads
  // other modules; never waits. Followed by collect(), or by nothing when the scrape broke off; may
  // be left out.
  virtual void ask_ahead() {}
  // Fresh families. An error costs this module's families only and shows in
  // fieldmedic_scrape_module_success; what cannot be read is absent, never 0. `deadline` is when
  // the scrape stops waiting.
  [[nodiscard]] virtual Result<Families> collect(SteadyTime deadline) = 0;
  // Of the last collection: why a collector cannot be judged, what was found. Thread-safe.
  [[nodiscard]] virtual std::vector<Remark> remarks() const { return {}; }
};

// What one module answered when it was asked once.
struct ModuleReading {
  std::string name;
  Result<Families> families;
  std::vector<Remark> remarks{};
};

}  // namespace fieldmedic
