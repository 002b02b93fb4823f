#include "exporter/host/diskstats.hpp"

#include <algorithm>
#include <utility>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"
#include "exporter/host/name_filter.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kLeastFields = 11;
constexpr double kSectorBytes = 512.0;  // "standard UNIX sectors", whatever the device's own
constexpr double kSecondsPerTick = 1.0 / 1000.0;

struct Field {
  std::string_view name;
  std::string_view help;
  prometheus::MetricType type;
  double unit;
};

constexpr auto kCounter = prometheus::MetricType::Counter;

// In the order of the file.
constexpr std::array<Field, kDiskFields> kFields{{
    {"node_disk_reads_completed_total", "The total number of reads completed successfully.",
     kCounter, 1},
    {"node_disk_reads_merged_total", "The total number of reads merged.", kCounter, 1},
    {"node_disk_read_bytes_total", "The total number of bytes read successfully.", kCounter,
     kSectorBytes},
    {"node_disk_read_time_seconds_total", "The total number of seconds spent by all reads.",
     kCounter, kSecondsPerTick},
    {"node_disk_writes_completed_total", "The total number of writes completed successfully.",
     kCounter, 1},
    {"node_disk_writes_merged_total", "The number of writes merged.", kCounter, 1},
    {"node_disk_written_bytes_total", "The total number of bytes written successfully.", kCounter,
     kSectorBytes},
    {"node_disk_write_time_seconds_total",
     "This is the total number of seconds spent by all writes.", kCounter, kSecondsPerTick},
    {"node_disk_io_now", "The number of I/Os currently in progress.", prometheus::MetricType::Gauge,
     1},
    {"node_disk_io_time_seconds_total", "Total seconds spent doing I/Os.", kCounter,
     kSecondsPerTick},
    {"node_disk_io_time_weighted_seconds_total", "The weighted # of seconds spent doing I/Os.",
     kCounter, kSecondsPerTick},
    {"node_disk_discards_completed_total", "The total number of discards completed successfully.",
     kCounter, 1},
    {"node_disk_discards_merged_total", "The total number of discards merged.", kCounter, 1},
    {"node_disk_discarded_sectors_total", "The total number of sectors discarded successfully.",
     kCounter, 1},
    {"node_disk_discard_time_seconds_total",
     "This is the total number of seconds spent by all discards.", kCounter, kSecondsPerTick},
    {"node_disk_flush_requests_total", "The total number of flush requests completed successfully",
     kCounter, 1},
    {"node_disk_flush_requests_time_seconds_total",
     "This is the total number of seconds spent by all flush requests.", kCounter, kSecondsPerTick},
}};

// node_exporter fills the empty labels from udev's database; we read only /proc and /sys.
prometheus::MetricFamily disk_info(const std::vector<DiskStats>& disks) {
  auto family = make_family("node_disk_info", "Info of /sys/block/<block_device>.",
                            prometheus::MetricType::Gauge, disks.size());
  for (const auto& disk : disks) {
    add_sample(family, 1,
               {{"device", disk.device},
                {"major", disk.major},
                {"minor", disk.minor},
                {"model", ""},
                {"path", ""},
                {"revision", ""},
                {"serial", ""},
                {"wwn", ""}});
  }
  return family;
}

class DiskstatsModule final : public Module {
 public:
  DiskstatsModule(KeptFile file, const DiskstatsConfig& config)
      : file_(std::move(file)), devices_(config.devices) {}
  [[nodiscard]] std::string_view name() const override { return "diskstats"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    const auto text = file_.read();
    if (!text) return fail(text.error());
    auto disks = parse_diskstats(*text);
    if (!disks) return fail(disks.error());
    std::erase_if(*disks, [&](const DiskStats& disk) { return devices_.leaves_out(disk.device); });

    Families families;
    if (disks->empty()) return families;
    families.reserve(kDiskFields + 1);
    families.push_back(disk_info(*disks));
    for (std::size_t i = 0; i < kDiskFields; ++i) {
      const auto& field = kFields[i];
      auto family = make_family(field.name, field.help, field.type, disks->size());
      for (const auto& disk : *disks) {
        if (i >= disk.fields) continue;
        add_sample(family, static_cast<double>(disk.values[i]) * field.unit,
                   {{"device", disk.device}});
      }
      if (!family.metric.empty()) families.push_back(std::move(family));
    }
    return families;
  }

 private:
  KeptFile file_;
  NameFilter devices_;
};

}  // namespace

Result<std::vector<DiskStats>> parse_diskstats(std::string_view text) {
  std::vector<DiskStats> disks;
  if (text.empty()) return disks;  // a machine without a disk
  if (auto whole = require_whole(text, "diskstats"); !whole) return fail(std::move(whole.error()));
  while (!text.empty()) {
    std::string_view line = take_line(text);
    const auto shown = line;
    DiskStats disk;
    disk.major = take_field(line);
    disk.minor = take_field(line);
    disk.device = take_field(line);
    while (disk.fields < kDiskFields) {
      const auto field = take_field(line);
      if (field.empty()) break;
      if (!to_number(field, disk.values[disk.fields])) {
        return malformed("diskstats", "numbers after the device", shown);
      }
      ++disk.fields;
    }
    if (disk.fields < kLeastFields) {
      return malformed("diskstats", "a device and at least 11 numbers", shown);
    }
    disks.push_back(disk);
  }
  return disks;
}

std::unique_ptr<Module> make_diskstats_module(const HostRoot& host, const DiskstatsConfig& config) {
  KeptFile file(host.procfs / "diskstats", FileShape::ManyRecords);
  if (!file.exists()) return nullptr;
  return std::make_unique<DiskstatsModule>(std::move(file), config);
}

}  // namespace fieldmedic
