#include "exporter/collector/report_rhythm.hpp"

#include <algorithm>

namespace fieldmedic {

std::optional<ReportRhythm::Slow> ReportRhythm::note(SteadyTime scrape,
                                                     std::optional<WallTime> report) {
  note_scrape(scrape);
  if (report) note_report(*report);
  if (seen_scrapes_ < kScrapes || seen_reports_ < kReports) return std::nullopt;
  auto scrapes = scrapes_;
  std::ranges::nth_element(scrapes, scrapes.begin() + kScrapes / 2);
  const auto scrape_every = scrapes[kScrapes / 2];
  const auto report_every = std::ranges::min(reports_);
  if (report_every <= 1.5 * scrape_every) return std::nullopt;
  return Slow{std::chrono::round<std::chrono::seconds>(report_every),
              std::chrono::round<std::chrono::seconds>(scrape_every)};
}

void ReportRhythm::note_scrape(SteadyTime scrape) {
  if (last_scrape_) scrapes_[seen_scrapes_++ % kScrapes] = scrape - *last_scrape_;
  last_scrape_ = scrape;
}

void ReportRhythm::note_report(WallTime report) {
  if (last_report_ && *last_report_ != report)
    reports_[seen_reports_++ % kReports] = report - *last_report_;
  last_report_ = report;
}

}  // namespace fieldmedic
