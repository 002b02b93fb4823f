// GET /diagnose?collector=NAME: the evidence of D1 to D5 about one collector.
#pragma once

#include <atomic>
#include <memory>

#include "common/clock.hpp"
#include "common/http_server.hpp"
#include "exporter/config.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/pause.hpp"
#include "exporter/scrape.hpp"

namespace fieldmedic {

// Thread-safe.
class DiagnosePage {
 public:
  // `clock` outlives it.
  DiagnosePage(std::shared_ptr<FileClient> files, const Clock& clock)
      : files_(std::move(files)), clock_(clock) {}

  // JSON; plain text with format=text, or where Accept names text/html or text/plain and no JSON.
  // 400: no collector, or a format that is none. 404: no such collector; the answer names those
  // there are. 503 with Retry-After: as many diagnoses as may be are under way, since each keeps a
  // thread of the server from scrapes. Deadline as a scrape's.
  [[nodiscard]] ServerResponse answer(const ServerRequest& request, const ExporterConfig& config,
                                      Scrape& scrape);
  // What is under way answers with what it has, soon.
  void stop() { pause_.end(); }

 private:
  const std::shared_ptr<FileClient> files_;
  const Clock& clock_;
  Pause pause_;
  std::atomic<int> under_way_ = 0;
};

}  // namespace fieldmedic
