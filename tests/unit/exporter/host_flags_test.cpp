#include "exporter/host_flags.hpp"

#include <algorithm>

#include "tests/catch.hpp"

using namespace fieldmedic;

TEST_CASE("host flags: a flag wins over the file, and an include stands instead of the default") {
  ExporterConfig config;
  HostFlags flags;
  flags.mount_points_exclude = "^/dev";
  flags.disks_include = "^loop";
  flags.vmstat_fields = "x";
  flags.textfile_directory = "/t";
  REQUIRE(check(flags));
  apply(flags, config);
  CHECK(config.host.filesystem.mount_points.exclude == "^/dev");
  CHECK(config.host.diskstats.devices == NameSelection{.exclude = "", .include = "^loop"});
  CHECK(config.host.filesystem.fs_types == FilesystemConfig{}.fs_types);
  CHECK(config.host.vmstat.fields == "x");
  CHECK(config.host.textfile.directory == "/t");
}

TEST_CASE("host flags: every fault is named") {
  HostFlags flags;
  flags.netstat_fields = "(";
  flags.disks_include = "^sd";
  flags.disks_exclude = "^loop";
  const auto checked = check(flags);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().message.find("--collector.netstat.fields: ") != std::string::npos);
  CHECK(checked.error().message.find("--collector.diskstats.device-exclude and "
                                     "--collector.diskstats.device-include cannot be used "
                                     "together") != std::string::npos);
  flags.netstat_fields.reset();
  flags.disks_exclude = "";
  flags.textfile_directory = "prom";  // would be refused at every scrape
  CHECK(check(flags).error().message == "--collector.textfile.directory: wants an absolute path");
  flags.textfile_directory = "/prom";
  CHECK(check(flags));
}

TEST_CASE("host flags: modules are chosen as in node_exporter") {
  ExporterConfig config;
  config.disabled_modules = {"log", "cpu"};
  HostFlags flags;
  flags.disable_defaults = true;
  flags.enable = {"cpu", "loadavg"};
  apply(flags, config);
  const auto off = [&](std::string_view name) {
    return std::ranges::find(config.disabled_modules, name) != config.disabled_modules.end();
  };
  CHECK_FALSE(off("cpu"));
  CHECK_FALSE(off("loadavg"));
  CHECK(off("meminfo"));
  CHECK(off("log"));
}
