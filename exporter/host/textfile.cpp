#include "exporter/host/textfile.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <ranges>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/log.hpp"
#include "common/metric_families.hpp"
#include "common/prometheus_text.hpp"
#include "exporter/host/textfile_folder.hpp"

namespace fieldmedic {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

constexpr std::size_t kMostSamples = 20'000;  // of all files together

double unix_seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// The files' families as one page.
class Page {
 public:
  // An error leaves the page as it was.
  Status add(const std::string& path, std::vector<MetricFamily> families) {
    if (auto fit = check(families); !fit) return fit;
    for (auto& family : families) {
      samples_ += family.metric.size();
      Entry& entry = entries_.try_emplace(family.name).first->second;
      entry.files.push_back(path);
      for (auto& metric : family.metric) {
        std::sort(metric.label.begin(), metric.label.end());
        entry.taken.insert(metric.label);
      }
      if (entry.files.size() == 1) {
        entry.family = std::move(family);
        continue;
      }
      if (entry.family.help.empty()) entry.family.help = std::move(family.help);
      std::ranges::move(family.metric, std::back_inserter(entry.family.metric));
    }
    return {};
  }

  Families finish() {
    Families families;
    for (auto& [name, entry] : entries_) {
      if (entry.family.help.empty()) {
        entry.family.help = "Metric read from ";
        for (const auto& file : entry.files) {
          entry.family.help += (&file == &entry.files.front() ? "" : ", ") + file;
        }
      }
      families.push_back(std::move(entry.family));
    }
    return families;
  }

 private:
  struct Entry {
    MetricFamily family;
    std::vector<std::string> files;
    std::set<std::vector<ClientMetric::Label>> taken;  // of the samples, sorted by name
  };

  [[nodiscard]] Status check(const std::vector<MetricFamily>& families) const {
    std::size_t samples = samples_;
    for (const auto& family : families) {
      samples += family.metric.size();
      const auto known = entries_.find(family.name);
      if (known == entries_.end()) continue;
      if (known->second.family.type != family.type) {
        return fail(Errc::Conflict, family.name + " has another type in another file");
      }
      for (auto labels : std::views::transform(family.metric, &ClientMetric::label)) {
        std::sort(labels.begin(), labels.end());
        if (!known->second.taken.contains(labels)) continue;
        return fail(Errc::Conflict, family.name + " has a sample that another file has too");
      }
    }
    if (samples <= kMostSamples) return {};
    return fail(Errc::TooLarge, "more than 20,000 samples in all files");
  }

  std::map<std::string, Entry> entries_;
  std::size_t samples_ = 0;
};

Status add_file(Page& page, const TextFile& file) {
  if (!file.content) return fail(file.content.error());
  auto text = parse_prometheus_text(*file.content);
  if (!text) return fail(std::move(text.error()));
  if (text->has_timestamps) {
    return fail(Errc::Invalid, "a sample has a timestamp; only samples without one are published");
  }
  return page.add(file.path, std::move(text->families));
}

MetricFamily scrape_error(double value) {
  return single("node_textfile_scrape_error",
                "1 if there was an error opening or reading a file, 0 otherwise.",
                prometheus::MetricType::Gauge, value);
}

class TextfileModule final : public Module {
 public:
  TextfileModule(std::string folder, std::shared_ptr<FileClient> files)
      : folder_(std::move(folder)), files_(std::move(files)) {}
  [[nodiscard]] std::string_view name() const override { return "textfile"; }
  [[nodiscard]] Cost cost() const override { return Cost::MayWait; }
  [[nodiscard]] bool foreign() const override { return true; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override {
    const auto files = read_text_files(*files_, folder_, deadline);
    TextFamilies read;
    if (files) {
      read = textfile_families(*files);
    } else {
      read.families.push_back(scrape_error(1));
      read.faults.push_back(files.error().message);
    }
    tell(std::move(read.faults));
    return std::move(read.families);
  }

 private:
  // Which file is wrong is no metric: it is told once.
  void tell(std::vector<std::string> faults) {
    if (faults == told_) return;
    for (const auto& fault : faults) log::warn("textfile: " + fault);
    told_ = std::move(faults);
  }

  std::string folder_;
  std::shared_ptr<FileClient> files_;
  std::vector<std::string> told_;
};

}  // namespace

TextFamilies textfile_families(const std::vector<TextFile>& files) {
  Page page;
  TextFamilies read;
  auto mtimes =
      make_family("node_textfile_mtime_seconds", "Unixtime mtime of textfiles successfully read.",
                  prometheus::MetricType::Gauge, files.size());
  for (const auto& file : files) {
    if (auto added = add_file(page, file); !added) {
      read.faults.push_back(file.path + ": " + added.error().message);
      continue;
    }
    add_sample(mtimes, unix_seconds(std::chrono::floor<std::chrono::seconds>(file.modified)),
               {{"file", file.path}});
  }
  read.families = page.finish();
  if (!mtimes.metric.empty()) read.families.push_back(std::move(mtimes));
  read.families.push_back(scrape_error(read.faults.empty() ? 0 : 1));
  return read;
}

std::unique_ptr<Module> make_textfile_module(const TextfileConfig& config,
                                             std::shared_ptr<FileClient> files) {
  std::error_code unreadable;
  if (!config.directory &&
      !std::filesystem::is_directory(TextfileConfig::kDefaultDirectory, unreadable)) {
    return nullptr;
  }
  return std::make_unique<TextfileModule>(
      config.directory.value_or(TextfileConfig::kDefaultDirectory).native(), std::move(files));
}

}  // namespace fieldmedic
