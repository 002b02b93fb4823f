#include "exporter/host/filesystem.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "exporter/host/name_filter.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostMounts = 1024;  // a host that mounts without end must not grow a scrape

class FilesystemModule final : public Module {
 public:
  FilesystemModule(const HostRoot& host, const FilesystemConfig& config,
                   std::shared_ptr<FileClient> files)
      : init_mounts_(host.procfs / "1/mounts", FileShape::ManyRecords),
        own_mounts_(host.procfs / "mounts", FileShape::ManyRecords),
        rootfs_(host.rootfs.native()),
        mount_points_(config.mount_points),
        fs_types_(config.fs_types),
        files_(std::move(files)) {}

  [[nodiscard]] bool available() { return init_mounts_.exists() || own_mounts_.exists(); }
  [[nodiscard]] std::string_view name() const override { return "filesystem"; }
  [[nodiscard]] Cost cost() const override { return Cost::KeepsDeadline; }
  // Before the table is read: it is seldom another than last time.
  void ask_ahead() override {
    asked_.reset();  // the same must not be asked twice at once
    asked_ = files_->begin(requests_);
  }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override {
    if (!asked_) ask_ahead();
    auto asked = std::move(asked_);
    auto text = init_mounts_.read();
    // Without the right to look at process 1, our own mounts are the best there is.
    if (!text) text = own_mounts_.read();
    if (!text) return fail(text.error());
    if (*text != last_text_) {
      // The same must not be asked twice at once: it would look like a path that hangs.
      (void)asked->end(deadline);
      if (auto learned = learn(*text); !learned) return fail(std::move(learned.error()));
      asked = files_->begin(requests_);
    }
    const auto answers = asked->end(deadline);
    const auto no_helper = [](const Result<FileAnswer>& answer) {
      return !answer && answer.error().code == Errc::Unavailable;
    };
    if (!answers.empty() && std::ranges::all_of(answers, no_helper)) {
      return fail(answers.front().error());
    }
    return filesystem_families(mounts_, answers);
  }

 private:
  // The table seldom changes: filtered once, kept as long as its text is the same.
  Status learn(std::string_view text) {
    auto parsed = parse_mounts(text);
    if (!parsed) return fail(std::move(parsed.error()));
    mounts_.clear();
    requests_.clear();
    last_text_.clear();
    for (auto& mount : *parsed) {
      mount.mount_point = strip_rootfs(rootfs_, mount.mount_point);
      if (mount_points_.leaves_out(mount.mount_point)) continue;
      if (fs_types_.leaves_out(mount.fs_type)) continue;
      const bool known = std::ranges::any_of(mounts_, [&](const Mount& other) {
        return other.mount_point == mount.mount_point && other.device == mount.device &&
               other.fs_type == mount.fs_type;
      });
      if (known) continue;
      if (mounts_.size() == kMostMounts) {
        return fail(Errc::TooLarge, "more than 1024 file systems are mounted");
      }
      requests_.push_back(
          {.verb = FileVerb::Statfs, .path = under_rootfs(rootfs_, mount.mount_point)});
      mounts_.push_back(std::move(mount));
    }
    last_text_ = text;
    return {};
  }

  KeptFile init_mounts_;
  KeptFile own_mounts_;
  std::string rootfs_;
  NameFilter mount_points_;
  NameFilter fs_types_;
  std::shared_ptr<FileClient> files_;
  std::string last_text_;
  std::vector<Mount> mounts_;          // those not left out
  std::vector<FileRequest> requests_;  // where each is asked for
  std::unique_ptr<FileClient::Asked> asked_;
};

struct Field {
  std::string_view name;
  std::string_view help;
  double (*value)(const FilesystemSpace&);
};

double bytes(std::uint64_t blocks, const FilesystemSpace& space) {
  return static_cast<double>(blocks) * static_cast<double>(space.block_size);
}

constexpr std::array<Field, 6> kFields{{
    {"node_filesystem_avail_bytes", "Filesystem space available to non-root users in bytes.",
     [](const FilesystemSpace& s) { return bytes(s.available_blocks, s); }},
    {"node_filesystem_files", "Filesystem total file nodes.",
     [](const FilesystemSpace& s) { return static_cast<double>(s.files); }},
    {"node_filesystem_files_free", "Filesystem total free file nodes.",
     [](const FilesystemSpace& s) { return static_cast<double>(s.free_files); }},
    {"node_filesystem_free_bytes", "Filesystem free space in bytes.",
     [](const FilesystemSpace& s) { return bytes(s.free_blocks, s); }},
    {"node_filesystem_readonly", "Filesystem read-only status.",
     [](const FilesystemSpace& s) { return s.read_only ? 1.0 : 0.0; }},
    {"node_filesystem_size_bytes", "Filesystem size in bytes.",
     [](const FilesystemSpace& s) { return bytes(s.blocks, s); }},
}};

void add(prometheus::MetricFamily& family, const Mount& mount, double value) {
  add_sample(
      family, value,
      {{"device", mount.device}, {"fstype", mount.fs_type}, {"mountpoint", mount.mount_point}});
}

}  // namespace

std::string strip_rootfs(const std::string& rootfs, const std::string& mount_point) {
  if (rootfs == "/") return mount_point;
  if (!mount_point.starts_with(rootfs)) return mount_point;
  const auto stripped = mount_point.substr(rootfs.size());
  return stripped.empty() ? "/" : stripped;
}

std::string under_rootfs(const std::string& rootfs, const std::string& mount_point) {
  if (rootfs == "/") return mount_point;
  return mount_point == "/" ? rootfs : rootfs + mount_point;
}

Families filesystem_families(const std::vector<Mount>& mounts, const FileClient::Answers& answers) {
  Families families;
  if (mounts.empty()) return families;
  families.reserve(kFields.size() + 1);
  auto& errors = families.emplace_back(
      make_family("node_filesystem_device_error",
                  "Whether an error occurred while getting statistics for the given device.",
                  prometheus::MetricType::Gauge, mounts.size()));
  for (std::size_t i = 0; i < mounts.size(); ++i) add(errors, mounts[i], answers[i] ? 0 : 1);
  for (const auto& field : kFields) {
    auto family = make_family(field.name, field.help, prometheus::MetricType::Gauge, mounts.size());
    for (std::size_t i = 0; i < mounts.size(); ++i) {
      if (!answers[i]) continue;
      const bool read_only = field.name == "node_filesystem_readonly" && mounts[i].read_only;
      add(family, mounts[i], read_only ? 1.0 : field.value(answers[i]->space));
    }
    if (!family.metric.empty()) families.push_back(std::move(family));
  }
  return families;
}

std::unique_ptr<Module> make_filesystem_module(const HostRoot& host, const FilesystemConfig& config,
                                               std::shared_ptr<FileClient> files) {
  auto module = std::make_unique<FilesystemModule>(host, config, std::move(files));
  if (!module->available()) return nullptr;
  return module;
}

}  // namespace fieldmedic
