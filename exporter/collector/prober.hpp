// Asks probes again and again in the background, a few at once.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "exporter/collector/probe.hpp"
#include "exporter/collector/rounds.hpp"

namespace fieldmedic {

// Thread-safe. Each probe is asked at once, and then every `interval`; never twice at the same
// time.
class Prober {
 public:
  // One that hangs keeps what it needs, so `clock` must live as long as the program.
  Prober(std::vector<Probe> probes, const std::shared_ptr<HttpClient>& http, const Clock& clock);

  // The last sample of each, in the order of the probes; empty until the first is finished. Never
  // waits for a probe.
  [[nodiscard]] std::vector<std::optional<ProbeSample>> samples() const;

 private:
  struct Desk;
  std::shared_ptr<Desk> desk_;
  Rounds rounds_;
};

}  // namespace fieldmedic
