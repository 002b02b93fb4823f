#include "remediator/actions/actions.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_containers.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

namespace {

struct Read {
  core::Spec spec;
  std::string errors;
};

Read read(std::string_view yaml) {
  ConfigErrors errors;
  const YamlMap map = parse_yaml("t.yml", yaml, errors);
  Read read{read_action(map), {}};
  map.done();
  read.errors = errors.text();
  return read;
}

struct Lab {
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  FakeHttp http;
  ActionTools tools{runner, clock,   inventory_of({}),
                    {},     systemd, std::make_shared<FakeContainers>(),
                    {},     {},      &http};
};

}  // namespace

TEST_CASE("what is done on this machine only is done on no other") {
  Lab lab;
  lab.tools.inventory = far_inventory_of({});
  for (const char* yaml : {"{haproxy_drain: {socket: /run/h, backend: b, server: s}}"}) {
    INFO(yaml);
    const auto spec = read(yaml).spec;
    CHECK_FALSE(action_serves(spec, HostSpec{"lab", Reach::Ssh}));
    CHECK(action_serves(spec, HostSpec{"lab", Reach::Local}));
    const auto action = make_action(spec, lab.tools).value();
    const auto plan = action->plan({kOrders, {}}, {});
    REQUIRE_FALSE(plan.has_value());
    CHECK(plan.error().message == spec.type +
                                      " works on the remediator's own host only, and lab "
                                      "is reached over SSH");
    const core::Plan planned_here{.steps = {{}}, .resources = {}, .summary = {}};
    const ApplyRequest request{"a-1-1", kOrders, planned_here};
    CHECK(action->apply(request, {}).outcome == core::Applied::Refused);
    CHECK(action->confirm(request, {}).answer == core::Confirmed::Unknown);
  }
  CHECK(action_serves({"exec", "{}"}, HostSpec{"lab", Reach::Ssh}));
  CHECK(action_serves({"process_restart", "{}"}, HostSpec{"lab", Reach::Ssh}));
  CHECK(action_serves({"cache_clear", "{}"}, HostSpec{"lab", Reach::Ssh}));
  CHECK(action_serves({"config_rollback", "{}"}, HostSpec{"lab", Reach::Ssh}));
  CHECK(action_serves({"link_switch", "{}"}, HostSpec{"lab", Reach::Ssh}));
  CHECK_FALSE(action_serves({"process_restart", "{}"}, HostSpec{"lab", Reach::Kubernetes}));
  CHECK(action_serves({"scale_out", "{}"}, HostSpec{"lab", Reach::Ssh}));
  CHECK_FALSE(action_serves({"exec", "{}"}, HostSpec{"lab", Reach::Kubernetes}));
  CHECK(action_serves({"http", "{}"}, HostSpec{"lab", Reach::Kubernetes}));
  CHECK(action_serves({"kubernetes_restart", "{}"}, HostSpec{"lab", Reach::Kubernetes}));
  CHECK_FALSE(action_serves({"kubernetes_restart", "{}"}, HostSpec{"lab", Reach::Local}));
  CHECK_FALSE(action_serves({"kubernetes_restart", "{}"}, HostSpec{"lab", Reach::Ssh}));
  CHECK_FALSE(action_serves({"no such", "{}"}, HostSpec{"lab", Reach::Local}));
  CHECK(action_serves({"data_divert", R"({"link":"/a"})"}, HostSpec{"lab", Reach::Ssh}));
  CHECK(action_serves({"data_divert", R"({"key":"/a"})"}, HostSpec{"lab", Reach::Ssh}));
  CHECK(action_serves({"data_divert", R"({"key":"/a"})"}, HostSpec{"lab", Reach::Kubernetes}));
  CHECK(action_serves({"data_divert", R"({"file":"/a"})"}, HostSpec{"lab", Reach::Ssh}));
  CHECK_FALSE(
      action_serves({"data_divert", R"({"file":"/a"})"}, HostSpec{"lab", Reach::Kubernetes}));
}

TEST_CASE("what is done to containers is done by the engine of the target's host") {
  Lab lab;
  const auto here = std::make_shared<FakeContainers>();
  const auto there = std::make_shared<FakeContainers>();
  lab.tools.containers = here;
  CollectorSpec orders;
  orders.container = "orders";
  auto inventory = std::make_shared<Inventory>(*far_inventory_of(orders));
  lab.tools.inventory = inventory;
  HostSpec& host = inventory->groups.front().hosts.front();
  for (const char* yaml :
       {"{container_restart: {log_lines: 0}}", "{scale_out: {container: orders, max: 2}}"}) {
    INFO(yaml);
    const auto action = make_action(read(yaml).spec, lab.tools).value();
    const auto none = action->plan({kOrders, {}}, {});
    REQUIRE_FALSE(none);
    CHECK(none.error().message == "lab is reached over SSH and names no container_engine");
    const core::Plan planned{.steps = {{}}, .resources = {}, .summary = {}};
    CHECK(action->apply({"a-1-1", kOrders, planned}, {}).outcome == core::Applied::Refused);
    CHECK(action->confirm({"a-1-1", kOrders, planned}, {}).answer == core::Confirmed::Unknown);
  }
  const auto restart = read("{container_restart: {log_lines: 0}}").spec;
  CHECK_FALSE(action_serves(restart, host));
  host.engine = EngineAccess{};
  CHECK(action_serves(restart, host));
  CHECK(make_action(restart, lab.tools).value()->plan({kOrders, {}}, {}).error().message ==
        "the engine of lab is not connected to");
  lab.tools.engines =
      std::make_shared<const HostEngines>(HostEngines{{"lab", there}, {"other", here}});
  const auto action = make_action(restart, lab.tools).value();
  const auto plan = action->plan({kOrders, {}}, {});
  REQUIRE(plan);
  CHECK(action->apply({"a-1-1", kOrders, *plan}, {}).outcome == core::Applied::Done);
  CHECK(there->calls == std::vector<std::string>{"restart c0ffee 10"});
  CHECK(here->calls.empty());
}

TEST_CASE("every action of the table is read with its defaults and made") {
  Lab lab;
  const std::pair<const char*, const char*> cases[] = {
      {"{process_restart: {}}", R"({"clear":[],"start_timeout_ms":10000})"},
      {"{process_restart: {clear: [/var/cache/orders], start_timeout: 3s}}",
       R"({"clear":["/var/cache/orders"],"start_timeout_ms":3000})"},
      {"{systemd_restart: {}}", R"({"unit":""})"},
      {"{systemd_restart: {unit: orders@1.service}}", R"({"unit":"orders@1.service"})"},
      {"{systemd_restart: {clear: [/var/cache/orders]}}",
       R"({"clear":["/var/cache/orders"],"unit":""})"},
      {"{systemd_restart: {mounts: [/srv/share]}}", R"({"mounts":["/srv/share"],"unit":""})"},
      {"{cache_clear: {paths: [/var/cache/orders]}}", R"({"paths":["/var/cache/orders"]})"},
      {"{container_restart: {}}", R"({"container":"","grace_ms":-1,"log_lines":5000})"},
      {"{container_restart: {container: orders-1, grace: 3s, log_lines: 0}}",
       R"({"container":"orders-1","grace_ms":3000,"log_lines":0})"},
      {"{host_reboot: {drain: [/bin/drain], own_host: allowed}}",
       R"({"drain":["/bin/drain"],"own_host":true,"without_drain":false})"},
      {"{config_rollback: {file: /etc/o/o.conf, good: /var/lib/o.conf}}",
       R"({"file":"/etc/o/o.conf","good":"/var/lib/o.conf","signal":0})"},
      {"{config_rollback: {file: /etc/o/o.conf, good: /var/lib/o.conf, signal: USR1}}",
       R"({"file":"/etc/o/o.conf","good":"/var/lib/o.conf","signal":10})"},
      {"{data_divert: {link: /srv/spool, from: /data/a, to: /spare/a, replay: [/bin/back, x]}}",
       R"({"from":"/data/a","link":"/srv/spool","replay":["/bin/back","x"],"signal":1,"to":"/spare/a"})"},
      {"{haproxy_drain: {socket: /run/h/admin.sock, backend: b, server: '{{ target.host }}'}}",
       R"({"backend":"b","least":0,"server":"{{ target.host }}","socket":"/run/h/admin.sock"})"},
      {"{haproxy_drain: {socket: /run/h/s, backend: b, server: s, least: 0}}",
       R"({"backend":"b","least":-1,"server":"s","socket":"/run/h/s"})"},
      {"{haproxy_drain: {socket: /run/h/s, backend: b, server: s, least: 3}}",
       R"({"backend":"b","least":3,"server":"s","socket":"/run/h/s"})"},
      {"{scale_out: {unit: orders@.service, max: 4}}",
       R"({"container":"","max":4,"step":1,"unit":"orders@.service"})"},
      {"{scale_out: {kubernetes: {kind: statefulset, name: orders}, max: 4}}",
       R"({"container":"","kubernetes":{"kind":"statefulset","name":"orders","namespace":""},)"
       R"("max":4,"step":1,"unit":""})"},
      {"{scale_out: {unit: orders@.service, max: 4, step: 2}}",
       R"({"container":"","max":4,"step":2,"unit":"orders@.service"})"},
      {"{scale_out: {container: orders, max: 4}}",
       R"({"container":"orders","max":4,"step":1,"unit":""})"},
      {"{exec: {argv: [/bin/fix, '{{ labels.a }}'], at_most_once: true}}",
       R"({"argv":["/bin/fix","{{ labels.a }}"],"environment":[]})"},
      {"{http: {url: 'http://h/{{ labels.a }}', at_most_once: true}}",
       R"({"bearer_file":"","body":"","ca_file":"","content_type":"application/json",)"
       R"("expect":{"equals":"","json_pointer":"","status":0},"header_files":{},"headers":{},)"
       R"("method":"POST","password_file":"","url":"http://h/{{ labels.a }}","username":""})"},
      {"{kubernetes_restart: {}}",
       R"({"grace":-1,"kind":"deployment","name":"","namespace":"","selector":{}})"},
      {"{kubernetes_restart: {kind: pod, name: 'o-{{ labels.n }}', namespace: c, grace: 1500ms, "
       "selector: {app: o}}}",
       R"({"grace":2,"kind":"pod","name":"o-{{ labels.n }}","namespace":"c","selector":{"app":"o"}})"},
      {"{link_switch: {interface: eth1, by: bond, bond: bond0, probe: '10.9.0.1:443', keeps: []}}",
       R"({"bond":"bond0","by":"bond","dead_man_ms":60000,"gateway":"","interface":"eth1",)"
       R"("keeps":[],"over":"bond0","probe":"10.9.0.1:443"})"},
      {"{link_switch: {interface: eth1, gateway: 10.0.0.1, probe: '10.9.0.1:443', keeps: []}}",
       R"({"by":"metric","dead_man_ms":60000,"gateway":"10.0.0.1","interface":"eth1","keeps":[],)"
       R"("probe":"10.9.0.1:443"})"},
  };
  for (const auto& [yaml, want] : cases) {
    INFO(yaml);
    const Read got = read(yaml);
    CHECK(got.errors.empty());
    CHECK(got.spec.arguments == want);
    CHECK(make_action(got.spec, lab.tools).has_value());
  }
  CHECK(action_names().size() == 14);
}

TEST_CASE("each folder that may not be emptied is told") {
  const std::string told = read("{cache_clear: {paths: [/etc/x, /var/cache/o, cache]}}").errors;
  CHECK(told.contains("it lies in /etc"));
  CHECK(told.contains("not an absolute path"));
  CHECK_FALSE(told.contains("/var/cache/o"));
}

TEST_CASE("a wrong action is refused with its place") {
  const std::pair<const char*, const char*> cases[] = {
      {"{}",
       "exactly one of cache_clear, config_rollback, container_restart, data_divert, exec, "
       "failover, haproxy_drain, host_reboot, http, kubernetes_restart, link_switch, "
       "process_restart, scale_out, systemd_restart"},
      {"{exec: {}, process_restart: {}}", "exactly one of"},
      {"{restart: {}}", "unknown action 'restart'"},
      {"{process_restart: {clean: []}}", "unknown key 'clean'"},
      {"{process_restart: {clear: [/etc/x]}}", "it lies in /etc"},
      {"{process_restart: {clear: [cache]}}", "not an absolute path"},
      {"{process_restart: {start_timeout: 10}}", "duration"},
      {"{systemd_restart: {unit: orders.socket}}", "name of a service"},
      {"{systemd_restart: {unit: '../a.service'}}", "name of a service"},
      {"{cache_clear: {}}", "paths"},
      {"{cache_clear: {paths: []}}", "paths"},
      {"{cache_clear: {paths: [/etc/x]}}", "it lies in /etc"},
      {"{container_restart: {container: ../orders}}", "name or id of a container"},
      {"{container_restart: {grace: 11m}}", "at most 10m"},
      {"{container_restart: {log_lines: -1}}", "whole number"},
      {"{config_rollback: {file: /etc/o/o.conf}}", "good"},
      {"{config_rollback: {file: /etc/../o.conf, good: /var/lib/o.conf}}", "'file'"},
      {"{config_rollback: {file: /etc/o/o.conf, good: var/o.conf}}", "'good'"},
      {"{config_rollback: {file: /etc/o/o.conf, good: /etc/o/o.conf}}", "two files"},
      {"{config_rollback: {file: /etc/o/o.conf, good: /var/o/o, signal: TERM}}", "HUP"},
      {"{data_divert: {link: /srv/spool, from: /data/a, to: /spare/a}}", "replay"},
      {"{data_divert: {zookeeper: {servers: [\"127.0.0.1:1\"], node: a}, to: x}}",
       "'node' wants the path"},
      {"{data_divert: {zookeeper: {servers: [\"127.0.0.1:1\"], node: /a/}, to: x}}", "got '/a/'"},
      {"{data_divert: {zookeeper: {servers: [\"127.0.0.1:1\"], node: /a, record: b}, to: x}}",
       "'record' wants the path"},
      {"{data_divert: {link: /srv/../spool, from: /data/a, to: /spare/a, replay: [/b]}}", "'link'"},
      {"{data_divert: {link: /spool, from: /data/a, to: /spare/a, replay: [/b]}}", "'link'"},
      {"{data_divert: {link: /srv/s, from: data/a, to: /spare/a, replay: [/b]}}", "'from'"},
      {"{data_divert: {link: /srv/s, from: /data/a, to: /spare/a/, replay: [/b]}}", "'to'"},
      {"{data_divert: {link: /srv/s, from: /data/a, to: /data/a/b, replay: [/b]}}", "outside"},
      {"{data_divert: {link: /data/a/l, from: /data/a, to: /spare/a, replay: [/b]}}", "outside"},
      {"{data_divert: {link: /srv/s, from: /data/a, to: /spare/a, replay: [b]}}", "absolute path"},
      {"{data_divert: {link: /srv/s, from: /d/a, to: /e/a, signal: KILL, replay: [/b]}}", "HUP"},
      {"{haproxy_drain: {socket: /run/h/s, backend: b}}", "server"},
      {"{haproxy_drain: {socket: h.sock, backend: b, server: s}}", "'socket'"},
      {"{haproxy_drain: {socket: /run/h/s, backend: 'a b', server: s}}", "'backend'"},
      {"{haproxy_drain: {socket: /run/h/s, backend: b, server: 'a;b'}}", "name of a server"},
      {"{haproxy_drain: {socket: /run/h/s, backend: b, server: '{{ labels.a }}'}}", "labels.a"},
      {"{haproxy_drain: {socket: /run/h/s, backend: b, server: s, least: -1}}", "least"},
      {"{scale_out: {max: 4}}",
       "one of 'unit', 'container', 'kubernetes' and 'auto_scaling_group'"},
      {"{scale_out: {unit: orders@.service, container: orders, max: 4}}", "one of 'unit'"},
      {"{scale_out: {container: ../orders, max: 4}}", "name of a container"},
      {"{scale_out: {unit: orders@.service}}", "max"},
      {"{scale_out: {unit: a@.service, kubernetes: {name: a}, max: 4}}", "one of"},
      {"{scale_out: {kubernetes: {kind: daemonset, name: a}, max: 4}}", "deployment, statefulset"},
      {"{scale_out: {kubernetes: {name: A}, max: 4}}", "name"},
      {"{scale_out: {kubernetes: {name: a, namespace: A}, max: 4}}", "namespace"},
      {"{scale_out: {unit: orders.service, max: 4}}", "template"},
      {"{scale_out: {unit: orders@2.service, max: 4}}", "template"},
      {"{scale_out: {unit: '@.service', max: 4}}", "template"},
      {"{scale_out: {unit: a@b@.service, max: 4}}", "template"},
      {"{scale_out: {unit: orders@.service, max: 33}}", "max"},
      {"{scale_out: {unit: orders@.service, max: 4, step: 0}}", "step"},
      {"{scale_out: {unit: orders@.service, max: 2, step: 3}}", "'step'"},
      {"{exec: {argv: [/bin/fix]}}", "at_most_once: true"},
      {"{exec: {argv: [/bin/fix], at_most_once: false}}", "at_most_once: true"},
      {"{exec: {argv: [], at_most_once: true}}", "wants a program"},
      {"{exec: {argv: [fix], at_most_once: true}}", "absolute path"},
      {"{exec: {argv: ['/bin/{{ target.name }}'], at_most_once: true}}", "no placeholder"},
      {"{exec: {argv: [/bin/fix, '{{ env.HOME }}'], at_most_once: true}}", "unknown placeholder"},
      {"{exec: {argv: [/bin/fix, '{{ target.name'], at_most_once: true}}", "without '}}'"},
      {"{exec: {argv: [/bin/fix], environment: [A], at_most_once: true}}", "NAME=value"},
      {"{exec: {argv: [/bin/fix], environment: [FIELDMEDIC_ATTEMPT=1], at_most_once: true}}",
       "ours"},
      {"{kubernetes_restart: {kind: job, name: o}}", "deployment, statefulset, daemonset, pod"},
      {"{kubernetes_restart: {name: O}}", "name of a Kubernetes object"},
      {"{kubernetes_restart: {name: a/b}}", "name of a Kubernetes object"},
      {"{kubernetes_restart: {name: o, namespace: A}}", "name of a namespace"},
      {"{kubernetes_restart: {kind: pod}}", "want a 'name'"},
      {"{kubernetes_restart: {namespace: c}}", "want a 'name'"},
      {"{kubernetes_restart: {name: '{{ labels.n }}'}}", "for a pod only"},
      {"{kubernetes_restart: {kind: pod, name: '{{ labels.n }}'}}", "with a 'selector'"},
      {"{kubernetes_restart: {kind: pod, name: '{{ env.n }}'}}", "unknown placeholder"},
      {"{kubernetes_restart: {kind: pod, name: o, selector: {}}}", "1 to 16 labels"},
      {"{kubernetes_restart: {name: o, grace: 5s}}", "are for a pod"},
      {"{kubernetes_restart: {kind: pod, name: o, grace: 2h}}", "at most 1h"},
      {"{kubernetes_restart: {name: o, replicas: 2}}", "unknown key 'replicas'"},
      {"{link_switch: {probe: '10.9.0.1:443', keeps: []}}", "interface"},
      {"{link_switch: {interface: a/b, probe: '10.9.0.1:443', keeps: []}}", "interface"},
      {"{link_switch: {interface: eth1, probe: '10.9.0.1:443'}}", "keeps"},
      {"{link_switch: {interface: eth1, probe: 'h:443', keeps: []}}", "IPv4:PORT"},
      {"{link_switch: {interface: eth1, probe: '10.9.0.1:0', keeps: []}}", "IPv4:PORT"},
      {"{link_switch: {interface: eth1, probe: '10.9.0.1:443', keeps: ['[::1]:9090']}}",
       "IPv4:PORT"},
      {"{link_switch: {interface: eth1, gateway: g, probe: '10.9.0.1:443', keeps: []}}", "gateway"},
      {"{link_switch: {interface: eth1, by: team, probe: '10.9.0.1:443', keeps: []}}", "replace"},
      {"{link_switch: {interface: eth1, by: bond, probe: '10.9.0.1:443', keeps: []}}", "bond"},
      {"{link_switch: {interface: eth1, by: bond, bond: a/b, probe: '10.9.0.1:443', keeps: []}}",
       "'bond' wants the name of an interface"},
      {"{link_switch: {interface: eth1, by: bond, bond: b, over: ' ', probe: '10.9.0.1:443', "
       "keeps: "
       "[]}}",
       "'over' wants the name of an interface"},
      {"{link_switch: {interface: eth1, by: bond, bond: b, gateway: 10.0.0.1, probe: "
       "'10.9.0.1:443', keeps: []}}",
       "unknown key 'gateway'"},
      {"{link_switch: {interface: eth1, bond: b, probe: '10.9.0.1:443', keeps: []}}",
       "unknown key 'bond'"},
      {"{link_switch: {interface: eth1, dead_man: 1h, probe: '10.9.0.1:443', keeps: []}}",
       "dead_man"},
      {"{http: {at_most_once: true}}", "url"},
      {"{http: {url: 'ftp://h/x', at_most_once: true}}", "http"},
      {"{http: {url: 'http://u:p@h/x', at_most_once: true}}", "user"},
      {"{http: {url: 'http://h/x?key=1', at_most_once: true}}", "no query"},
      {"{http: {url: 'http://{{ labels.a }}/x', at_most_once: true}}", "in its path only"},
      {"{http: {url: 'http://h/{{ attempt }}', at_most_once: true}}", "unknown placeholder"},
      {"{http: {url: 'http://h/x', body: '{{ env.A }}', at_most_once: true}}", "placeholder"},
      {"{http: {url: 'http://h/x', body: '{', at_most_once: true}}", "not JSON"},
      {"{http: {url: 'http://h/x', method: GET, at_most_once: true}}", "POST, PUT, PATCH, DELETE"},
      {"{http: {url: 'http://h/x', headers: {Authorization: a}, at_most_once: true}}",
       "is not set"},
      {"{http: {url: 'http://h/x', headers: {'A B': a}, at_most_once: true}}", "not a header"},
      {"{http: {url: 'http://h/x', bearer_file: /nosuch, at_most_once: true}}", "/nosuch"},
      {"{http: {url: 'http://h/x', header_files: {K: key}, at_most_once: true}}", "absolute path"},
      {"{http: {url: 'http://h/x', username: u, at_most_once: true}}", "belong together"},
      {"{http: {url: 'http://h/x', expect: {json_pointer: a, equals: b}, at_most_once: true}}",
       "JSON pointer"},
      {"{http: {url: 'http://h/x'}}", "'confirm', or 'at_most_once: true'"},
      {"{http: {url: 'http://h/x', confirm: {url: 'http://h/y'}, at_most_once: true}}", "beside"},
      {"{http: {url: 'http://h/x', confirm: {url: 'http://h/y', failed: [a]}}}", "json_pointer"},
      {"{http: {url: 'http://h/x', confirm: {url: 'http://h/y?a'}}}", "no query"},
  };
  for (const auto& [yaml, want] : cases) {
    INFO(yaml);
    const std::string errors = read(yaml).errors;
    INFO(errors);
    CHECK(errors.find("t.yml:1:") == 0);
    CHECK(errors.find(want) != std::string::npos);
  }
}

TEST_CASE("an action spec from elsewhere that does not fit is invalid") {
  Lab lab;
  for (const core::Spec& spec :
       {core::Spec{"nosuch", "{}"}, core::Spec{"exec", "{}"},
        core::Spec{"exec", R"({"argv":["x"],"environment":[]})"},
        core::Spec{"process_restart", R"({"clear":["/etc"],"start_timeout_ms":1})"},
        core::Spec{"process_restart", "[]"}, core::Spec{"systemd_restart", R"({"unit":7})"},
        core::Spec{"systemd_restart", R"({"unit":"a b.service"})"}}) {
    INFO(spec.type << " " << spec.arguments);
    const auto made = make_action(spec, lab.tools);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == Errc::Invalid);
  }
}

}  // namespace fieldmedic
