// The remediator put together: journal, engine, effects, HTTP. The only place besides main that
// names them all.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "common/http_server.hpp"
#include "common/process_runner.hpp"
#include "common/self_metrics.hpp"
#include "remediator/config.hpp"
#include "remediator/effects.hpp"
#include "remediator/emergency.hpp"
#include "remediator/engine.hpp"
#include "remediator/metrics.hpp"
#include "remediator/options.hpp"
#include "remediator/reach/sd_bus_systemd.hpp"

namespace fieldmedic {

// What everything else is made from and outlives it all.
struct Outside {
  SystemClock clock;
  CurlHttpClient http;
  LocalProcessRunner runner;
  SdBusSystemd systemd;
};

// The configuration, or every fault in it, a line each.
[[nodiscard]] Result<std::shared_ptr<const RemediatorConfig>> read_configuration(
    const Options& options, Outside& outside);

class Program {
 public:
  // Opens the journal, takes up what was under way, and serves. Errors name what to do.
  [[nodiscard]] static Result<std::unique_ptr<Program>> start(
      Options options, std::shared_ptr<const RemediatorConfig> config, Outside& outside);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] int port() const { return server_->port(); }
  // Reads the configuration again; the old one stays when there is any fault in the new (S20).
  Status reload();
  // Reads the files of file_sd again when it is time; what they say counts at once.
  void look_again();
  // Ends in order: what is decided is on disk, what runs is told to stop. False when a worker still
  // hangs after `patience`; then only the end of the process frees it.
  [[nodiscard]] bool stop(std::chrono::milliseconds patience);
  // Set when the journal broke and the process must end (S17).
  [[nodiscard]] std::optional<Error> broken() const;

 private:
  void close_server();
  Program(Options options, std::unique_ptr<Journal> journal, Outside& outside);

  void use(std::shared_ptr<const RemediatorConfig> config);
  // With what its file_sd files say now. Under reloading_.
  [[nodiscard]] std::shared_ptr<const RemediatorConfig> watch(
      std::shared_ptr<const RemediatorConfig> declared);
  [[nodiscard]] std::shared_ptr<const RemediatorConfig> config() const;
  [[nodiscard]] std::vector<Channel> self_channels() const;
  [[nodiscard]] std::vector<Route> routes();
  [[nodiscard]] ServerResponse metrics_page(const ServerRequest& request);
  [[nodiscard]] ServerResponse ready();

  Options options_;
  Outside& outside_;
  std::unique_ptr<Journal> journal_;
  Metrics metrics_;
  SelfMetrics self_;
  mutable std::mutex mutex_;  // of config_, watched_ and broken_
  std::shared_ptr<const RemediatorConfig> config_;
  std::optional<Error> broken_;
  FileSdReader::Answer watched_;
  std::mutex reloading_;
  FileSdReader file_sd_;                              // guarded by reloading_, as the next two
  std::shared_ptr<const RemediatorConfig> declared_;  // without what file_sd adds
  SteadyTime looked_at_{};
  bool closing_ = false;  // guarded by reloading_
  Emergency emergency_;
  // The engine asks the effects, the effects post to the engine: both stay until both are still.
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Effects> effects_;
  std::thread engine_thread_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace fieldmedic
