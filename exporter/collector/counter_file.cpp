#include "exporter/collector/counter_file.hpp"

#include <fmt/format.h>

#include "exporter/collector/counter_text.hpp"
#include "exporter/collector/success_track.hpp"

namespace fieldmedic {
namespace {

class CounterFile final : public SuccessSource {
 public:
  CounterFile(SuccessConfig config, const SuccessSite& site)
      : config_(std::move(config)), files_(site.files), track_(config_.counts) {}

  Result<SuccessReport> read(SteadyTime stop_at) override {
    const auto found = ask_file(*files_, {.verb = FileVerb::Stat, .path = config_.file}, stop_at);
    if (!found && found.error().code == Errc::NotFound) return gone();
    if (!found) return fail(found.error());
    if (found->stat == taken_) return told();
    remarks_.clear();
    auto reading = read_now(stop_at);
    if (!reading && reading.error().code == Errc::Timeout) {
      taken_ = {};
      return fail(reading.error());
    }
    if (reading) {
      track_.take(*reading, reading->at.value_or(taken_.modified));
      for (const auto& term : reading->missing)
        remarks_.push_back(fmt::format("{}: nothing matches {} (yet)", config_.file, term));
    } else {
      track_.lose();
      remarks_.push_back(fmt::format("{}: {}", config_.file, reading.error().message));
    }
    return told();
  }

 private:
  SuccessReport gone() {
    track_.nothing_there();
    track_.lose();
    taken_ = {};
    remarks_.clear();
    return told();
  }

  // Also when it makes no sense it is not read again before it is written again.
  Result<CounterReading> read_now(SteadyTime stop_at) {
    std::string text;
    while (true) {
      const auto part = ask_file(*files_,
                                 {.verb = FileVerb::Read,
                                  .path = config_.file,
                                  .offset = text.size(),
                                  .bytes = kMostReadBytes},
                                 stop_at);
      if (!part) return fail(part.error());
      if (!text.empty() && part->stat != taken_)
        return fail(Errc::Conflict, "was written while it was read; replace it by rename");
      taken_ = part->stat;
      text += part->bytes;
      if (text.size() > kMostCounterText) return fail(Errc::TooLarge, "larger than 1 MiB");
      if (part->bytes.size() < kMostReadBytes) return read_counter_text(text, config_);
    }
  }

  [[nodiscard]] SuccessReport told() const {
    auto report = track_.report();
    report.remarks = remarks_;
    return report;
  }

  const SuccessConfig config_;
  std::shared_ptr<FileClient> files_;
  FileStat taken_;  // of what was read last
  SuccessTrack track_;
  std::vector<std::string> remarks_;
};

}  // namespace

std::unique_ptr<SuccessSource> make_counter_file(const SuccessConfig& config,
                                                 const SuccessSite& site) {
  return std::make_unique<CounterFile>(config, site);
}

}  // namespace fieldmedic
