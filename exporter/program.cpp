#include "exporter/program.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/log.hpp"
#include "common/metric_families.hpp"
#include "exporter/files/helper_client.hpp"
#include "exporter/modules.hpp"
#include "exporter/pages.hpp"

namespace fieldmedic {
namespace {

constexpr const char* kOwnProgram = "/proc/self/exe";  // serves as the file helper too
constexpr int kHttpThreads = 6;  // Prometheus keeps one connection; each thread costs its stack

void report_failure(std::string_view module, const Error& error) {
  log::warn(fmt::format("module {}: {}", module, error.message));
}

ServerResponse plain(std::string_view text) {
  return {.body = std::string(text), .headers = {}};
}

// The exporter serves without its state too, and says what that means.
std::unique_ptr<StateStore> open_states(const Options& options, const ExporterConfig& config) {
  const auto& folder = options.storage_path.empty() ? config.storage_path : options.storage_path;
  const auto follows_logs = [](const CollectorConfig& collector) {
    const auto& success = collector.success;
    return !collector.log.files.empty() || (success && success->kind == SuccessKind::LogPatterns);
  };
  if (folder.empty()) {
    if (std::ranges::any_of(config.collectors, follows_logs)) {
      log::info("no --storage.path: after a restart logs are read from their ends on");
    }
    return std::make_unique<StateStore>();
  }
  auto opened = StateStore::open(folder);
  if (!opened) {
    log::warn(fmt::format("{}; after a restart logs are read from their ends on",
                          opened.error().message));
    return std::make_unique<StateStore>();
  }
  if (!(*opened)->damage().empty()) {
    log::warn(fmt::format("{}: it is begun anew, and logs are read from their ends on",
                          (*opened)->damage()));
  }
  return std::move(*opened);
}

double unix_seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

Result<Configuration> read_configuration(const Options& options) {
  Configuration configuration;
  ConfigErrors errors;
  configuration.exporter = read_exporter_config(options.config_file, errors);
  apply(options.host_flags, configuration.exporter);
  std::string faults = errors.text();
  if (!options.web_config_file.empty()) {
    if (auto web = read_web_config(options.web_config_file)) {
      configuration.web = std::move(*web);
    } else {
      if (!faults.empty()) faults += '\n';
      faults += web.error().message;
    }
  }
  if (!faults.empty()) return fail(Errc::Invalid, std::move(faults));
  return configuration;
}

Result<std::unique_ptr<Program>> Program::start(Options options, Configuration configuration,
                                                const Clock& clock) {
  auto address = options.listen_address;
  std::unique_ptr<Program> program(
      new Program(std::move(options), std::move(configuration.exporter), clock));
  const std::lock_guard one(program->reloading_);  // a reload waits until the server is there
  auto server = HttpServer::start({.listen_address = std::move(address),
                                   .web = std::move(configuration.web),
                                   .threads = kHttpThreads},
                                  program->routes());
  if (!server) return fail(std::move(server.error()));
  program->server_ = std::move(*server);
  return program;
}

Program::Program(Options options, ExporterConfig config, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      files_(make_file_client(kOwnProgram, clock)),
      states_(open_states(options_, config)),
      link_watch_(std::make_shared<LinkWatch>(clock)),
      diagnose_(files_, clock_),
      collection_(build(std::move(config), {})),
      last_reload_success_(clock.wall()) {}

Program::~Program() {
  diagnose_.stop();
  {
    const std::lock_guard one(reloading_);  // one that runs is let finish; one that comes now ends
    closing_ = true;
  }
  server_.reset();  // its handlers use the rest
}

Program::Collection Program::build(ExporterConfig config, const Collection& current) const {
  std::vector<std::string_view> kept;
  if (current.scrape) kept = unchanged_modules(*current.config, config);
  auto scrape = std::make_shared<Scrape>(
      make_modules(config, options_.host, clock_, files_, states_, link_watch_, kept), clock_,
      report_failure);
  if (current.scrape) scrape->keep(*current.scrape, kept);
  return {std::make_shared<const ExporterConfig>(std::move(config)), std::move(scrape)};
}

Program::Collection Program::collection() const {
  const std::lock_guard lock(mutex_);
  return collection_;
}

Status Program::reload() {
  const std::lock_guard one(reloading_);
  if (closing_) return fail(Errc::Unavailable, "the program ends");
  auto configuration = read_configuration(options_);
  Status status;
  Collection next;
  if (!configuration) {
    status = fail(std::move(configuration.error()));
  } else {
    next = build(std::move(configuration->exporter), collection_);  // only a reload changes it
    status = server_->reload(std::move(configuration->web));
  }
  const std::lock_guard lock(mutex_);
  last_reload_successful_ = status.has_value();
  if (status) {
    last_reload_success_ = clock_.wall();
    std::swap(collection_, next);
  }
  return status;
}

Families Program::reload_families() const {
  const std::lock_guard lock(mutex_);
  using enum prometheus::MetricType;
  Families families;
  families.reserve(2);
  families.push_back(single("fieldmedic_config_last_reload_successful",
                            "Whether the last attempt to read the configuration succeeded.", Gauge,
                            last_reload_successful_ ? 1 : 0));
  families.push_back(single("fieldmedic_config_last_reload_success_timestamp_seconds",
                            "When the configuration in use was read.", Gauge,
                            unix_seconds(last_reload_success_)));
  return families;
}

ServerResponse Program::answer_reload() {
  if (auto reloaded = reload(); !reloaded) {
    return {.status = 500, .body = reloaded.error().message + "\n", .headers = {}};
  }
  return plain("reloaded\n");
}

std::vector<Route> Program::routes() {
  using enum Route::Access;
  const auto alive = [](const ServerRequest&) { return plain("OK\n"); };
  return {
      {.method = "GET",
       .path = "/",
       .handler =
           [this](const ServerRequest&) {
             const auto now = collection();
             return landing_page(now.scrape->module_names(), now.config->collectors);
           },
       .too_large = {}},
      {.method = "GET",
       .path = "/metrics",
       .handler =
           [this](const ServerRequest& request) {
             return metrics_page(*collection().scrape, reload_families(), request, clock_);
           },
       .too_large = {}},
      {.method = "GET",
       .path = "/diagnose",
       .handler =
           [this](const ServerRequest& request) {
             const auto now = collection();
             return diagnose_.answer(request, *now.config, *now.scrape);
           },
       .too_large = {}},
      {.method = "GET", .path = "/-/healthy", .handler = alive, .too_large = {}, .access = Open},
      {.method = "GET", .path = "/-/ready", .handler = alive, .too_large = {}, .access = Open},
      {.method = "POST",
       .path = "/-/reload",
       .handler = [this](const ServerRequest&) { return answer_reload(); },
       .too_large = {}},
  };
}

}  // namespace fieldmedic
