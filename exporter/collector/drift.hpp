// Whether each collector's configuration files are what they are meant to be: collector_config_*.
#pragma once

#include <memory>
#include <vector>

#include "common/clock.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/periodic.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// Files are read in the background, at once and then every interval, so collecting waits for
// nobody. What was not compared yet, or cannot be read, is absent; digests are never told. `clock`
// must live as long as the program.
class DriftModule final : public Module {
 public:
  static constexpr std::chrono::seconds kPatience{30};  // for one look at a collector's files

  DriftModule(const std::vector<CollectorConfig>& collectors, std::shared_ptr<FileClient> files,
              const Clock& clock);
  ~DriftModule() override;

  [[nodiscard]] std::string_view name() const override { return "config"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override;
  // Files that drifted, that are in no baseline, that cannot be read.
  [[nodiscard]] std::vector<Remark> remarks() const override;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;                  // with the thread that looks
  std::vector<std::unique_ptr<Periodic>> looking_;  // one a collector: a hung file costs only it
};

}  // namespace fieldmedic
