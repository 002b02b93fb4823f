#include "exporter/host/filefd.hpp"

#include <utility>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

class FilefdModule final : public Module {
 public:
  explicit FilefdModule(KeptFile file) : file_(std::move(file)) {}
  [[nodiscard]] std::string_view name() const override { return "filefd"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    const auto text = file_.read();
    if (!text) return fail(text.error());
    const auto handles = parse_file_nr(*text);
    if (!handles) return fail(handles.error());
    using enum prometheus::MetricType;
    Families families;
    families.reserve(2);
    families.push_back(single("node_filefd_allocated", "File descriptor statistics: allocated.",
                              Gauge, static_cast<double>(handles->allocated)));
    families.push_back(single("node_filefd_maximum", "File descriptor statistics: maximum.", Gauge,
                              static_cast<double>(handles->maximum)));
    return families;
  }

 private:
  KeptFile file_;
};

}  // namespace

Result<FileHandles> parse_file_nr(std::string_view text) {
  if (auto whole = require_whole(text, "file-nr"); !whole) return fail(std::move(whole.error()));
  std::string_view line = take_line(text);
  const auto shown = line;
  FileHandles handles;
  std::uint64_t unused = 0;
  if (!take_number(line, handles.allocated) || !take_number(line, unused) ||
      !take_number(line, handles.maximum)) {
    return malformed("file-nr", "three numbers", shown);
  }
  return handles;
}

std::unique_ptr<Module> make_filefd_module(const HostRoot& host) {
  KeptFile file(host.procfs / "sys/fs/file-nr");
  if (!file.exists()) return nullptr;
  return std::make_unique<FilefdModule>(std::move(file));
}

}  // namespace fieldmedic
