// The running exporter: configuration, modules and HTTP server together.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "common/clock.hpp"
#include "common/http_server.hpp"
#include "common/yaml_reader.hpp"
#include "exporter/collector/state_store.hpp"
#include "exporter/config.hpp"
#include "exporter/diagnose_page.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/link/link_watch.hpp"
#include "exporter/options.hpp"
#include "exporter/scrape.hpp"

namespace fieldmedic {

// Both files, read together.
struct Configuration {
  ExporterConfig exporter;
  WebConfig web;
};

// Errc::Invalid with every fault of both files, one a line.
[[nodiscard]] Result<Configuration> read_configuration(const Options& options);

// Thread-safe. A reload swaps in a fully built configuration or leaves the old one; scrapes that
// run meanwhile end with what they began with.
class Program {
 public:
  // `clock` lives as long as the program. Errc::Conflict: the address is in use.
  [[nodiscard]] static Result<std::unique_ptr<Program>> start(Options options,
                                                              Configuration configuration,
                                                              const Clock& clock);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] int port() const { return server_->port(); }
  // Reads both files again. Their faults leave everything as it was.
  Status reload();

 private:
  Program(Options options, ExporterConfig config, const Clock& clock);
  // The modules of `config`; those of `current`, if any, that stay the same are taken over.
  struct Collection {
    std::shared_ptr<const ExporterConfig> config;
    std::shared_ptr<Scrape> scrape;
  };
  [[nodiscard]] Collection build(ExporterConfig config, const Collection& current) const;
  [[nodiscard]] Collection collection() const;
  [[nodiscard]] Families reload_families() const;
  [[nodiscard]] std::vector<Route> routes();
  [[nodiscard]] ServerResponse answer_reload();

  const Options options_;
  const Clock& clock_;
  const std::shared_ptr<FileClient> files_;
  // Outlives a reload, and a module that hangs keeps it.
  const std::shared_ptr<StateStore> states_;
  const std::shared_ptr<LinkWatch> link_watch_;  // its counters go on across reloads
  DiagnosePage diagnose_;
  mutable std::mutex mutex_;  // of the three below
  Collection collection_;
  bool last_reload_successful_ = true;
  WallTime last_reload_success_;
  std::mutex reloading_;  // one reload at a time
  bool closing_ = false;  // guarded by reloading_
  std::unique_ptr<HttpServer> server_;
};

}  // namespace fieldmedic
