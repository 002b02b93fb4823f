#include "remediator/actions/where.hpp"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "remediator/actions/far_plan.hpp"

namespace fieldmedic {

namespace {

class HereOnly final : public Action {
 public:
  HereOnly(std::string_view name, std::unique_ptr<Action> action, const ActionTools& tools)
      : name_(name), action_(std::move(action)), inventory_(tools.inventory) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    if (is_far(request.target)) return fail(Errc::Invalid, refusal(request.target));
    return action_->plan(request, std::move(stop));
  }
  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    if (is_far(request.target)) return {core::Applied::Refused, refusal(request.target)};
    return action_->apply(request, std::move(stop));
  }
  // A reload may have moved the host since it was planned here.
  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    if (is_far(request.target)) return {core::Confirmed::Unknown, refusal(request.target)};
    return action_->confirm(request, std::move(stop));
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    if (is_far(request.target)) return fail(Errc::Invalid, refusal(request.target));
    return action_->plan_undo(request, std::move(stop));
  }

 private:
  [[nodiscard]] bool is_far(const core::Target& target) const {
    const HostSpec* host = inventory_->host(target.host);
    return host != nullptr && host->reach != Reach::Local;
  }
  [[nodiscard]] std::string refusal(const core::Target& target) const {
    const HostSpec* host = inventory_->host(target.host);
    return fmt::format("{} works on the remediator's own host only, and {} is reached {}", name_,
                       target.host, in_words(host == nullptr ? Reach::Local : host->reach));
  }

  std::string name_;
  std::unique_ptr<Action> action_;
  std::shared_ptr<const Inventory> inventory_;
};

Result<std::shared_ptr<ContainerEngine>> engine_of(const ActionTools& tools,
                                                   const core::Target& target) {
  const HostSpec* host = tools.inventory->host(target.host);
  if (host != nullptr && host->engine) {
    if (tools.engines != nullptr)
      if (const auto found = tools.engines->find(target.host); found != tools.engines->end())
        return found->second;
    return fail(Errc::Unavailable, fmt::format("the engine of {} is not connected to", host->name));
  }
  if (host != nullptr && host->reach != Reach::Local)
    return fail(Errc::Invalid, fmt::format("{} is reached {} and names no container_engine",
                                           host->name, in_words(host->reach)));
  if (tools.containers == nullptr) return fail(Errc::Invalid, "there is no container engine");
  return tools.containers;
}

class AtEngine final : public Action {
 public:
  AtEngine(MakeAction make, const ActionTools& tools) : make_(std::move(make)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto action = on_host_of(request.target);
    if (!action) return fail(action.error());
    return (*action)->plan(request, std::move(stop));
  }
  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const auto action = on_host_of(request.target);
    if (!action) return {core::Applied::Refused, action.error().message};
    return (*action)->apply(request, std::move(stop));
  }
  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto action = on_host_of(request.target);
    if (!action) return {core::Confirmed::Unknown, action.error().message};
    return (*action)->confirm(request, std::move(stop));
  }
  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    const auto action = on_host_of(request.target);
    if (!action) return fail(action.error());
    return (*action)->plan_undo(request, std::move(stop));
  }

 private:
  [[nodiscard]] Result<std::unique_ptr<Action>> on_host_of(const core::Target& target) const {
    auto engine = engine_of(tools_, target);
    if (!engine) return fail(engine.error());
    ActionTools tools = tools_;
    tools.containers = *std::move(engine);
    return make_(tools);
  }

  MakeAction make_;
  ActionTools tools_;
};

}  // namespace

Result<const FarHost*> far_host(const ActionTools& tools, const core::Target& target) {
  const HostSpec* host = tools.inventory->host(target.host);
  if (host == nullptr || host->reach == Reach::Local) return nullptr;
  if (tools.far != nullptr)
    if (const auto found = tools.far->find(target.host); found != tools.far->end())
      return &found->second;
  if (host->reach == Reach::Kubernetes)
    return fail(Errc::Invalid,
                fmt::format("{} is reached through Kubernetes, where no command runs", host->name));
  return fail(Errc::Unavailable, fmt::format("{} is not connected to", target.host));
}

Result<const FarHost*> planned_host(const ActionTools& tools, const core::Target& target,
                                    const core::Step& step) {
  auto far = far_host(tools, target);
  const bool planned_here = planned_boot_id(step).empty();
  if (far && (*far == nullptr) != planned_here)
    return fail(Errc::Conflict, "the host is reached in another way than when it was planned");
  return far;
}

Result<const FarHost*> planned_host(const ActionTools& tools, const ApplyRequest& request) {
  return planned_host(tools, request.target, request.plan.steps[request.step]);
}

Result<Systemd*> systemd_of(const ActionTools& tools, const core::Target& target) {
  const auto far = far_host(tools, target);
  if (!far) return fail(far.error());
  return *far == nullptr ? &tools.systemd : (*far)->systemd.get();
}

std::unique_ptr<Action> at_engine(MakeAction make, const ActionTools& tools) {
  return std::make_unique<AtEngine>(std::move(make), tools);
}

std::unique_ptr<Action> here_only(std::string_view name, std::unique_ptr<Action> action,
                                  const ActionTools& tools) {
  return std::make_unique<HereOnly>(name, std::move(action), tools);
}

}  // namespace fieldmedic
