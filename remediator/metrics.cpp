#include "remediator/metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>

#include "common/version.hpp"
#include "remediator/core/guard.hpp"
#include "remediator/state_metrics.hpp"

namespace fieldmedic {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct CounterFamily {
  std::string_view name;
  std::string_view help;
  std::array<std::string_view, 2> labels;  // "" for none
};

constexpr std::string_view kWebhooks = "fieldmedic_webhook_requests_total";
constexpr std::string_view kReceived = "fieldmedic_alerts_received_total";
constexpr std::string_view kIgnored = "fieldmedic_alerts_ignored_total";
constexpr std::string_view kOpened = "fieldmedic_incidents_opened_total";
constexpr std::string_view kEnded = "fieldmedic_incidents_ended_total";
constexpr std::string_view kActions = "fieldmedic_actions_total";
constexpr std::string_view kRefusals = "fieldmedic_guard_refusals_total";
constexpr std::string_view kAdopted = "fieldmedic_incidents_adopted_total";
constexpr std::string_view kWide = "fieldmedic_wide_faults_total";
constexpr std::string_view kSkipped = "fieldmedic_tiers_skipped_total";
constexpr std::string_view kUndos = "fieldmedic_undos_total";
constexpr std::string_view kNotifications = "fieldmedic_notifications_total";
constexpr std::string_view kCommits = "fieldmedic_journal_commits_total";
constexpr std::string_view kEvents = "fieldmedic_journal_events_total";
constexpr std::string_view kJournalRefusals = "fieldmedic_journal_refusals_total";
constexpr std::string_view kQueueRefusals = "fieldmedic_queue_refusals_total";

constexpr CounterFamily kCounters[] = {
    {kWebhooks, "Answers to webhooks, by HTTP status code.", {"code", ""}},
    {kReceived, "Alerts in accepted webhooks, duplicates included.", {"status", ""}},
    {kIgnored, "Alerts that opened nothing, by reason.", {"reason", ""}},
    {kOpened, "Incidents opened, by playbook.", {"playbook", ""}},
    {kEnded, "Incidents ended, by outcome.", {"outcome", ""}},
    {kActions, "Steps of actions applied, by outcome of the apply.", {"action", "outcome"}},
    {kRefusals,
     "Times that a guard said no, for now or for good; recorded once while its answer stays the "
     "same.",
     {"guard", "reason"}},
    {kWide, "Incidents of a whole group, by class of the fault.", {"fault", ""}},
    {kAdopted, "Times that an incident began to wait for a wider one.", {"", ""}},
    {kSkipped,
     "Tiers left out, by whether their condition does not hold (no) or that cannot be told.",
     {"holds", ""}},
    {kUndos,
     "Temporary changes by how they ended: undone, failed (a person undoes it), handed_over (ran "
     "out on a sick target) or settled by a person.",
     {"outcome", ""}},
    {kNotifications,
     "Messages to people, by channel and outcome of the delivery.",
     {"channel", "outcome"}},
    {kCommits, "Durable commits to the journal.", {"", ""}},
    {kEvents, "Events recorded in the journal.", {"", ""}},
    {kJournalRefusals,
     "Commits that the journal refused (disk full, busy); nothing was done.",
     {"", ""}},
    {kQueueRefusals, "Webhooks answered 503 because the queue was full.", {"", ""}},
};

constexpr const char* kForNow = "for_now";    // asked again
constexpr const char* kForGood = "for_good";  // a person goes on

// The buckets' upper bounds in seconds: around the drill (10 to 30 s) and the target of 15 min.
constexpr std::array<double, 12> kRecoverBounds{1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 900, 3600};

double seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// As many of a hash as a sample holds exactly.
double first_bits(std::string_view hex) {
  constexpr std::size_t kDigits = 12;
  const std::string_view first = hex.substr(0, kDigits);
  std::uint64_t bits = 0;
  std::from_chars(std::to_address(first.begin()), std::to_address(first.end()), bits, 16);
  return static_cast<double>(bits);
}

MetricFamily gauge(std::string name, std::string help, double value) {
  ClientMetric metric;
  metric.gauge.value = value;
  return {std::move(name), std::move(help), MetricType::Gauge, {std::move(metric)}};
}

}  // namespace

Metrics::Metrics(const Clock& clock) : clock_(clock), reload_success_(seconds(clock.wall())) {
  time_to_recover_.buckets.resize(kRecoverBounds.size() + 1);
  // Known series start at 0, so that the first increase is seen by rate().
  for (const std::string_view outcome : {"recovered", "handed_over", "cancelled"})
    add(kEnded, {std::string(outcome)}, 0);
  for (const std::string_view status : {"firing", "resolved"})
    add(kReceived, {std::string(status)}, 0);
  for (const std::string_view family :
       {kCommits, kEvents, kJournalRefusals, kQueueRefusals, kAdopted})
    add(family, {}, 0);
  for (const auto reason : {core::IgnoreReason::NoPlaybook, core::IgnoreReason::BadTarget,
                            core::IgnoreReason::AlreadyUsed, core::IgnoreReason::UnknownResolved,
                            core::IgnoreReason::Poison})
    add(kIgnored, {std::string(to_string(reason))}, 0);
  for (const core::Fault fault : {core::Fault::Cluster, core::Fault::Cascade})
    add(kWide, {std::string(to_string(fault))}, 0);
  for (const core::Truth holds : {core::Truth::No, core::Truth::Unknown})
    add(kSkipped, {std::string(to_string(holds))}, 0);
  for (const char* outcome : {"undone", "failed", "handed_over", "settled"})
    add(kUndos, {outcome}, 0);
  for (const core::Guard guard : core::kGuards)
    for (const char* reason : {kForNow, kForGood})
      add(kRefusals, {std::string(to_string(guard)), reason}, 0);
}

void Metrics::add(std::string_view family, Values values, double by) {
  counters_[family][std::move(values)] += by;
}

void Metrics::committed(const std::vector<core::Event>& events, const core::State& state) {
  const std::lock_guard lock(mutex_);
  if (events.empty()) return;
  add(kCommits, {});
  add(kEvents, {}, static_cast<double>(events.size()));
  for (const core::Event& event : events) count(event, state);
}

void Metrics::count(const core::Event& event, const core::State& state) {
  std::visit(
      [&](const auto& e) {
        using E = std::decay_t<decltype(e)>;
        if constexpr (std::is_same_v<E, core::AlertIgnored>)
          add(kIgnored, {std::string(to_string(e.reason))});
        else if constexpr (std::is_same_v<E, core::IncidentOpened>)
          opened(e);
        else if constexpr (std::is_same_v<E, core::IncidentAdopted>)
          add(kAdopted, {});
        else if constexpr (std::is_same_v<E, core::ApplyFinished>)
          add(kActions, {e.action, std::string(to_string(e.outcome))});
        else if constexpr (std::is_same_v<E, core::GuardRefused>)
          add(kRefusals, {e.guard, e.retry_at ? kForNow : kForGood});
        else if constexpr (std::is_same_v<E, core::TierSkipped>)
          add(kSkipped, {std::string(to_string(e.holds))});
        else if constexpr (std::is_same_v<E, core::Undone>)
          add(kUndos, {"undone"});
        else if constexpr (std::is_same_v<E, core::UndoFailed>)
          add(kUndos, {"failed"});
        else if constexpr (std::is_same_v<E, core::LeaseHandedOver>)
          add(kUndos, {"handed_over"});
        else if constexpr (std::is_same_v<E, core::LeaseSettled>)
          add(kUndos, {"settled"});
        else if constexpr (std::is_same_v<E, core::Recovered>)
          ended(e.incident, "recovered", state);
        else if constexpr (std::is_same_v<E, core::HandedOver>)
          ended(e.incident, "handed_over", state);
        else if constexpr (std::is_same_v<E, core::Cancelled>)
          ended(e.incident, "cancelled", state);
        else if constexpr (std::is_same_v<E, core::MessageDelivered>)
          add(kNotifications, {e.channel, "delivered"});
        else if constexpr (std::is_same_v<E, core::MessageDeferred>)
          add(kNotifications, {e.channel, "deferred"});
        else if constexpr (std::is_same_v<E, core::MessageDropped>)
          add(kNotifications, {e.channel, "dropped"});
      },
      event.payload);
}

void Metrics::opened(const core::IncidentOpened& event) {
  add(kOpened, {event.playbook.name});
  if (event.fault != core::Fault::Node) add(kWide, {std::string(to_string(event.fault))});
}

void Metrics::ended(core::IncidentId id, std::string_view outcome, const core::State& state) {
  add(kEnded, {std::string(outcome)});
  if (outcome != "recovered") return;
  const auto found = std::ranges::find(state.ended, id, &core::Incident::id);
  if (found == state.ended.end()) return;
  const double took = std::chrono::duration<double>(found->phase_since - found->opened_at).count();
  const auto bucket = std::ranges::lower_bound(kRecoverBounds, took) - kRecoverBounds.begin();
  ++time_to_recover_.buckets[static_cast<std::size_t>(bucket)];
  time_to_recover_.sum += took;
}

void Metrics::repeated(core::IgnoreReason reason) {
  const std::lock_guard lock(mutex_);
  add(kIgnored, {std::string(to_string(reason))});
}

void Metrics::journal_refused() {
  const std::lock_guard lock(mutex_);
  journal_writable_ = 0;
  add(kJournalRefusals, {});
}

void Metrics::journal_takes() {
  const std::lock_guard lock(mutex_);
  journal_writable_ = 1;
}

void Metrics::journal_altered() {
  const std::lock_guard lock(mutex_);
  journal_intact_ = 0;
}

void Metrics::webhook_answered(int code) {
  const std::lock_guard lock(mutex_);
  add(kWebhooks, {std::to_string(code)});
}

void Metrics::alerts_received(core::AlertStatus status, std::size_t count) {
  const std::lock_guard lock(mutex_);
  add(kReceived, {std::string(to_string(status))}, static_cast<double>(count));
}

void Metrics::watchdog_seen() {
  const std::lock_guard lock(mutex_);
  watchdog_seen_ = seconds(clock_.wall());
}

void Metrics::queue_refused() {
  const std::lock_guard lock(mutex_);
  add(kQueueRefusals, {});
}

void Metrics::reload_succeeded() {
  const std::lock_guard lock(mutex_);
  reload_successful_ = 1;
  reload_success_ = seconds(clock_.wall());
}

void Metrics::reload_failed() {
  const std::lock_guard lock(mutex_);
  reload_successful_ = 0;
}

std::vector<MetricFamily> Metrics::counter_families() const {
  std::vector<MetricFamily> families;
  for (const CounterFamily& family : kCounters) {
    MetricFamily out{std::string(family.name), std::string(family.help), MetricType::Counter, {}};
    const auto found = counters_.find(family.name);
    static const std::map<Values, double>
        kNone;  // named all the same: a scrape shows that it exists
    for (const auto& [values, value] : found == counters_.end() ? kNone : found->second) {
      ClientMetric metric;
      for (std::size_t i = 0; i < values.size(); ++i)
        metric.label.push_back({std::string(family.labels[i]), values[i]});
      metric.counter.value = value;
      out.metric.push_back(std::move(metric));
    }
    families.push_back(std::move(out));
  }
  return families;
}

MetricFamily Metrics::recover_family() const {
  ClientMetric recover;
  recover.histogram.sample_sum = time_to_recover_.sum;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < kRecoverBounds.size(); ++i) {
    cumulative += time_to_recover_.buckets[i];
    recover.histogram.bucket.push_back({cumulative, kRecoverBounds[i]});
  }
  recover.histogram.sample_count = cumulative + time_to_recover_.buckets.back();
  return {"fieldmedic_time_to_recover_seconds",
          "From the opening of an incident to its proven recovery.",
          MetricType::Histogram,
          {std::move(recover)}};
}

std::vector<MetricFamily> Metrics::collect(const core::State& state, const Head& head,
                                           std::size_t queue_length) const {
  const std::lock_guard lock(mutex_);
  std::vector<MetricFamily> families = counter_families();
  families.push_back(incidents_by_state(state));
  families.push_back(leases_by_state(state));
  families.push_back(recover_family());
  families.push_back(
      gauge("fieldmedic_journal_writable",
            "1 when the last commit to the journal succeeded, 0 when it was refused.",
            journal_writable_));
  families.push_back(gauge("fieldmedic_journal_intact",
                           "0 when a record was found to have been altered or taken out.",
                           journal_intact_));
  families.push_back(gauge("fieldmedic_journal_head_sequence",
                           "The last record's number: one that falls was cut off or restored.",
                           static_cast<double>(head.sequence)));
  families.push_back(gauge("fieldmedic_journal_head_hash",
                           "The first 48 bits of the last record's hash.", first_bits(head.hash)));
  families.push_back(gauge("fieldmedic_notifications_pending", "Messages that wait in the outbox.",
                           static_cast<double>(state.outbox.size())));
  families.push_back(gauge("fieldmedic_paused_scopes", "Scopes that a person holds.",
                           static_cast<double>(state.paused.size())));
  families.push_back(gauge("fieldmedic_breakers_open",
                           "Breakers that are open: repairs did not help, a person closes them.",
                           static_cast<double>(std::ranges::count_if(
                               state.breakers, [](const auto& b) { return b.second.open; }))));
  families.push_back(gauge("fieldmedic_queue_length", "Inputs that wait for the engine.",
                           static_cast<double>(queue_length)));
  families.push_back(gauge("fieldmedic_config_last_reload_successful",
                           "1 when the running configuration is the newest one read.",
                           reload_successful_));
  families.push_back(gauge("fieldmedic_config_last_reload_success_timestamp_seconds",
                           "When the running configuration was read.", reload_success_));
  if (watchdog_seen_ > 0)
    families.push_back(gauge("fieldmedic_watchdog_last_seen_timestamp_seconds",
                             "When the Watchdog alert last came in.", watchdog_seen_));
  ClientMetric build;
  build.label = {{"version", std::string(kVersion)}};
  build.gauge.value = 1;
  families.push_back({"fieldmedic_remediator_build_info",
                      "1, labelled with the version.",
                      MetricType::Gauge,
                      {std::move(build)}});
  return families;
}

}  // namespace fieldmedic
