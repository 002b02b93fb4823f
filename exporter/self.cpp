#include "exporter/self.hpp"

#include "common/self_metrics.hpp"

namespace fieldmedic {
namespace {

class SelfModule final : public Module {
 public:
  [[nodiscard]] std::string_view name() const override { return "self"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override { return metrics_.collect(); }

 private:
  SelfMetrics metrics_;
};

}  // namespace

std::unique_ptr<Module> make_self_module() {
  return std::make_unique<SelfModule>();
}

}  // namespace fieldmedic
