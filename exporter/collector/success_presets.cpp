#include "exporter/collector/success_presets.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

// /api/v1/metrics: proc_records are delivered, dropped_records given up. `errors` and `retries`
// count chunks, and both are tried again. (Fluent Bit manual, "Monitoring".)
SuccessTerms fluent_bit(const std::string& output) {
  return {.successes = {fmt::format("/output/{}/proc_records", output)},
          .failures = {fmt::format("/output/{}/dropped_records", output)}};
}

// /_node/stats/pipelines: what left the pipeline; documents that Elasticsearch refused for good.
// events_count is of a persisted queue, and 0 for one in memory. (Logstash, "Node stats API".)
SuccessTerms logstash(const std::string& pipeline) {
  const auto below = "/pipelines/" + pipeline;
  return {.attempts = {below + "/events/out"},
          .failures = {below + "/plugins/outputs/*/documents/non_retryable_failures"},
          .backlog = {below + "/queue/events_count"}};
}

// /stats: `failed` is tried again and says nothing, `dropped` is lost, a duplicate is there
// already. `active` of the pipeline is published and not yet acknowledged. (libbeat,
// outputs/metrics.go.)
SuccessTerms filebeat(const std::string&) {
  return {.successes = {"/libbeat/output/events/acked", "/libbeat/output/events/duplicates"},
          .failures = {"/libbeat/output/events/dropped"},
          .backlog = {"/libbeat/pipeline/events/active"}};
}

// The sink prometheus_exporter behind the source internal_metrics. What a filter drops is
// intentional. (Vector, "Internal metrics".)
SuccessTerms vector(const std::string& component) {
  const auto of = fmt::format(R"({{component_id="{}")", component);
  return {.successes = {"vector_component_sent_events_total" + of + "}"},
          .failures = {"vector_component_discarded_events_total" + of + R"(,intentional="false"})"},
          .backlog = {"vector_buffer_events" + of + "}"}};
}

// Measured with collectd 5.12, write_prometheus, CollectInternalStats and the network plugin's
// ReportStats. "send-rejected" are values that are not to be sent on, which is no failure.
SuccessTerms collectd(const std::string&) {
  return {.successes = {R"(collectd_network_total_values_total{network="send-accepted"})"},
          .failures = {R"(collectd_collectd_derive_total{collectd="write_queue",type="dropped"})"},
          .backlog = {R"(collectd_collectd_queue_length{collectd="write_queue"})"}};
}

constexpr SuccessPreset kPresets[] = {
    {"fluent_bit", "http://127.0.0.1:2020", "/api/v1/metrics", "output", "", SuccessKind::Json,
     fluent_bit},
    {"logstash", "http://127.0.0.1:9600", "/_node/stats/pipelines", "pipeline", "main",
     SuccessKind::Json, logstash},
    {"filebeat", "http://127.0.0.1:5066", "/stats", "", "", SuccessKind::Json, filebeat},
    {"vector", "http://127.0.0.1:9598", "/metrics", "component", "", SuccessKind::Prometheus,
     vector},
    {"collectd", "http://127.0.0.1:9103", "/metrics", "", "", SuccessKind::Prometheus, collectd},
};

}  // namespace

std::span<const SuccessPreset> success_presets() {
  return kPresets;
}

bool is_part_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == ':' ||
           c == '-';
  });
}

}  // namespace fieldmedic
