#include "common/config_fields.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include <fmt/core.h>
#include <re2/re2.h>

#include "common/address.hpp"
#include "common/duration.hpp"
#include "common/quote.hpp"
#include "common/tls_client.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kNameLimit = 64;
constexpr std::size_t kUrlLimit = 2048;

bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return !text.empty() && text.size() <= kNameLimit && text.front() != '.' && text.front() != '-' &&
         std::ranges::all_of(text, allowed);
}

// The texts of a list, each with its place.
template <class Use>
void for_each_text(const YamlMap& map, std::string_view key, Use use) {
  for (const YamlValue& value : map.values(key)) {
    const std::optional<std::string> text = value.string();
    if (text)
      use(value, *text);
    else
      value.error(fmt::format("each element of '{}' wants text", key));
  }
}

}  // namespace

std::optional<std::string_view> fault_of_url(std::string_view url) {
  std::string_view rest = url;
  if (rest.starts_with("http://"))
    rest.remove_prefix(7);
  else if (rest.starts_with("https://"))
    rest.remove_prefix(8);
  else
    return "wants a URL that starts with http:// or https://";
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos)
    return "must not hold a user or password: they come from username and password_file";
  if (authority.empty() || authority.starts_with(':')) return "wants a URL with a host";
  if (url.size() > kUrlLimit) return "is longer than 2048 bytes";
  const auto blank = [](char c) { return c <= ' ' || c == 0x7f; };
  if (std::ranges::any_of(url, [blank](char c) { return c >= 0 && blank(c); }))
    return "must not hold spaces or control characters";
  return std::nullopt;
}

std::string read_name(const YamlMap& map, std::string_view key, std::set<std::string>& taken) {
  std::string name = map.string(key);
  if (name.empty()) return name;  // told by string()
  if (!is_name(name))
    map.error(key, fmt::format("'{}' wants 1 to {} characters of A-Z a-z 0-9 _ . - with a letter, "
                               "digit or _ in front, got {}",
                               key, kNameLimit, quote(name)));
  else if (!taken.insert(name).second)
    map.error(key, fmt::format("'{}' is given twice: '{}'", key, name));
  return name;
}

std::string read_required_path(const YamlMap& map, std::string_view key) {
  std::string path = map.string(key);
  if (!path.empty() && path.front() != '/')
    map.error(key, fmt::format("'{}' wants an absolute path, got {}", key, quote(path)));
  return path;
}

std::string read_path(const YamlMap& map, std::string_view key) {
  return map.has(key) ? read_required_path(map, key) : std::string();
}

std::string read_ca_file(const YamlMap& map) {
  std::string file = read_path(map, "ca_file");
  if (file.empty()) return file;
  for (const TlsFault& fault : check_files({.ca_file = file}))
    map.error(fault.key, fmt::format("'{}' {}", fault.key, fault.what));
  return file;
}

std::vector<std::string> read_paths(const YamlMap& map, std::string_view key) {
  std::vector<std::string> paths;
  for_each_text(map, key, [&paths, key](const YamlValue& value, const std::string& text) {
    if (text.starts_with('/'))
      paths.push_back(text);
    else
      value.error(
          fmt::format("each element of '{}' wants an absolute path, got {}", key, quote(text)));
  });
  return paths;
}

std::string read_regexp(const YamlMap& map, std::string_view key, std::string_view fallback) {
  std::string pattern = map.string(key, fallback);
  RE2::Options options;
  options.set_log_errors(false);
  if (const RE2 compiled(pattern, options); !compiled.ok())
    map.error(key, fmt::format("'{}' wants a regular expression (RE2), got {}: {}", key,
                               quote(pattern), compiled.error()));
  return pattern;
}

ProcessPattern read_process_parts(const YamlMap& process) {
  return {.pid_file = read_path(process, "pid_file"),
          .executable = read_path(process, "executable"),
          .command_line = read_regexp(process, "command_line", "")};
}

ProcessPattern read_process_pattern(const YamlMap& map, std::string_view key) {
  const YamlMap process = map.map(key);
  ProcessPattern pattern = read_process_parts(process);
  const bool nothing_said = process.keys().empty();
  process.done();
  if (map.has(key) && nothing_said)
    process.error(fmt::format("'{}' wants pid_file, executable or command_line", key));
  return pattern;
}

std::string read_unit(const YamlMap& map, std::string_view key) {
  if (!map.has(key)) return {};
  std::string unit = map.string(key, "");
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
  const std::size_t dot = unit.rfind('.');
  const bool well = unit.size() <= 255 && dot != std::string::npos && dot > 0 &&
                    dot + 1 < unit.size() && unit.front() != '-' &&
                    unit.find_first_not_of(kAllowed) == std::string::npos;
  if (!well)
    map.error(key,
              fmt::format("'{}' wants a unit such as orders.service, got {}", key, quote(unit)));
  return unit;
}

std::vector<std::string> read_addresses(const YamlMap& map, std::string_view key) {
  std::vector<std::string> addresses;
  for_each_text(map, key, [&addresses](const YamlValue& value, const std::string& text) {
    const Result<Address> address = parse_address(text);
    if (!address)
      value.error(address.error().message);
    else if (address->host.empty() || address->port == 0)
      value.error(fmt::format("wants an address with a host and a port from 1 to 65535, got {}",
                              quote(text)));
    else
      addresses.push_back(text);
  });
  return addresses;
}

std::string read_listen_address(const YamlMap& map, std::string_view key,
                                std::string_view fallback) {
  std::string text = map.string(key, fallback);
  if (const Result<Address> address = parse_address(text); !address)
    map.error(key, fmt::format("'{}' {}", key, address.error().message));
  return text;
}

std::string read_url(const YamlMap& map, std::string_view key) {
  if (!map.has(key)) return {};
  std::string url = map.string(key);
  if (url.empty()) return url;
  if (const auto fault = fault_of_url(url)) map.error(key, fmt::format("'{}' {}", key, *fault));
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::vector<std::string> read_urls(const YamlMap& map, std::string_view key) {
  std::vector<std::string> urls;
  for_each_text(map, key, [&urls, key](const YamlValue& value, const std::string& text) {
    if (const auto fault = fault_of_url(text))
      value.error(fmt::format("each element of '{}' {}", key, *fault));
    else
      urls.push_back(text);
  });
  return urls;
}

std::chrono::milliseconds read_bounded_duration(const YamlMap& map, std::string_view key,
                                                std::chrono::milliseconds fallback,
                                                DurationBounds bounds) {
  const std::chrono::milliseconds duration = map.duration(key, fallback);
  if (duration >= bounds.least && duration <= bounds.most) return duration;
  map.error(key, fmt::format("'{}' wants a duration from {} to {}, got {}", key,
                             format_duration(bounds.least), format_duration(bounds.most),
                             format_duration(duration)));
  return fallback;
}

}  // namespace fieldmedic
