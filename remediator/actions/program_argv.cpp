#include "remediator/actions/program_argv.hpp"

#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/redact_text.hpp"
#include "remediator/actions/placeholders.hpp"

namespace fieldmedic {

namespace {

constexpr std::size_t kMostArguments = 64;
constexpr std::size_t kLongestLine = 160;  // bytes

}  // namespace

Status check_argv(std::string_view key, const std::vector<std::string>& argv) {
  const auto refuse = [](std::string why) { return fail(Errc::Invalid, std::move(why)); };
  if (argv.empty()) return refuse(fmt::format("'{}' wants a program", key));
  if (argv.size() > kMostArguments)
    return refuse(fmt::format("'{}' holds more than {} arguments", key, kMostArguments));
  if (!argv.front().starts_with('/')) return refuse("the program must be an absolute path");
  for (const std::string& argument : argv) {
    const auto parsed = parse_placeholders(argument);
    if (!parsed) return fail(parsed.error());
    if (&argument == &argv.front() && !parsed->names().empty())
      return refuse("the program may hold no placeholder");
  }
  return {};
}

Result<std::vector<std::string>> render_argv(const std::vector<std::string>& argv,
                                             const PlanRequest& request) {
  std::vector<std::string> rendered;
  for (const std::string& argument : argv) {
    const auto parsed = Template::parse(argument);
    if (!parsed) return fail(parsed.error());
    auto text =
        parsed->render([&](std::string_view name) { return placeholder_value(name, request); });
    if (!text) return fail(text.error());
    rendered.push_back(std::move(*text));
  }
  return rendered;
}

std::string program_line(const std::vector<std::string>& argv) {
  return shown_line(fmt::format("{}", fmt::join(argv, " ")), kLongestLine);
}

}  // namespace fieldmedic
