#include "exporter/diagnose_page.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/quote.hpp"
#include "exporter/diagnose/checks.hpp"
#include "exporter/diagnose/show.hpp"
#include "exporter/gather.hpp"

namespace fieldmedic {
namespace {

constexpr int kMostAtOnce = 3;  // of the server's six threads
constexpr std::size_t kMostNamed = 100;

enum class Format { Json, Text };

std::optional<Format> format_of(const ServerRequest& request) {
  const auto formats = request.parameters("format");
  if (!formats.empty()) {
    if (formats.back() == "json") return Format::Json;
    if (formats.back() == "text") return Format::Text;
    return std::nullopt;
  }
  const auto accept = request.header("Accept");
  const auto takes = [&](std::string_view type) { return accept.find(type) != accept.npos; };
  const bool text = (takes("text/html") || takes("text/plain")) && !takes("application/json");
  return text ? Format::Text : Format::Json;
}

ServerResponse refused(int status, std::string text) {
  return {.status = status, .body = std::move(text) + "\n", .headers = {}};
}

std::string known_names(const ExporterConfig& config) {
  if (config.collectors.empty()) return "none is configured";
  std::string names = "there are:";
  for (std::size_t i = 0; i < std::min(config.collectors.size(), kMostNamed); ++i)
    names.append(" ").append(config.collectors[i].name);
  return config.collectors.size() > kMostNamed ? names + " …" : names;
}

std::string host_name() {
  struct utsname system{};
  return uname(&system) == 0 ? std::string(system.nodename) : std::string();
}

// One of those that may be under way at once, or none.
class Turn {
 public:
  explicit Turn(std::atomic<int>& under_way) : under_way_(under_way), number_(++under_way) {}
  ~Turn() { --under_way_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] bool granted() const { return number_ <= kMostAtOnce; }

 private:
  std::atomic<int>& under_way_;
  int number_;
};

ServerResponse shown(const Diagnosis& diagnosis, Format format) {
  ServerHeaders headers{{"Cache-Control", "no-store"}};
  switch (format) {
    case Format::Json:
      return {.content_type = "application/json",
              .body = to_json(diagnosis),
              .headers = std::move(headers)};
    case Format::Text: return {.body = to_text(diagnosis), .headers = std::move(headers)};
  }
  return {};
}

}  // namespace

ServerResponse DiagnosePage::answer(const ServerRequest& request, const ExporterConfig& config,
                                    Scrape& scrape) {
  const auto names = request.parameters("collector");
  const auto format = format_of(request);
  if (!format) return refused(400, "format is json or text");
  if (names.size() != 1 || names.front().empty())
    return refused(400, "name one collector: /diagnose?collector=NAME; " + known_names(config));
  const auto collector =
      std::ranges::find(config.collectors, names.front(), &CollectorConfig::name);
  if (collector == config.collectors.end()) {
    return refused(404,
                   "no collector " + quote_hostile(names.front()) + "; " + known_names(config));
  }
  const Turn turn(under_way_);
  if (!turn.granted()) {
    auto busy = refused(503, "enough diagnoses are under way");
    busy.headers.emplace_back("Retry-After", "2");
    return busy;
  }
  const auto begun = clock_.steady();
  const auto budget = scrape_budget(request.header("X-Prometheus-Scrape-Timeout-Seconds"));
  auto diagnosis = diagnose(gather({scrape, files_, clock_, pause_}, *collector, begun + budget));
  diagnosis.host = host_name();
  diagnosis.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - begun);
  return shown(diagnosis, *format);
}

}  // namespace fieldmedic
