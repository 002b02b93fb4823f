#include <algorithm>

#include <fmt/format.h>

#include "exporter/diagnose/checks.hpp"
#include "exporter/diagnose/quantities.hpp"

namespace fieldmedic {
namespace {

using enum Verdict;

// The value of one sample; absent when there is none.
std::optional<double> find(const std::vector<Reading>& readings, const std::string& label) {
  const auto found = std::ranges::find(readings, label, &Reading::label);
  return found == readings.end() ? std::nullopt : std::optional(found->value);
}

void add_ports(const Findings& findings, DiagnosisCheck& check) {
  constexpr const char* kSource = "module port";
  const auto listening = findings.readings.of_collector("collector_port_listening", "address");
  for (const auto& address : findings.config.ports) {
    Evidence evidence{.source = kSource};
    if (const auto open = find(listening, address)) {
      evidence.verdict = *open == 1 ? Ok : Suspect;
      evidence.text = address + (*open == 1 ? ": somebody listens" : ": nobody listens");
      evidence.quantity = Quantity{*open, "1"};
    } else {
      evidence.verdict = Unknown;
      evidence.text =
          fmt::format("{}: cannot be told: {}", address, findings.readings.missing("port"));
    }
    check.evidence.push_back(std::move(evidence));
  }
}

// What probes of one kind are called in the families.
struct ProbeKind {
  std::string_view up;
  std::string_view at;
  std::string_view label;
};
constexpr ProbeKind kHealth{"collector_health_up", "collector_health_timestamp_seconds", "url"};
constexpr ProbeKind kPeer{"collector_peer_up", "collector_peer_timestamp_seconds", "peer"};

// A probe that has not answered for longer than two of its turns is no news any more.
bool is_stale(const ProbeConfig& probe, double age) {
  return age > 2 * std::chrono::duration<double>(probe.interval + probe.timeout).count();
}

Evidence judge_probe(const Findings& findings, const ProbeKind& kind, const ProbeConfig& probe,
                     const std::string& shown) {
  Evidence evidence{.verdict = Unknown, .source = "module health"};
  const auto& readings = findings.readings;
  const auto at = find(readings.of_collector(kind.at, kind.label), shown);
  const auto up = find(readings.of_collector(kind.up, kind.label), shown);
  const auto why = readings.remark(kind.up, shown);
  if (!at) {
    const auto missing = readings.missing("health");
    evidence.text = fmt::format("{}: {}", shown, missing.empty() ? "not asked yet" : missing);
    return evidence;
  }
  const double age = age_seconds(*at, findings.at);
  const auto asked = fmt::format("asked {} ago", shown_span(std::max(age, 1.0)));
  if (is_stale(probe, age)) {
    evidence.text = fmt::format("{}: its probe hangs; last {}", shown, asked);
  } else if (!up) {
    evidence.text = fmt::format("cannot be told: {} ({})", why.empty() ? shown : why, asked);
  } else if (*up == 1) {
    evidence.verdict = Ok;
    evidence.text = fmt::format("{}: answers well ({})", shown, asked);
  } else {
    evidence.verdict = Suspect;
    evidence.text = fmt::format("{} ({})", why.empty() ? shown + ": does not answer" : why, asked);
  }
  if (up) evidence.quantity = Quantity{*up, "1"};
  return evidence;
}

// A link that is down may not be this collector's: told, and not judged.
void add_links(const Findings& findings, DiagnosisCheck& check) {
  const auto carries = findings.readings.of_host("link_default_route", "link");
  for (const auto& [link, up] : findings.readings.of_host("link_up", "link")) {
    const bool default_route = find(carries, link) == 1.0;
    check.evidence.push_back({.text = fmt::format("link {}: {}{}", link, up == 1 ? "up" : "down",
                                                  default_route ? ", the way out" : ""),
                              .quantity = Quantity{up, "1"},
                              .source = "module link"});
  }
}

}  // namespace

DiagnosisCheck check_network(const Findings& findings) {
  DiagnosisCheck check{.id = "D2", .name = "network"};
  const auto& config = findings.config;
  if (config.ports.empty() && config.health.empty() && config.peers.empty()) {
    check.evidence.push_back({.verdict = Unknown,
                              .text = "neither ports, health nor peers are configured",
                              .source = "exporter.yml"});
  }
  add_ports(findings, check);
  for (const auto& probe : config.health)
    check.evidence.push_back(judge_probe(findings, kHealth, probe, probe.shown()));
  for (const auto& probe : config.peers)
    check.evidence.push_back(judge_probe(findings, kPeer, probe, probe.address));
  add_links(findings, check);
  return check;
}

}  // namespace fieldmedic
