// Room on the file systems that a collector needs, and how fast they write: collector_storage_*.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/periodic.hpp"
#include "exporter/collector/storage_probes.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// Serves every collector with storage in its configuration. A path that hangs or is not there is
// absent but for collector_storage_answers; without the file helper, collect fails. Sync probes run
// in the background. `clock` must live as long as the program.
class StorageModule final : public Module {
 public:
  StorageModule(const std::vector<CollectorConfig>& collectors, std::shared_ptr<FileClient> files,
                const Clock& clock);

  [[nodiscard]] std::string_view name() const override { return "storage"; }
  [[nodiscard]] Cost cost() const override { return Cost::MayWait; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override;
  // Paths that do not answer, probes that fail.
  [[nodiscard]] std::vector<Remark> remarks() const override;

 private:
  void tell(const FileClient::Answers& answers, const std::vector<SyncProbeSample>& probed);

  std::shared_ptr<FileClient> files_;
  std::vector<std::string> collectors_;  // whose each request is
  std::vector<FileRequest> requests_;
  std::shared_ptr<SyncProbes> probes_;  // none: no folder is declared
  std::unique_ptr<Periodic> probing_;
  mutable std::mutex mutex_;
  std::vector<Remark> remarks_;  // guarded
};

}  // namespace fieldmedic
