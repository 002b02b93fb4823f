#include "exporter/link/link.hpp"

#include <optional>
#include <string_view>

#include "common/metric_families.hpp"

namespace fieldmedic {
namespace {

using prometheus::MetricType;

struct LinkFamily {
  std::string_view name;
  std::string_view help;
  MetricType type;
  std::optional<double> (*value)(const LinkReport::Link&);  // empty: absent
};

double number(std::uint64_t value) {
  return static_cast<double>(value);
}

using Value = std::optional<double>;
using Link = LinkReport::Link;

constexpr LinkFamily kFamilies[] = {
    {"link_up",
     "Whether the link can carry traffic: its interface is operational, its source address lies on "
     "one, or its peer network has a route over one.",
     MetricType::Gauge, [](const Link& link) -> Value { return link.up ? 1 : 0; }},
    {"link_default_route",
     "Whether the link carries the best default route of the main table (IPv4 or IPv6).",
     MetricType::Gauge, [](const Link& link) -> Value { return link.default_route ? 1 : 0; }},
    {"link_tcp_sent_bytes_total",
     "TCP payload sent over the link, retransmits included (tcp_info bytes_sent).",
     MetricType::Counter, [](const Link& link) -> Value { return number(link.totals.sent_bytes); }},
    {"link_tcp_retransmitted_bytes_total",
     "TCP payload sent again over the link (tcp_info bytes_retrans).", MetricType::Counter,
     [](const Link& link) -> Value { return number(link.totals.retransmitted_bytes); }},
    {"link_tcp_sent_segments_total",
     "TCP segments with payload sent over the link, retransmits included (tcp_info data_segs_out).",
     MetricType::Counter,
     [](const Link& link) -> Value { return number(link.totals.sent_segments); }},
    {"link_tcp_retransmitted_segments_total",
     "TCP segments sent again over the link, SYN and FIN too (tcp_info total_retrans).",
     MetricType::Counter,
     [](const Link& link) -> Value { return number(link.totals.retransmitted_segments); }},
    {"link_tcp_connections_total",
     "TCP connections seen on the link, short ones and failed attempts too, those that were open "
     "before the exporter not.",
     MetricType::Counter,
     [](const Link& link) -> Value { return number(link.totals.connections); }},
    {"link_tcp_open_connections",
     "TCP connections of the link that neither listen nor wait for the end of TIME_WAIT.",
     MetricType::Gauge, [](const Link& link) -> Value { return number(link.now.connections); }},
    {"link_tcp_smoothed_rtt_seconds",
     "Mean smoothed round-trip time of the link's open TCP connections that had an acknowledgement "
     "in the last 30 s, each weighted alike (tcp_info rtt).",
     MetricType::Gauge,
     [](const Link& link) -> Value {
       if (!link.now.smoothed_rtt) return std::nullopt;
       return link.now.smoothed_rtt->count();
     }},
};

}  // namespace

Result<Families> LinkModule::collect(SteadyTime) {
  const auto report = watch_->look(links_);
  if (!report) return fail(report.error());
  Families families;
  families.reserve(std::size(kFamilies) + 2);
  for (const auto& head : kFamilies) {
    auto family = make_family(head.name, head.help, head.type, links_.size());
    for (std::size_t place = 0; place < links_.size(); ++place) {
      const auto value = head.value(report->links[place]);
      if (value) add_sample(family, *value, {{"link", links_[place].name}});
    }
    if (!family.metric.empty()) families.push_back(std::move(family));
  }
  families.push_back(single("fieldmedic_link_ended_connections_total",
                            "Events about ended TCP connections that were read, of all links and "
                            "none.",
                            MetricType::Counter, number(report->ended)));
  families.push_back(single("fieldmedic_link_lost_events_total",
                            "Events about ended TCP connections that the kernel dropped because "
                            "they came too fast; what those connections did last is not counted.",
                            MetricType::Counter, number(report->lost)));
  return families;
}

}  // namespace fieldmedic
