#include "exporter/collector/counter_page.hpp"

#include <mutex>

#include <fmt/format.h>

#include "exporter/collector/counter_text.hpp"
#include "exporter/collector/success_track.hpp"

namespace fieldmedic {
namespace {

// Between the background and the scrapes.
struct Mailbox {
  std::mutex mutex;
  SuccessTrack track{Counts::Cumulative};
  std::vector<std::string> remarks;
};

Result<CounterReading> ask(HttpClient& http, const SuccessConfig& config, std::stop_token stop) {
  HttpRequest request;
  request.url = config.page.url;
  request.headers = {{"Accept", config.kind == SuccessKind::Json ? "application/json"
                                                                 : "text/plain;version=0.0.4"}};
  request.tls.ca_file = config.page.ca_file;
  request.timeout = config.page.timeout;
  request.body_limit = kMostCounterText;
  const auto answer = http.send(request, std::move(stop));
  if (!answer) return fail(answer.error());
  const auto shown = redact_url(config.page.url);
  if (answer->status != 200)
    return fail(Errc::Unavailable, fmt::format("{}: answered {}", shown, answer->status));
  auto reading = read_counter_text(answer->body, config);
  if (!reading) {
    return fail(reading.error().code, fmt::format("{}: {}", shown, reading.error().message));
  }
  for (auto& term : reading->missing)
    term = fmt::format("{}: nothing matches {} (yet)", shown, term);
  return reading;
}

void take(Mailbox& mailbox, const Result<CounterReading>& reading, WallTime at) {
  const std::lock_guard lock(mailbox.mutex);
  if (reading) {
    mailbox.track.take(*reading, reading->at.value_or(at));
    mailbox.remarks = reading->missing;
  } else if (reading.error().code != Errc::Cancelled) {
    mailbox.track.lose();
    mailbox.remarks = {reading.error().message};
  }
}

class CounterPage final : public SuccessSource {
 public:
  CounterPage(const SuccessConfig& config, const SuccessSite& site) : rounds_(site.rounds) {
    const auto work = [mailbox = mailbox_, config, http = site.http,
                       &clock = site.clock](std::stop_token stop) {
      take(*mailbox, ask(*http, config, std::move(stop)), clock.wall());
    };
    rounds_->add(config.page.interval, work);
  }

  Result<SuccessReport> read(SteadyTime) override {
    const std::lock_guard lock(mailbox_->mutex);
    auto report = mailbox_->track.report();
    report.remarks = mailbox_->remarks;
    return report;
  }

 private:
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::shared_ptr<Rounds> rounds_;
};

}  // namespace

std::unique_ptr<SuccessSource> make_counter_page(const SuccessConfig& config,
                                                 const SuccessSite& site) {
  return std::make_unique<CounterPage>(config, site);
}

}  // namespace fieldmedic
