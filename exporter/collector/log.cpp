#include "exporter/collector/log.hpp"

#include <algorithm>

#include "exporter/collector/collector_family.hpp"

namespace fieldmedic {
namespace {

constexpr auto kGauge = prometheus::MetricType::Gauge;
constexpr auto kCounter = prometheus::MetricType::Counter;

constexpr FamilyHead kMessages = {
    "collector_log_messages_total",
    "Messages in the collector's log files by severity; a stack trace is one message.", kCounter};
constexpr FamilyHead kStacks = {"collector_log_error_stacks_total",
                                "Stack traces in the collector's log files.", kCounter};
constexpr FamilyHead kLastMessage = {
    "collector_log_last_message_timestamp_seconds",
    "Unix time at which the collector last wrote to a log file (its modification time).", kGauge};
constexpr FamilyHead kBytes = {"collector_log_read_bytes_total",
                               "Bytes read from the collector's log files.", kCounter};

}  // namespace

LogModule::LogModule(const std::vector<CollectorConfig>& collectors) {
  for (const auto& config : collectors) {
    if (config.log.files.empty()) continue;
    auto& collector = collectors_.emplace_back();
    collector.name = config.name;
    for (const auto& file : config.log.files) {
      collector.files.push_back({LogTail(file, {}), LogClassifier()});
    }
  }
}

void LogModule::read(Collector& collector) {
  collector.status = {};
  for (auto& [tail, classifier] : collector.files) {
    const auto progress = tail.read([&](std::string_view line) {
      const auto verdict = classifier.classify(line);
      if (verdict.message) ++collector.messages[static_cast<std::size_t>(*verdict.message)];
      if (verdict.stack) ++collector.stacks;
    });
    if (!progress) {
      if (collector.status) collector.status = fail(progress.error());
      continue;
    }
    collector.bytes += static_cast<double>(progress->bytes);
    if (const auto wrote_at = progress->wrote_at) {
      collector.last_message = std::max(collector.last_message.value_or(*wrote_at), *wrote_at);
    }
  }
}

Result<Families> LogModule::collect(SteadyTime) {
  for (auto& collector : collectors_) read(collector);
  const auto readable = [](const Collector& collector) { return collector.status.has_value(); };
  if (!collectors_.empty() && std::ranges::none_of(collectors_, readable)) {
    return fail(collectors_.front().status.error());
  }
  return families();
}

Families LogModule::families() const {
  CollectorFamily messages(kMessages);
  CollectorFamily stacks(kStacks);
  CollectorFamily last_message(kLastMessage);
  CollectorFamily bytes(kBytes);
  for (const auto& collector : collectors_) {
    if (!collector.status) continue;
    for (std::size_t severity = 0; severity < kSeverities; ++severity) {
      messages.add(collector.name, collector.messages[severity],
                   {{"severity", to_label(static_cast<Severity>(severity))}});
    }
    stacks.add(collector.name, collector.stacks);
    if (collector.last_message) {
      last_message.add(
          collector.name,
          std::chrono::duration<double>(collector.last_message->time_since_epoch()).count());
    }
    bytes.add(collector.name, collector.bytes);
  }
  Families families;
  for (auto* family : {&messages, &stacks, &last_message, &bytes}) {
    std::move(*family).append_to(families);
  }
  return families;
}

}  // namespace fieldmedic
