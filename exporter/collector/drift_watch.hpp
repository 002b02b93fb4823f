// Whether the configuration files of one collector are what they are meant to be.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "exporter/collector/drift_config.hpp"
#include "exporter/files/file_client.hpp"

namespace fieldmedic {

struct DriftSample {
  std::string path{};
  // 1: other than the baseline, or gone. Empty: not known yet, or cannot be read.
  std::optional<double> drift{};
  // When the content last changed: the file's modification time, or when this exporter noticed, for
  // one that changed without it (mv, touch). Empty: no such file since this exporter looks.
  std::optional<WallTime> changed_at{};
  std::optional<WallTime> compared_at{};
  std::string trouble{};  // why it has drifted or cannot be read; empty: well
};

// Not thread-safe.
class DriftWatch {
 public:
  explicit DriftWatch(DriftConfig config);

  // Reads the baseline and every file. Errors are in the samples.
  void look(FileClient& files, const Clock& clock, SteadyTime deadline);
  [[nodiscard]] const std::vector<DriftSample>& samples() const { return samples_; }
  [[nodiscard]] std::chrono::milliseconds interval() const { return config_.interval; }

 private:
  using Digests = std::map<std::string, std::string>;
  [[nodiscard]] Result<Digests> read_baseline(FileClient& files, SteadyTime deadline) const;
  void judge(std::size_t place, const Result<FileAnswer>& answer, const Result<Digests>& baseline,
             WallTime now);

  DriftConfig config_;
  std::vector<DriftSample> samples_;              // in the order of config_.files
  std::vector<std::optional<std::string>> seen_;  // digest of the last look, "" for no file
};

}  // namespace fieldmedic
