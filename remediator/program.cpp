#include "remediator/program.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "common/exposition_page.hpp"
#include "common/log.hpp"
#include "remediator/api.hpp"
#include "remediator/exporter_evidence.hpp"
#include "remediator/file_sd_metrics.hpp"
#include "remediator/group_health.hpp"
#include "remediator/journal/sqlite_journal.hpp"
#include "remediator/landing_page.hpp"
#include "remediator/order_api.hpp"
#include "remediator/plan_api.hpp"
#include "remediator/reach/docker_engine.hpp"
#include "remediator/reconcile.hpp"
#include "remediator/server_metrics.hpp"
#include "remediator/webhook.hpp"

namespace fieldmedic {
namespace {

constexpr std::chrono::seconds kLookAgain{10};
constexpr int kHttpThreads = 16;  // each webhook holds one until it is on disk

ServerResponse plain(std::string text) {
  return {.body = std::move(text), .headers = {}};
}

// Nothing is asked when no guard wants to know.
HealthReader health_reader(std::shared_ptr<const RemediatorConfig> config, Outside& outside) {
  if (!config->guards.min_healthy && !config->guards.max_unhealthy) return {};
  return [config = std::move(config), &outside](const core::Target& target, std::stop_token stop) {
    std::set<std::string, std::less<>> hosts;
    if (const GroupSpec* group = config->inventory->group(target.group))
      for (const std::string& host : group->members()) hosts.insert(host);
    return ask_group_health(config->prometheus, outside.http, hosts, std::move(stop));
  };
}

// Of a collector on a host whose exporter the configuration names.
EvidenceReader evidence_reader(std::shared_ptr<const RemediatorConfig> config, Outside& outside) {
  return [config = std::move(config), &outside](const core::Target& target, std::stop_token stop) {
    const HostSpec* host = config->inventory->host(target.host);
    if (host == nullptr || host->exporter.url.empty() || target.kind != core::TargetKind::Collector)
      return std::string();
    return evidence_about(target.name, host->exporter, outside.http, std::move(stop));
  };
}

std::shared_ptr<const EffectTools> tools_of(std::shared_ptr<const RemediatorConfig> config,
                                            const Options& options, Outside& outside,
                                            const FarHosts* before) {
  std::map<std::string, std::vector<Channel>, std::less<>> receivers;
  for (const ReceiverConfig& receiver : config->receivers)
    for (const ChannelConfig& channel : receiver.channels)
      receivers[receiver.name].push_back({channel.type, channel.notifier});
  const ContainerEngineConfig& engine = config->container_engine;
  ActionTools actions{outside.runner, outside.clock, config->inventory, options.host,
                      outside.systemd};
  actions.containers = make_docker_engine(engine.access, outside.http, outside.clock);
  actions.engines = make_host_engines(*config->inventory, outside.http, outside.clock);
  actions.far = make_far_hosts(*config->inventory, outside.clock, before);
  actions.evidence =
      engine.evidence.empty() ? config->journal.path.parent_path() / "containers" : engine.evidence;
  actions.http = &outside.http;
  actions.clusters = make_kubernetes_hosts(*config->inventory, outside.http);
  const auto far = actions.far;
  return std::make_shared<const EffectTools>(
      EffectTools{std::move(actions),
                  {outside.http, config->inventory, config->prometheus, options.host, far},
                  std::move(receivers),
                  [config, &outside](std::stop_token stop) {
                    return ask_alertmanager(*config, outside.http, std::move(stop));
                  },
                  [config, &outside](std::stop_token stop) {
                    return ask_existing_alerts(*config, outside.http, std::move(stop));
                  },
                  health_reader(config, outside),
                  evidence_reader(config, outside)});
}

// What to do about a journal that is damaged.
Error with_advice(Error error, const std::filesystem::path& journal) {
  if (error.code == Errc::Malformed)
    error.message += fmt::format(
        "; it was left as it is: 'fieldmedic journal verify {}' shows how far it is intact; "
        "restore a backup (docs/operations.md)",
        journal.string());
  return error;
}

}  // namespace

Result<std::shared_ptr<const RemediatorConfig>> read_configuration(const Options& options,
                                                                   Outside& outside) {
  ConfigErrors errors;
  auto config = read_remediator_config(options.config_file, {outside.http, outside.clock}, errors);
  if (!errors.empty()) return fail(Errc::Invalid, errors.text());
  return std::shared_ptr<const RemediatorConfig>(std::move(config));
}

Program::Program(Options options, std::unique_ptr<Journal> journal, Outside& outside)
    : options_(std::move(options)),
      outside_(outside),
      journal_(std::move(journal)),
      metrics_(outside.clock),
      emergency_(outside.clock, [this] { return self_channels(); }) {
  effects_ =
      std::make_unique<Effects>([this](core::Input input) { engine_->post(std::move(input)); });
  engine_ = std::make_unique<Engine>(
      EngineParts{*journal_, outside_.clock, *effects_, metrics_,
                  [this](const std::string& what) { emergency_.refusing(what); },
                  [this](const std::string& what) { emergency_.broken(what); }});
}

bool Program::stop(std::chrono::milliseconds patience) {
  const SteadyTime until = outside_.clock.steady() + patience;
  engine_->stop();
  if (engine_thread_.joinable()) engine_thread_.join();
  close_server();
  return effects_->settle(until);
}

Program::~Program() {
  engine_->stop();
  if (engine_thread_.joinable()) engine_thread_.join();
  close_server();    // its handlers have been answered
  effects_.reset();  // posts to an engine that listens no more
}

// A reload that runs is let finish; one that comes now finds no server.
void Program::close_server() {
  {
    const std::lock_guard one(reloading_);
    closing_ = true;
  }
  server_.reset();
}

Result<std::unique_ptr<Program>> Program::start(Options options,
                                                std::shared_ptr<const RemediatorConfig> config,
                                                Outside& outside) {
  auto journal = open_sqlite_journal(config->journal.path, {.keep = config->journal.keep});
  if (!journal) return fail(with_advice(std::move(journal.error()), config->journal.path));
  std::unique_ptr<Program> program(new Program(std::move(options), std::move(*journal), outside));
  Program& self = *program;
  const std::lock_guard one(self.reloading_);  // a reload waits until the server is there
  config = self.watch(std::move(config));
  self.use(config);
  if (auto started = self.engine_->start(std::make_shared<const core::Policy>(policy_of(*config)));
      !started)
    return fail(with_advice(
        wrap(std::move(started.error()), "journal " + config->journal.path.string()).error(),
        config->journal.path));
  auto server = HttpServer::start(
      {.listen_address = config->listen, .web = config->web, .threads = kHttpThreads},
      self.routes());
  if (!server) return fail(std::move(server.error()));
  self.server_ = std::move(*server);
  self.engine_thread_ = std::thread([&self] {
    if (auto ended = self.engine_->run(); !ended) {
      const std::lock_guard lock(self.mutex_);
      self.broken_ = std::move(ended.error());
    }
  });
  return program;
}

std::shared_ptr<const RemediatorConfig> Program::watch(
    std::shared_ptr<const RemediatorConfig> declared) {
  declared_ = declared;
  looked_at_ = outside_.clock.steady();
  FileSdReader::Answer answer = file_sd_.read(declared->file_sd);
  for (const std::string& fault : answer.faults)
    if (std::ranges::find(watched_.faults, fault) == watched_.faults.end())
      log::error("file_sd: " + fault);
  auto whole = std::make_shared<RemediatorConfig>(*declared);
  whole->inventory = with_watched(*declared->inventory, answer.hosts);
  const std::lock_guard lock(mutex_);
  watched_ = std::move(answer);
  return whole;
}

void Program::look_again() {
  const std::lock_guard one(reloading_);
  const bool is_time = outside_.clock.steady() - looked_at_ >= kLookAgain;
  if (closing_ || declared_->file_sd.patterns.empty() || !is_time) return;
  const WatchedHosts before = watched_.hosts;
  auto whole = watch(declared_);
  if (watched_.hosts == before) return;
  log::info(fmt::format("file_sd: {} hosts, {} before", watched_.hosts.size(), before.size()));
  engine_->use_policy(std::make_shared<const core::Policy>(policy_of(*whole)));
  use(std::move(whole));
}

void Program::use(std::shared_ptr<const RemediatorConfig> config) {
  // Kept connections stay.
  const auto running = effects_->tools();
  const FarHosts* before = running == nullptr ? nullptr : running->actions.far.get();
  effects_->use(tools_of(config, options_, outside_, before));
  const std::lock_guard lock(mutex_);
  config_ = std::move(config);
}

std::shared_ptr<const RemediatorConfig> Program::config() const {
  const std::lock_guard lock(mutex_);
  return config_;
}

std::optional<Error> Program::broken() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

std::vector<Channel> Program::self_channels() const {
  const auto current = config();
  std::vector<Channel> channels;
  if (current == nullptr) return channels;
  const std::vector<std::string> names = current->own_receivers();
  for (const ReceiverConfig& receiver : current->receivers)
    if (std::ranges::find(names, receiver.name) != names.end())
      for (const ChannelConfig& channel : receiver.channels)
        channels.push_back({channel.type, channel.notifier});
  return channels;
}

Status Program::reload() {
  const std::lock_guard one(reloading_);
  if (closing_) return fail(Errc::Unavailable, "the program ends");
  auto next = read_configuration(options_, outside_);
  Status status;
  if (!next)
    status = fail(std::move(next.error()));
  else if ((*next)->listen != config()->listen || (*next)->journal != config()->journal)
    status = fail(Errc::Invalid, "listen and journal change only with a restart");
  else
    status = server_->reload((*next)->web);
  if (!status) {
    metrics_.reload_failed();
    return status;
  }
  auto whole = watch(*std::move(next));
  engine_->use_policy(std::make_shared<const core::Policy>(policy_of(*whole)));
  use(std::move(whole));
  metrics_.reload_succeeded();
  return {};
}

ServerResponse Program::metrics_page(const ServerRequest& request) {
  std::vector<std::vector<prometheus::MetricFamily>> pages(1);
  const std::size_t waiting = engine_->queue_length();
  const auto asked = engine_->ask([&](const core::State& state, Journal& journal) {
    pages.front() = metrics_.collect(state, journal.head(), waiting);
  });
  if (!asked) return error_response(503, asked.error().message);
  pages.push_back(server_metrics(*config()));
  {
    const std::lock_guard lock(mutex_);
    pages.push_back(file_sd_metrics(watched_));
  }
  if (auto self = self_.collect()) pages.push_back(std::move(*self));
  return exposition_page(pages, request);
}

// Ready: the engine answers and the journal takes what is written.
ServerResponse Program::ready() {
  const auto asked = engine_->ask([](const core::State&, Journal&) {});
  if (!asked) return error_response(503, asked.error().message);
  if (!engine_->journal_takes()) return error_response(503, "the journal cannot be written now");
  return plain("OK\n");
}

std::vector<Route> Program::routes() {
  using enum Route::Access;
  std::vector<Route> routes = api_routes(*engine_);
  const RoleOf role_of = [this](std::string_view user) { return config()->role_of(user); };
  for (Route& route : order_routes(*engine_, role_of)) routes.push_back(std::move(route));
  routes.push_back(plan_route(
      {[this] { return config(); }, [this] { return effects_->tools(); }, *engine_, outside_.clock},
      role_of));
  routes.push_back(landing_route());
  routes.push_back(webhook_route(*engine_, metrics_, [this] { return config(); }, role_of));
  routes.push_back(
      {.method = "GET",
       .path = "/metrics",
       .handler = [this](const ServerRequest& request) { return metrics_page(request); },
       .too_large = {}});
  routes.push_back({.method = "GET",
                    .path = "/-/healthy",
                    .handler = [](const ServerRequest&) { return plain("OK\n"); },
                    .too_large = {},
                    .access = Open});
  routes.push_back({.method = "GET",
                    .path = "/-/ready",
                    .handler = [this](const ServerRequest&) { return ready(); },
                    .too_large = {},
                    .access = Open});
  routes.push_back({.method = "POST",
                    .path = "/-/reload",
                    .handler = refuse_web_pages([this, role_of](const ServerRequest& request) {
                      if (auto no = refused_role(role_of, request.user, core::Role::Admin))
                        return *no;
                      const auto reloaded = reload();
                      return reloaded ? plain("reloaded\n")
                                      : error_response(500, reloaded.error().message);
                    }),
                    .too_large = {}});
  return routes;
}

}  // namespace fieldmedic
