// How often a collector reports, beside how often it is asked.
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "common/clock.hpp"

namespace fieldmedic {

// Numbers that stand still for several scrapes and then jump make rates over short times wrong.
class ReportRhythm {
 public:
  struct Slow {
    std::chrono::seconds report_every;
    std::chrono::seconds scrape_every;
  };

  // One scrape, and the time of the last report that it saw. Set when each of the last kReports
  // reports took more than one and a half times as long as the scrapes do, of which the median of
  // the last kScrapes counts: somebody who looks by hand is no scrape. Pure but for what it
  // remembers.
  std::optional<Slow> note(SteadyTime scrape, std::optional<WallTime> report);

 private:
  static constexpr std::size_t kScrapes = 5;
  static constexpr std::size_t kReports = 3;
  using Seconds = std::chrono::duration<double>;

  void note_scrape(SteadyTime scrape);
  void note_report(WallTime report);

  std::optional<SteadyTime> last_scrape_;
  std::optional<WallTime> last_report_;
  std::array<Seconds, kScrapes> scrapes_{};  // the last distances, in a ring
  std::array<Seconds, kReports> reports_{};
  std::size_t seen_scrapes_ = 0;
  std::size_t seen_reports_ = 0;
};

}  // namespace fieldmedic
