#include "exporter/collector/log.hpp"

#include <algorithm>

#include <fmt/format.h>

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
constexpr FamilyHead kCutLines = {"collector_log_cut_lines_total",
                                  "Lines over 64 KiB, of which the rest was not looked at.",
                                  kCounter};
constexpr FamilyHead kGaps = {
    "collector_log_gaps_total",
    "Times that a log file was truncated or replaced and the rest of it was not to be found: lines "
    "may not have been counted.",
    kCounter};
constexpr FamilyHead kLag = {
    "collector_log_lag_bytes",
    "Bytes in the collector's log files that are not read yet; they follow with later scrapes.",
    kGauge};
constexpr FamilyHead kFiles = {"collector_log_files", "Log files of the collector that are read.",
                               kGauge};
constexpr FamilyHead kReadable = {
    "collector_log_readable",
    "Whether every log file of the collector that is there could be read: 1, or 0.", kGauge};

std::string stream_of(const std::string& collector) {
  return "log/" + collector;
}

std::string number_of(std::size_t severity) {
  return fmt::format("messages.{}", to_label(static_cast<Severity>(severity)));
}

double unix_seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

LogModule::LogModule(const std::vector<CollectorConfig>& collectors,
                     std::shared_ptr<FileClient> files, std::shared_ptr<StateStore> states,
                     const Clock& clock, Warn warn)
    : files_(std::move(files)), states_(std::move(states)), clock_(&clock), warn_(std::move(warn)) {
  for (const auto& config : collectors) {
    if (config.log.files.empty()) continue;
    const auto state = states_->get(stream_of(config.name));
    LogSelection followed{.patterns = config.log.files,
                          .most_files = static_cast<std::size_t>(config.log.most_files),
                          .first_bytes = 0};
    auto& collector = collectors_.emplace_back(
        config.name, LogClassifier(SeverityRules(config.log.severity)),
        LogFollower(files_, std::move(followed), state ? &*state : nullptr), Counts(),
        FollowProgress());
    if (!state) continue;
    const auto number = [&](std::string_view name) {
      const auto found = state->numbers.find(name);
      return found == state->numbers.end() ? 0 : found->second;
    };
    auto& counts = collector.counts;
    for (std::size_t i = 0; i < kSeverities; ++i) counts.messages[i] = number(number_of(i));
    counts.stacks = number("stacks");
    counts.bytes = number("bytes");
    counts.cut_lines = number("cut_lines");
    counts.gaps = number("gaps");
  }
}

void LogModule::read(Collector& collector, SteadyTime stop_at) {
  auto& [name, classifier, follower, counts, seen] = collector;
  TailBudget budget{.clock = *clock_, .stop_at = stop_at};
  seen = follower.read(budget, [&](std::string_view line, std::uint32_t& context) {
    classifier.go_on_from(context);
    const auto verdict = classifier.classify(line);
    context = classifier.context();
    if (verdict.message) ++counts.messages[static_cast<std::size_t>(*verdict.message)];
    if (verdict.stack) ++counts.stacks;
  });
  counts.bytes += static_cast<double>(seen.tails.bytes);
  counts.cut_lines += static_cast<double>(seen.tails.cut_lines);
  counts.gaps += static_cast<double>(seen.tails.gaps);
  if (const auto wrote_at = seen.tails.wrote_at) {
    counts.last_message = std::max(counts.last_message.value_or(*wrote_at), *wrote_at);
  }
}

void LogModule::tell(const Collector& collector) {
  const auto& [name, classifier, follower, counts, seen] = collector;
  const auto tell = [&](const std::string& subject, bool bad, const std::string& message) {
    if (bad) {
      warn_.bad(subject, message);
    } else {
      warn_.well(subject);
    }
  };
  tell(name + "/read", seen.error.has_value(),
       fmt::format("log of collector {}: {}", name, seen.error ? seen.error->message : ""));
  tell(name + "/files", seen.left_out > 0,
       fmt::format("log of collector {}: {} files are not read, since at most most_files are", name,
                   seen.left_out));
}

void LogModule::remember(const Collector& collector) {
  auto state = collector.follower.state();
  const auto& counts = collector.counts;
  for (std::size_t i = 0; i < kSeverities; ++i) state.numbers[number_of(i)] = counts.messages[i];
  state.numbers["stacks"] = counts.stacks;
  state.numbers["bytes"] = counts.bytes;
  state.numbers["cut_lines"] = counts.cut_lines;
  state.numbers["gaps"] = counts.gaps;
  states_->put(stream_of(collector.name), std::move(state));
}

void LogModule::save() {
  if (const auto saved = states_->save(); !saved) {
    warn_.bad("state",
              fmt::format("log positions are not kept over a restart: {}", saved.error().message));
  } else {
    warn_.well("state");
  }
}

Result<Families> LogModule::collect(SteadyTime deadline) {
  const auto now = clock_->steady();
  const auto stop_at = now + (deadline - now) / 4 * 3;
  for (auto& collector : collectors_) {
    read(collector, stop_at);
    tell(collector);
    remember(collector);
  }
  save();
  std::optional<Error> error;
  for (const auto& collector : collectors_) {
    if (collector.seen.readable > 0 || !collector.seen.error) return families();
    if (!error) error = collector.seen.error;
  }
  if (error) return fail(*error);
  return families();
}

Families LogModule::families() const {
  CollectorFamily messages(kMessages), stacks(kStacks), last_message(kLastMessage), bytes(kBytes),
      cut_lines(kCutLines), gaps(kGaps), lag(kLag), files(kFiles), readable(kReadable);
  for (const auto& [name, classifier, follower, counts, seen] : collectors_) {
    readable.add(name, seen.error ? 0 : 1);
    if (seen.error && seen.readable == 0) continue;
    for (std::size_t i = 0; i < kSeverities; ++i) {
      messages.add(name, counts.messages[i], {{"severity", to_label(static_cast<Severity>(i))}});
    }
    stacks.add(name, counts.stacks);
    if (counts.last_message) last_message.add(name, unix_seconds(*counts.last_message));
    bytes.add(name, counts.bytes);
    cut_lines.add(name, counts.cut_lines);
    gaps.add(name, counts.gaps);
    lag.add(name, static_cast<double>(seen.tails.lag));
    files.add(name, static_cast<double>(seen.files));
  }
  Families families;
  for (auto* family :
       {&messages, &stacks, &last_message, &bytes, &cut_lines, &gaps, &lag, &files, &readable}) {
    std::move(*family).append_to(families);
  }
  return families;
}

}  // namespace fieldmedic
