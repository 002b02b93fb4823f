#include "tool/answer_text.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "tool/json_text.hpp"
#include "tool/text_table.hpp"

namespace fieldmedic::tool {
namespace {

constexpr std::string_view kNothing = "-";

std::string or_dash(std::string text) {
  return text.empty() ? std::string(kNothing) : std::move(text);
}

void add_line(std::string& page, std::string_view name, const std::string& value) {
  if (!value.empty()) page += fmt::format("{:<12}{}\n", name, value);
}

void add_approval(std::string& page, const JsonText& incident) {
  const auto approval = incident.member("approval");
  if (!approval) return;
  page += fmt::format("\nIt asks: may this be done?  {}\n", approval->text("what"));
  page += fmt::format("  from {}, until {}, otherwise: {}\n", approval->text("from"),
                      approval->text("expires_at"), approval->text("otherwise"));
  page +=
      fmt::format("  yes: fieldmedic approve {} {}\n", incident.text("id"), approval->text("hash"));
  page += fmt::format("  no:  fieldmedic cancel {} --reason TEXT\n", incident.text("id"));
}

void add_checks(std::string& page, const JsonText& incident) {
  std::vector<Row> rows{{"CHECK", "VERDICT", "SINCE", "EVIDENCE"}};
  for (const JsonText& check : incident.elements("checks"))
    rows.push_back({check.text("check"), check.text("verdict"), or_dash(check.text("since")),
                    check.text("evidence")});
  if (rows.size() > 1) page += "\n" + text_table(rows);
}

// Everything of an event that its own columns do not say.
std::string details(const JsonText& event) {
  constexpr std::array<std::string_view, 5> kSaid{"seq", "at", "wall", "epoch", "event"};
  std::string text;
  for (const auto& [name, value] : event.members()) {
    if (std::ranges::find(kSaid, name) != kSaid.end() || value.empty()) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : "  ", name, value);
  }
  return text;
}

void add_timeline(std::string& page, const JsonText& incident) {
  std::vector<Row> rows{{"AT", "EVENT", "DETAILS"}};
  for (const JsonText& event : incident.elements("timeline"))
    rows.push_back({event.text("at"), event.text("event"), details(event)});
  if (rows.size() > 1) page += "\n" + text_table(rows);
}

void add_brakes(std::vector<Row>& rows, const std::optional<JsonText>& brakes,
                std::string_view what) {
  if (!brakes) return;
  for (const auto& [scope, why] : brakes->members())
    rows.push_back({std::string(what), scope, or_dash(why)});
}

std::string hindrance(const JsonText& tier) {
  std::string text = tier.text("approval_from");
  if (!text.empty()) text = "wants approval from " + text;
  if (const auto refused = tier.member("refused"))
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", refused->text("guard"),
                        refused->text("reason"));
  return or_dash(text);
}

void add_tier(std::vector<Row>& rows, const JsonText& tier) {
  const auto plan = tier.member("plan");
  const std::string left_out = tier.text("left_out");
  const std::string otherwise =
      left_out.empty() ? "cannot: " + tier.text("no_plan") : "is left out: " + left_out;
  rows.push_back({tier.text("tier"), plan ? plan->text("hash") : std::string(kNothing),
                  plan ? plan->text("summary") : otherwise, hindrance(tier)});
}

}  // namespace

Result<std::string> incidents_text(std::string_view body) {
  const auto answer = JsonText::parse(body);
  if (!answer) return fail(answer.error());
  std::vector<Row> rows{{"ID", "STATE", "TARGET", "PLAYBOOK", "OPENED", "REASON"}};
  for (const JsonText& incident : answer->elements("incidents"))
    rows.push_back({incident.text("id"), incident.text("state"), incident.text("target"),
                    incident.text("playbook"), incident.text("opened_at"),
                    or_dash(incident.text("reason"))});
  if (rows.size() == 1) return std::string("no incidents\n");
  return text_table(rows);
}

Result<std::string> incident_text(std::string_view body) {
  const auto incident = JsonText::parse(body);
  if (!incident) return fail(incident.error());
  std::string page = fmt::format("incident {}: {} is {}\n", incident->text("id"),
                                 incident->text("target"), incident->text("state"));
  add_line(page, "reason", incident->text("reason"));
  add_line(page, "playbook", incident->text("playbook") + " (" + incident->text("mode") + ")");
  add_line(page, "remedy", incident->text("tier_name"));
  add_line(page, "attempts", incident->text("attempts"));
  add_line(page, "opened", incident->text("opened_at"));
  add_line(page, "ended", incident->text("ended_at"));
  const std::string took = incident->text("took_seconds");
  add_line(page, "took", took.empty() ? "" : took + " s");
  add_line(page, "relapse of", incident->text("relapse_of"));
  add_line(page, "fault", incident->text("fault"));
  add_line(page, "waits for", incident->text("adopted_by"));
  add_line(page, "waited for by", incident->text("adopted_count"));
  add_approval(page, *incident);
  add_checks(page, *incident);
  add_timeline(page, *incident);
  return page;
}

Result<std::string> brakes_text(std::string_view body) {
  const auto answer = JsonText::parse(body);
  if (!answer) return fail(answer.error());
  std::vector<Row> rows{{"BRAKE", "SCOPE", "WHY"}};
  add_brakes(rows, answer->member("paused"), "paused");
  add_brakes(rows, answer->member("open_breakers"), "breaker");
  if (rows.size() == 1) return std::string("nothing is paused, no breaker is open\n");
  return text_table(rows);
}

Result<std::string> leases_text(std::string_view body) {
  const auto answer = JsonText::parse(body);
  if (!answer) return fail(answer.error());
  std::vector<Row> rows{{"ID", "STATE", "INCIDENT", "CHANGE", "RESOURCE", "ENDS", "REASON"}};
  for (const JsonText& lease : answer->elements("leases"))
    rows.push_back({lease.text("id"), lease.text("state"), lease.text("incident"),
                    lease.text("change"), lease.text("resource"), lease.text("ends_at"),
                    or_dash(lease.text("reason"))});
  if (rows.size() == 1) return std::string("nothing is changed for a time\n");
  return text_table(rows);
}

Result<std::string> plan_text(std::string_view body) {
  const auto answer = JsonText::parse(body);
  if (!answer) return fail(answer.error());
  if (!answer->text("ignored").empty())
    return fmt::format("nothing would be done: {}\n", answer->text("why"));
  const std::string host = answer->text("host");  // a group has none
  std::string page = fmt::format("{}{}{}: playbook {} ({})\n", answer->text("target"),
                                 host.empty() ? "" : " on host ", host, answer->text("playbook"),
                                 answer->text("mode"));
  add_line(page, "belongs to", answer->text("open_incident"));
  add_line(page, "waits for", answer->text("waits_for"));
  add_checks(page, *answer);
  std::vector<Row> rows{{"REMEDY", "PLAN HASH", "WOULD", "HELD BACK BY"}};
  for (const JsonText& tier : answer->elements("tiers")) add_tier(rows, tier);
  return page + "\n" + text_table(rows) + "\nNothing was done.\n";
}

}  // namespace fieldmedic::tool
