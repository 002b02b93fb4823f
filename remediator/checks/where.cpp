#include "remediator/checks/where.hpp"

#include <string>
#include <utility>

#include <fmt/core.h>

namespace fieldmedic {

namespace {

class HereOnly final : public Check {
 public:
  HereOnly(std::string_view name, std::unique_ptr<Check> check, const CheckTools& tools)
      : name_(name), check_(std::move(check)), inventory_(tools.inventory) {}

  core::CheckAnswer run(const core::Target& target, std::stop_token stop) override {
    if (!is_far(*inventory_, target)) return check_->run(target, std::move(stop));
    return {core::Verdict::Unknown,
            fmt::format("{} looks at the remediator's own host only, and {} is reached {}", name_,
                        target.host, in_words(inventory_->host(target.host)->reach))};
  }

 private:
  std::string name_;
  std::unique_ptr<Check> check_;
  std::shared_ptr<const Inventory> inventory_;
};

}  // namespace

bool is_far(const Inventory& inventory, const core::Target& target) {
  const HostSpec* host = inventory.host(target.host);
  return host != nullptr && host->reach != Reach::Local;
}

std::unique_ptr<Check> here_only(std::string_view name, std::unique_ptr<Check> check,
                                 const CheckTools& tools) {
  return std::make_unique<HereOnly>(name, std::move(check), tools);
}

}  // namespace fieldmedic
