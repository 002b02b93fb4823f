#include "remediator/actions/scale_choice.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace fieldmedic {

namespace {

bool names(std::span<const ScaleChoice> choices, const std::string& name) {
  return std::ranges::any_of(choices, [&](const ScaleChoice& choice) {
    return std::ranges::find(choice.start, name) != choice.start.end();
  });
}

std::string why_none(std::span<const Instance> instances) {
  std::string why = "no instance is free to be started";
  for (const Instance& instance : instances)
    if (instance.is == InstanceIs::Unfit)
      why += fmt::format("; {} {}", instance.name, instance.why);
  return why;
}

}  // namespace

Result<ScaleChoice> choose_instances(std::span<const Instance> instances, ScaleTerms terms,
                                     std::span<const ScaleChoice> begun) {
  const auto running = std::ranges::count(instances, InstanceIs::Running, &Instance::is);
  ScaleChoice choice{static_cast<int>(running), 0, {}};
  choice.wanted = choice.current + terms.step;
  if (!begun.empty()) choice.wanted = std::ranges::max(begun, {}, &ScaleChoice::wanted).wanted;
  choice.wanted = std::min(choice.wanted, terms.max);
  if (choice.current >= choice.wanted)
    return fail(Errc::Conflict,
                begun.empty()
                    ? fmt::format("{} run already, of at most {}", choice.current, terms.max)
                    : fmt::format("{} run, the {} that this incident scaled out to are there",
                                  choice.current, choice.wanted));
  for (const Instance& instance : instances) {
    const bool ours = begun.empty() || names(begun, instance.name);
    const bool more = choice.current + std::ssize(choice.start) < choice.wanted;
    if (instance.is == InstanceIs::Free && ours && more) choice.start.push_back(instance.name);
  }
  if (choice.start.empty()) return fail(Errc::Conflict, why_none(instances));
  choice.wanted = choice.current + static_cast<int>(std::ssize(choice.start));
  return choice;
}

}  // namespace fieldmedic
