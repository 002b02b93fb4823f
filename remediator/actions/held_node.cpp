#include "remediator/actions/held_node.hpp"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/placeholders.hpp"
#include "remediator/actions/zookeeper_arguments.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestText = 1024;  // bytes

bool is_pattern(const HeldNode& held) {
  return held.node.ends_with('*');
}

// A name that it could be about.
std::string named(const HeldNode& held) {
  return is_pattern(held) ? held.node + "x" : held.node;
}

Status check(const HeldNode& held) {
  if (held.node.size() > kLongestText || held.holder.size() > kLongestText)
    return fail(Errc::Invalid,
                fmt::format("'node' and 'holder' want at most {} bytes each", kLongestText));
  for (const auto& [key, text] : {std::pair{"node", &held.node}, {"holder", &held.holder}})
    if (const auto parsed = parse_placeholders(*text); !parsed)
      return fail(Errc::Invalid, fmt::format("'{}': {}", key, parsed.error().message));
  if (!held.node.starts_with('/') || held.node == "/")
    return fail(Errc::Invalid, "'node' wants a path that begins with a slash");
  // One with placeholders is looked at when they are filled in.
  if (!held.node.contains("{{") && !is_zookeeper_path(named(held)))
    return fail(Errc::Invalid, "'node' wants a path without empty parts and a slash at its end");
  if (!held.holder.empty() && !is_pattern(held))
    return fail(Errc::Invalid, "'holder' wants a 'node' that ends with *: one of several");
  return {};
}

AbsenceAnswer unknown(const Error& error) {
  return {Absence::Unknown, error.message};
}

AbsenceAnswer held_by(const std::string& path, const ZookeeperNode& node) {
  if (node.of_session) return {Absence::NotYet, fmt::format("{} is still held in ZooKeeper", path)};
  return {Absence::Unknown,
          fmt::format("{} is held by no session: that it goes would prove nothing", path)};
}

AbsenceAnswer nobody_holds(const HeldNode& held) {
  return {Absence::Proved, fmt::format("ZooKeeper has no {}{}: nobody holds it", held.node,
                                       held.holder.empty() ? "" : " of the sick one")};
}

AbsenceAnswer ask_children(ZookeeperSession& session, const HeldNode& held,
                           const std::string& parent) {
  const auto names = session.children(parent);
  if (!names) return unknown(names.error());
  const std::string folder = parent == "/" ? parent : parent + "/";
  const std::string begin = held.node.substr(0, held.node.size() - 1);
  for (const std::string& name : *names) {
    const std::string path = folder + name;
    if (!path.starts_with(begin)) continue;
    const auto node = session.get(path);
    if (!node && node.error().code == Errc::NotFound) continue;  // gone just now
    if (!node) return unknown(node.error());
    if (held.holder.empty() || node->data == held.holder) return held_by(path, *node);
  }
  return nobody_holds(held);
}

}  // namespace

HeldNode read_held_node(const YamlMap& map) {
  HeldNode held;
  held.access = read_zookeeper_access(map);
  held.node = map.string("node");
  held.holder = map.string("holder", "");
  if (auto right = check(held); !held.node.empty() && !right)
    map.error("node", right.error().message);
  map.done();
  return held;
}

std::string to_json(const HeldNode& held) {
  return Json{{"access", to_json(held.access)}, {"node", held.node}, {"holder", held.holder}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

Result<HeldNode> parse_held_node(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    auto access = parse_zookeeper_access(json.at("access").get<std::string>());
    if (!access) return fail(access.error());
    HeldNode held{*std::move(access), json.at("node").get<std::string>(),
                  json.at("holder").get<std::string>()};
    if (auto right = check(held); !right) return fail(right.error());
    return held;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no node of ZooKeeper: {}", error.what()));
  }
}

AbsenceAnswer ask_held_node(const HeldNode& held, const std::filesystem::path& program,
                            std::chrono::milliseconds timeout, const std::stop_token& stop) {
  const std::string parent = zookeeper_parent(held.node);
  if (!is_zookeeper_path(named(held)))
    return {Absence::Unknown, fmt::format("{} can be no node of ZooKeeper", held.node)};
  auto session = ZookeeperSession::open(held.access, program, timeout, stop);
  if (!session) return unknown(session.error());
  // What is read after this is not older than the question.
  if (auto asked = session->ask_quorum(parent); !asked) return unknown(asked.error());
  if (is_pattern(held)) return ask_children(*session, held, parent);
  const auto node = session->get(held.node);
  if (node) return held_by(held.node, *node);
  if (node.error().code == Errc::NotFound) return nobody_holds(held);
  return unknown(node.error());
}

}  // namespace fieldmedic
