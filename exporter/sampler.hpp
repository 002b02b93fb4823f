// Collecting one module on behalf of scrapes, one at a time and with its time taken.
#pragma once

#include <chrono>
#include <memory>

#include "common/clock.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

struct Sample {
  Result<Families> families;
  std::chrono::duration<double> took{0};  // of the collection, or of the wait for it
};

// Thread-safe. Sampler::begin starts what may run beside the scrape; Sample::Pending::end gives it.
class Sampler {
 public:
  // What one scrape asked of one module. end() is called once, from the scrape's thread.
  class Pending {
   public:
    virtual ~Pending() = default;
    // Waits until `deadline` at most; then Errc::Timeout, and a later result is thrown away.
    [[nodiscard]] virtual Sample end(SteadyTime deadline) = 0;
  };

  virtual ~Sampler() = default;
  [[nodiscard]] virtual const Module& module() const = 0;
  // Never waits. `deadline` is what the module is told.
  [[nodiscard]] virtual std::unique_ptr<Pending> begin(SteadyTime deadline) = 0;
};

// By the module's cost: Inline and KeepsDeadline collect in end(), in the calling thread, which
// waits its turn until the deadline at most (KeepsDeadline asks ahead in begin() when no other
// scrape has the turn); MayWait on a thread of its own from begin() on. A module that throws has
// failed (Errc::Unavailable). The sampler's destructor does not wait for a module that hangs: its
// thread keeps the module and is left alone, so `clock` must live as long as the program.
[[nodiscard]] std::unique_ptr<Sampler> make_sampler(std::unique_ptr<Module> module,
                                                    const Clock& clock);

}  // namespace fieldmedic
