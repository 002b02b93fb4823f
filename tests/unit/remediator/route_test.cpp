#include "remediator/route.hpp"

#include <string>

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

PlaybookConfig playbook(const std::string& name, std::vector<std::string> match,
                        const std::string& host, const std::string& collector = {}) {
  PlaybookConfig config;
  for (const std::string& text : match) config.match.push_back(*Matcher::parse(text));
  config.target.host = *Template::parse(host);
  if (!collector.empty()) config.target.collector = *Template::parse(collector);
  auto plain = std::make_shared<core::Playbook>();
  plain->name = name;
  config.playbook = std::move(plain);
  return config;
}

RemediatorConfig fleet() {
  RemediatorConfig config;
  auto inventory = std::make_shared<Inventory>();
  CollectorSpec orders;
  orders.name = "orders";
  inventory->groups.push_back({.name = "shanghai",
                               .hosts = {{.name = "sh-01"}, {.name = "sh-02"}},
                               .collectors = {orders}});
  inventory->groups.push_back({.name = "beijing", .hosts = {{.name = "bj-01"}}, .collectors = {}});
  config.inventory = std::move(inventory);
  config.playbooks.push_back(playbook("narrow", {R"(alertname="Down")", R"(severity="critical")"},
                                      "{{ labels.host }}", "{{ labels.collector }}"));
  config.playbooks.push_back(
      playbook("wide", {R"(alertname="Down")"}, "{{ labels.host }}", "{{ labels.collector }}"));
  config.playbooks.push_back(playbook("host", {R"(alertname="HostDown")"}, "{{ labels.host }}"));
  config.playbooks.push_back(
      playbook("zone", {R"(alertname="Zone")"}, "{{ labels.zone }}-{{ labels.number }}"));
  return config;
}

core::RoutedAlert route_labels(core::LabelMap labels) {
  core::Alert alert;
  alert.key.fingerprint = "f";
  alert.labels = std::move(labels);
  return route(fleet(), std::move(alert));
}

core::RoutedAlert route_to_group(core::LabelMap labels) {
  RemediatorConfig config = fleet();
  config.playbooks.push_back(playbook("whole", {R"(alertname="GroupDown")"}, ""));
  config.playbooks.back().target.group = *Template::parse("{{ labels.group }}");
  core::Alert alert;
  alert.labels = std::move(labels);
  return route(config, std::move(alert));
}

}  // namespace

TEST_CASE("route: a playbook for a group finds the group by name, or nothing") {
  const auto found = route_to_group({{"alertname", "GroupDown"}, {"group", "shanghai"}});
  REQUIRE(found.playbook);
  CHECK(found.target == core::Target{core::TargetKind::Group, "", "", "shanghai"});
  for (const char* name : {"nowhere", "", "../shanghai"}) {
    const auto none = route_to_group({{"alertname", "GroupDown"}, {"group", name}});
    CHECK_FALSE(none.playbook);
    CHECK(none.ignored == core::IgnoreReason::BadTarget);
  }
}

TEST_CASE("route: a host that file_sd alone names is a target, and a member of its group") {
  RemediatorConfig config = fleet();
  config.inventory = with_watched(*config.inventory, {{"sh-03", "shanghai"}});
  core::Alert alert;
  alert.labels = {{"alertname", "Down"}, {"host", "sh-03"}, {"collector", "orders"}};
  const core::RoutedAlert routed = route(config, alert);
  REQUIRE(routed.playbook);
  CHECK(routed.target == core::Target{core::TargetKind::Collector, "orders", "sh-03", "shanghai"});
  const core::Policy policy = policy_of(config);
  CHECK(policy.targets.contains(core::key_of(routed.target)));
  CHECK(policy.group_sizes.find("shanghai")->second == 3);
  CHECK(policy.fleet_size == 4);
  alert.labels["collector"] = "archive";  // none of the group's
  CHECK_FALSE(route(config, alert).playbook);
}

TEST_CASE("route: the first playbook whose matchers all match serves") {
  struct Case {
    const char* name;
    core::LabelMap labels;
    const char* playbook;
    core::Target target;
  };
  const core::Target orders{core::TargetKind::Collector, "orders", "sh-01", "shanghai"};
  const Case cases[] = {
      {"both match, the first one serves",
       {{"alertname", "Down"},
        {"severity", "critical"},
        {"host", "sh-01"},
        {"collector", "orders"}},
       "narrow",
       orders},
      {"one matcher of the first fails",
       {{"alertname", "Down"}, {"severity", "warning"}, {"host", "sh-01"}, {"collector", "orders"}},
       "wide",
       orders},
      {"a host",
       {{"alertname", "HostDown"}, {"host", "bj-01"}},
       "host",
       {core::TargetKind::Host, "", "bj-01", "beijing"}},
      {"a host playbook does not look at the collector",
       {{"alertname", "HostDown"}, {"host", "bj-01"}, {"collector", "nobody"}},
       "host",
       {core::TargetKind::Host, "", "bj-01", "beijing"}},
      {"a name of two labels",
       {{"alertname", "Zone"}, {"zone", "sh"}, {"number", "02"}},
       "zone",
       {core::TargetKind::Host, "", "sh-02", "shanghai"}},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      const core::RoutedAlert routed = route_labels(c.labels);
      REQUIRE(routed.playbook);
      CHECK(routed.playbook->name == c.playbook);
      CHECK(routed.target == c.target);
      CHECK(routed.why.empty());
      CHECK(routed.alert.labels == c.labels);
      CHECK(routed.alert.key.fingerprint == "f");
    }
}

TEST_CASE("route: an alert that no playbook matches is ignored with its name") {
  const core::RoutedAlert routed = route_labels({{"alertname", "Other"}});
  CHECK_FALSE(routed.playbook);
  CHECK(routed.ignored == core::IgnoreReason::NoPlaybook);
  CHECK(routed.why == "no playbook matches alert 'Other'");
  CHECK(route_labels({}).why == "no playbook matches alert ''");
  CHECK(route_labels({{"alertname", "a\n\x1b[2J日"}}).why ==
        "no playbook matches alert 'a\\x0a\\x1b[2J\\xe6\\x97\\xa5'");
}

TEST_CASE("route: labels that name no known target open nothing and say why") {
  struct Case {
    const char* name;
    core::LabelMap labels;  // beside the alertname
    const char* why;
  };
  const Case cases[] = {
      {"no host", {{"collector", "orders"}}, "playbook wide: the alert has no label host"},
      {"no collector", {{"host", "sh-01"}}, "playbook wide: the alert has no label collector"},
      {"empty collector is not the whole host",
       {{"host", "sh-01"}, {"collector", ""}},
       "playbook wide: label collector: value is empty"},
      {"empty host",
       {{"host", ""}, {"collector", "orders"}},
       "playbook wide: label host: value is empty"},
      {"unknown host",
       {{"host", "sh-03"}, {"collector", "orders"}},
       "playbook wide: the inventory has no host 'sh-03'"},
      {"unknown collector",
       {{"host", "sh-01"}, {"collector", "order"}},
       "playbook wide: the inventory has no collector 'order' on host 'sh-01'"},
      {"a collector of another group",
       {{"host", "bj-01"}, {"collector", "orders"}},
       "playbook wide: the inventory has no collector 'orders' on host 'bj-01'"},
      {"a path",
       {{"host", "../sh-01"}, {"collector", "orders"}},
       "playbook wide: label host: value '../sh-01' holds '..'"},
      {"a shell",
       {{"host", "sh-01"}, {"collector", "$(reboot)"}},
       "playbook wide: label collector: value '$(reboot)' holds a character outside "
       "[A-Za-z0-9._:@/-]"},
      {"a terminal",
       {{"host", "\x1b]0;x\a"}, {"collector", "orders"}},
       "playbook wide: label host: value '\\x1b]0;x\\x07' holds a character outside "
       "[A-Za-z0-9._:@/-]"},
      {"a template is no template",
       {{"host", "{{ labels.collector }}"}, {"collector", "orders"}},
       "playbook wide: label host: value '{{ labels.collector }}' holds a character outside "
       "[A-Za-z0-9._:@/-]"},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      core::LabelMap labels = c.labels;
      labels["alertname"] = "Down";
      const core::RoutedAlert routed = route_labels(labels);
      CHECK_FALSE(routed.playbook);
      CHECK(routed.ignored == core::IgnoreReason::BadTarget);
      CHECK(routed.why == c.why);
    }
}

TEST_CASE("route: what is said about hostile labels is bounded") {
  const std::string huge(100'000, 'x');
  CHECK(route_labels({{"alertname", huge}}).why.size() <= 256);
  CHECK(route_labels({{"alertname", std::string(64, '\n')}}).why.size() <= 300);
  const core::RoutedAlert routed = route_labels(
      {{"alertname", "Down"}, {"host", std::string(300, '\x01')}, {"collector", "orders"}});
  CHECK(routed.why.size() == 256);
}

TEST_CASE("route: a playbook without matchers serves nothing") {
  RemediatorConfig config = fleet();
  config.playbooks.front().match.clear();
  core::Alert alert;
  alert.labels = {{"alertname", "Other"}};
  CHECK_FALSE(route(config, alert).playbook);
}

}  // namespace fieldmedic
