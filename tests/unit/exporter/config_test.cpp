#include "exporter/config.hpp"

#include <string>

#include "tests/catch.hpp"
#include "tests/fakes/bad_configs.hpp"
#include "tests/fakes/certificates.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

const std::filesystem::path kSource = FIELDMEDIC_SOURCE_DIR;

}  // namespace

TEST_CASE("exporter config: no file at all is the defaults") {
  ConfigErrors errors;
  const ExporterConfig config = read_exporter_config({}, errors);
  CHECK(errors.empty());
  CHECK(config.collectors.empty());
  CHECK(config.disabled_modules.empty());
  CHECK_FALSE(config.host.filesystem.mount_points.exclude.empty());
}

TEST_CASE("exporter config: an empty file is the defaults too") {
  const TempTree tree{{{"exporter.yml", "# nothing yet\ncollectors:\n"}}};
  ConfigErrors errors;
  const ExporterConfig config = read_exporter_config(tree.root / "exporter.yml", errors);
  CHECK(errors.text().empty());
  CHECK(config.collectors.empty());
  CHECK(config.host.diskstats.devices == DiskstatsConfig{}.devices);
}

TEST_CASE("exporter config: a file that is named but missing is an error") {
  ConfigErrors errors;
  (void)read_exporter_config("/nonexistent/exporter.yml", errors);
  CHECK(errors.text() == "/nonexistent/exporter.yml: cannot be read: No such file or directory");
}

TEST_CASE("exporter config: every field is read") {
  const TempTree certificates{{}};
  const std::string ca = Authority(certificates, "ca").certificate();
  const TempTree tree{{{"exporter.yml", R"(
modules: {disable: [netdev, log]}
storage: {path: /var/lib/fieldmedic-exporter}
host:
  filesystem: {mount_points_exclude: '^/mnt', fs_types_exclude: '^tmpfs$'}
  diskstats: {devices_include: '^loop'}
  netdev: {devices_exclude: ''}
  netstat: {fields: '^Tcp_'}
  vmstat: {fields: '^pgpg'}
  textfile: {directory: /var/lib/metrics}
collectors:
  - name: orders
    process: {pid_file: /run/orders.pid, executable: /usr/sbin/rsyslogd, command_line: 'orders\.conf',
              unit: orders.service, container: 0123456789ab}
    ports: ["127.0.0.1:5514", "[::1]:5514"]
    health:
      - http://127.0.0.1:8080/health?key=1
      - {url: "https://127.0.0.1/", interval: 30s, timeout: 1s, expect: [200, 204], body: up, ca_file: )" +
                                            ca + R"(}
      - {tcp: "127.0.0.1:5514"}
    peers: ["10.0.0.5:9092"]
    success: {rsyslog_impstats: {file: /var/log/orders/impstats.json, action: forward}}
    log:
      files: ["/var/log/orders/*.log"]
      most_files: 8
      severity: {ignore: [a], error: [b, c], warning: [d], info: [e], built_in: false}
    storage: {paths: [/var/spool/orders, /var/log], sync_probe: {folder: /var/spool/orders, interval: 1m}}
    config:
      files: [/etc/orders.conf, {path: /etc/a.conf, sha256: ABcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd}]
      baseline: /etc/orders.sha256
      interval: 10s
  - name: bare
links:
  - {name: telecom, interface: eth1}
  - {name: unicom, source: "::ffff:10.78.2.2"}
  - {name: branch, peer: 10.9.0.0/16}
)"}}};
  ConfigErrors errors;
  const ExporterConfig config = read_exporter_config(tree.root / "exporter.yml", errors);
  REQUIRE(errors.text().empty());
  CHECK(config.disabled_modules == std::vector<std::string>{"netdev", "log"});
  CHECK(config.host.filesystem.mount_points.exclude == "^/mnt");
  CHECK(config.host.filesystem.fs_types.exclude == "^tmpfs$");
  CHECK(config.host.diskstats.devices == NameSelection{.exclude = "", .include = "^loop"});
  CHECK(config.host.netdev.devices.exclude.empty());
  CHECK(config.host.netstat.fields == "^Tcp_");
  CHECK(config.host.vmstat.fields == "^pgpg");
  CHECK(config.host.textfile.directory == "/var/lib/metrics");
  REQUIRE(config.collectors.size() == 2);
  const CollectorConfig& orders = config.collectors[0];
  CHECK(orders.name == "orders");
  CHECK(orders.process == ProcessConfig{{"/run/orders.pid", "/usr/sbin/rsyslogd", "orders\\.conf"},
                                        "orders.service",
                                        "0123456789ab"});
  CHECK(orders.ports == std::vector<std::string>{"127.0.0.1:5514", "[::1]:5514"});
  REQUIRE(orders.health.size() == 3);
  CHECK(orders.health[0] == ProbeConfig{.url = "http://127.0.0.1:8080/health?key=1"});
  CHECK(orders.health[0].shown() == "http://127.0.0.1:8080/health");
  CHECK(orders.health[1] == ProbeConfig{.url = "https://127.0.0.1",
                                        .interval = std::chrono::seconds(30),
                                        .timeout = std::chrono::seconds(1),
                                        .expect = {200, 204},
                                        .body = "up",
                                        .ca_file = ca});
  CHECK(orders.health[2].shown() == "tcp://127.0.0.1:5514");
  CHECK(orders.peers == std::vector{ProbeConfig{.address = "10.0.0.5:9092"}});
  CHECK(orders.success ==
        SuccessConfig{SuccessKind::RsyslogImpstats, "/var/log/orders/impstats.json", "forward"});
  CHECK(orders.log == LogConfig{.files = {"/var/log/orders/*.log"},
                                .severity = {{"a"}, {"b", "c"}, {"d"}, {"e"}, false},
                                .most_files = 8});
  CHECK(config.storage_path == "/var/lib/fieldmedic-exporter");
  CHECK(orders.storage == StorageConfig{{"/var/spool/orders", "/var/log"},
                                        {"/var/spool/orders", std::chrono::minutes(1)}});
  std::string digest = "ab";
  for (int i = 0; i < 31; ++i) digest += "cd";
  CHECK(orders.drift == DriftConfig{{{"/etc/orders.conf", ""}, {"/etc/a.conf", digest}},
                                    "/etc/orders.sha256",
                                    std::chrono::seconds(10)});
  const CollectorConfig& bare = config.collectors[1];
  CHECK(bare.process.empty());
  CHECK_FALSE(bare.success);
  CHECK(bare.storage.empty());
  CHECK(bare.drift.files.empty());
  CHECK(config.links ==
        std::vector<LinkConfig>{{"telecom", InterfaceLink{"eth1"}},
                                {"unicom", SourceLink{*parse_ip_address("10.78.2.2")}},
                                {"branch", PeerLink{*parse_ip_network("10.9.0.0/16")}}});
}

TEST_CASE("exporter config: a name has 64 characters at most") {
  struct Case {
    std::string name;
    bool want;
  };
  const Case cases[] = {{std::string(64, 'a'), true},
                        {std::string(65, 'a'), false},
                        {"A-z_0.9", true},
                        {"_a", true},
                        {"-a", false},
                        {".a", false},
                        {"a/b", false},
                        {"a b", false},
                        {"é", false}};
  for (const Case& c : cases) DYNAMIC_SECTION("name " << c.name) {
      const TempTree tree{{{"exporter.yml", "collectors: [{name: '" + c.name + "'}]"}}};
      ConfigErrors errors;
      (void)read_exporter_config(tree.root / "exporter.yml", errors);
      CHECK(errors.empty() == c.want);
    }
}

TEST_CASE("exporter config: links are label values, so there are 64 at most") {
  for (const int count : {64, 65}) {
    std::string text = "links:\n";
    for (int i = 0; i < count; ++i) {
      text += "  - {name: l" + std::to_string(i) + ", interface: eth" + std::to_string(i) + "}\n";
    }
    const TempTree tree{{{"exporter.yml", text}}};
    ConfigErrors errors;
    (void)read_exporter_config(tree.root / "exporter.yml", errors);
    CHECK(errors.empty() == (count == 64));
  }
}

TEST_CASE("exporter config: each defect is told with its place") {
  check_bad_configs(kSource / "tests/fixtures/config/bad/exporter",
                    [](const std::filesystem::path& file, ConfigErrors& errors) {
                      (void)read_exporter_config(file, errors);
                    });
}

TEST_CASE("exporter config: the shipped example is read without an error") {
  ConfigErrors errors;
  const ExporterConfig config = read_exporter_config(kSource / "deploy/exporter.yml", errors);
  CHECK(errors.text().empty());
  CHECK_FALSE(config.collectors.empty());
}

}  // namespace fieldmedic
