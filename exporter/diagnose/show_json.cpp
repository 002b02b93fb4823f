#include <nlohmann/json.hpp>

#include "common/redact_text.hpp"
#include "common/version.hpp"
#include "exporter/diagnose/bounded.hpp"
#include "exporter/diagnose/show.hpp"

namespace fieldmedic {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostName = 200;     // bytes
constexpr std::size_t kMostEvidence = 32;  // of one check

ordered_json shown(const Evidence& evidence) {
  ordered_json json;
  if (evidence.verdict) json["verdict"] = to_string(*evidence.verdict);
  json["text"] = evidence.text;
  if (evidence.quantity) {
    json["value"] = evidence.quantity->value;
    json["unit"] = evidence.quantity->unit;
  }
  json["source"] = evidence.source;
  if (!evidence.excerpt.empty()) json["excerpt"] = evidence.excerpt;
  return json;
}

ordered_json shown(const std::vector<DiagnosisCheck>& checks, std::size_t most_evidence) {
  auto list = ordered_json::array();
  for (const auto& [check, verdict, left_out] : bounded(checks, most_evidence)) {
    ordered_json json;
    if (!check.id.empty()) json["id"] = check.id;
    json["name"] = check.name;
    json["verdict"] = to_string(verdict);
    json["evidence"] = ordered_json::array();
    for (const auto& evidence : check.evidence) json["evidence"].push_back(shown(evidence));
    if (left_out > 0) json["left_out"] = left_out;
    list.push_back(std::move(json));
  }
  return list;
}

std::string write(const Diagnosis& diagnosis, std::size_t most_evidence) {
  const ordered_json json{
      {"collector", shown_line(diagnosis.collector, kMostName)},
      {"host", shown_line(diagnosis.host, kMostName)},
      {"version", kVersion},
      {"time", format_rfc3339(diagnosis.at)},
      {"took_seconds", std::chrono::duration<double>(diagnosis.took).count()},
      {"verdict", to_string(diagnosis.verdict())},
      {"checks", shown(diagnosis.checks, most_evidence)},
      {"beside", shown(diagnosis.beside, most_evidence)},
  };
  return json.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string to_json(const Diagnosis& diagnosis) {
  auto most = kMostEvidence;
  auto text = write(diagnosis, most);
  while (text.size() > kMostDiagnosisBytes && most > 1) text = write(diagnosis, most /= 2);
  return text;
}

}  // namespace fieldmedic
