// The links of this host: link_up, link_tcp_sent_bytes_total{link} … (docs/metrics.md).
#pragma once

#include <memory>
#include <vector>

#include "exporter/link/link_config.hpp"
#include "exporter/link/link_watch.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

class LinkModule final : public Module {
 public:
  // `watch` may be shared with the module that this one replaces.
  LinkModule(std::vector<LinkConfig> links, std::shared_ptr<LinkWatch> watch)
      : links_(std::move(links)), watch_(std::move(watch)) {}

  [[nodiscard]] std::string_view name() const override { return "link"; }
  // A dump takes a third of a microsecond for each connection, and there may be hundreds of
  // thousands.
  [[nodiscard]] Cost cost() const override { return Cost::MayWait; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override;

 private:
  const std::vector<LinkConfig> links_;
  const std::shared_ptr<LinkWatch> watch_;
};

}  // namespace fieldmedic
