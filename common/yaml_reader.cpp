#include "common/yaml_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/duration.hpp"
#include "common/nearest_word.hpp"
#include "common/quote.hpp"
#include "common/yaml_tree.hpp"

namespace fieldmedic {

struct YamlMap::Node {
  std::shared_ptr<YamlNode> tree;  // a Map
};

struct YamlValue::Node {
  std::shared_ptr<YamlNode> tree;
};

namespace {

using Kind = YamlNode::Kind;
using NodePtr = std::shared_ptr<YamlNode>;
using std::chrono::milliseconds;

void refuse(const YamlNode& node, std::string what) {
  node.source->errors->add(where_of(*node.source, node.place), std::move(what));
}

// The shape only: the text itself may be something not to be shown.
std::string_view shape_of(const YamlNode& node) {
  switch (node.kind) {
    case Kind::Null: return "nothing";
    case Kind::Scalar: return "text";
    case Kind::List: return "a list";
    case Kind::Map: return "a mapping";
    case Kind::Refused: return "something refused";
  }
  return "invalid";
}

// Whether the node is of that kind; if not, records what was wanted.
bool expect(const YamlNode& node, Kind kind, std::string_view name, std::string_view wanted) {
  if (node.kind == kind) return true;
  if (node.kind != Kind::Refused)
    refuse(node, fmt::format("{} wants {}, got {}", name, wanted, shape_of(node)));
  return false;
}

// The text of a key's value, null when there is none of use.
const std::string* scalar_of(const NodePtr& value, std::string_view key, std::string_view wanted) {
  if (!value || !expect(*value, Kind::Scalar, quote(key), wanted)) return nullptr;
  return &value->scalar;
}

void refuse_text(const YamlNode& value, std::string_view key, std::string_view wanted) {
  refuse(value, fmt::format("{} wants {}, got {}", quote(key), wanted, quote(value.scalar)));
}

NodePtr ask(const std::shared_ptr<YamlNode>& map, std::string_view key) {
  map->asked.emplace(key);
  return map->find(key);
}

YamlMap make_map(NodePtr tree) {
  return YamlMap(std::make_shared<YamlMap::Node>(YamlMap::Node{std::move(tree)}));
}

// A list's elements; an absent or empty value is a list without elements.
std::vector<NodePtr> items_of(const NodePtr& value, std::string_view key, std::string_view wanted) {
  if (!value || value->kind == Kind::Null) return {};
  if (!expect(*value, Kind::List, quote(key), wanted)) return {};
  return value->items;
}

}  // namespace

bool YamlMap::has(std::string_view key) const {
  return node_ && ask(node_->tree, key) != nullptr;
}

bool YamlMap::is_map(std::string_view key) const {
  const NodePtr value = node_ ? ask(node_->tree, key) : nullptr;
  return value != nullptr && value->kind == Kind::Map;
}

std::string YamlMap::where() const {
  return node_ ? where_of(*node_->tree->source, node_->tree->place) : std::string();
}

std::string YamlMap::where(std::string_view key) const {
  const NodePtr value = node_ ? node_->tree->find(key) : nullptr;
  return value ? where_of(*value->source, value->place) : where();
}

std::string YamlMap::string(std::string_view key) const {
  if (!node_) return {};
  const NodePtr value = ask(node_->tree, key);
  if (!value) refuse(*node_->tree, quote(key) + " is missing");
  const std::string* text = scalar_of(value, key, "text");
  if (text != nullptr && text->empty()) refuse(*value, quote(key) + " must not be empty");
  return text == nullptr ? std::string() : *text;
}

std::string YamlMap::string(std::string_view key, std::string_view fallback) const {
  if (!node_) return std::string(fallback);
  const NodePtr value = ask(node_->tree, key);
  const std::string* text = scalar_of(value, key, "text");
  return text == nullptr ? std::string(fallback) : *text;
}

bool YamlMap::boolean(std::string_view key, bool fallback) const {
  if (!node_) return fallback;
  const NodePtr value = ask(node_->tree, key);
  const std::string* text = scalar_of(value, key, "true or false");
  if (text == nullptr) return fallback;
  if (*text == "true") return true;
  if (*text == "false") return false;
  refuse_text(*value, key, "true or false");
  return fallback;
}

std::int64_t YamlMap::integer(std::string_view key, std::int64_t fallback, std::int64_t least,
                              std::int64_t most) const {
  if (!node_) return fallback;
  const NodePtr value = ask(node_->tree, key);
  const std::string wanted = fmt::format("a whole number from {} to {}", least, most);
  const std::string* text = scalar_of(value, key, wanted);
  if (text == nullptr) return fallback;
  std::int64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  if (error == std::errc{} && rest == end && number >= least && number <= most) return number;
  refuse_text(*value, key, wanted);
  return fallback;
}

milliseconds YamlMap::duration(std::string_view key, milliseconds fallback) const {
  if (!node_) return fallback;
  constexpr std::string_view kWanted = "a duration such as 90s or 5m";
  const NodePtr value = ask(node_->tree, key);
  const std::string* text = scalar_of(value, key, kWanted);
  if (text == nullptr) return fallback;
  const Result<milliseconds> duration = parse_duration(*text);
  if (duration) return *duration;
  refuse_text(*value, key, kWanted);
  return fallback;
}

milliseconds YamlMap::duration(std::string_view key) const {
  if (node_ && !ask(node_->tree, key)) refuse(*node_->tree, quote(key) + " is missing");
  return duration(key, milliseconds{0});
}

std::string YamlMap::one_of(std::string_view key, const std::vector<std::string_view>& words,
                            std::string_view fallback) const {
  if (!node_) return std::string(fallback);
  const NodePtr value = ask(node_->tree, key);
  const std::string wanted = fmt::format("one of {}", fmt::join(words, ", "));
  const std::string* text = scalar_of(value, key, wanted);
  if (text == nullptr) return std::string(fallback);
  if (std::ranges::find(words, *text) != words.end()) return *text;
  refuse(*value, fmt::format("{} wants {}, got {}{}", quote(key), wanted, quote(*text),
                             did_you_mean(*text, words)));
  return std::string(fallback);
}

std::vector<std::string> YamlMap::strings(std::string_view key) const {
  if (!node_) return {};
  std::vector<std::string> texts;
  const std::string element = fmt::format("each element of '{}'", key);
  for (const NodePtr& item : items_of(ask(node_->tree, key), key, "a list of texts"))
    if (expect(*item, Kind::Scalar, element, "text")) texts.push_back(item->scalar);
  return texts;
}

YamlMap YamlMap::map(std::string_view key) const {
  if (!node_) return {};
  const NodePtr value = ask(node_->tree, key);
  if (!value) return {};
  // "process:" with nothing behind it says what "process: {}" says.
  if (value->kind == Kind::Null) value->kind = Kind::Map;
  return expect(*value, Kind::Map, quote(key), "a mapping") ? make_map(value) : YamlMap();
}

std::vector<YamlMap> YamlMap::maps(std::string_view key) const {
  if (!node_) return {};
  std::vector<YamlMap> maps;
  const std::string element = fmt::format("each element of '{}'", key);
  for (const NodePtr& item : items_of(ask(node_->tree, key), key, "a list of mappings"))
    if (expect(*item, Kind::Map, element, "a mapping")) maps.push_back(make_map(item));
  return maps;
}

std::vector<YamlValue> YamlMap::values(std::string_view key) const {
  if (!node_) return {};
  std::vector<YamlValue> values;
  for (const NodePtr& item : items_of(ask(node_->tree, key), key, "a list"))
    values.emplace_back(std::make_shared<YamlValue::Node>(YamlValue::Node{item}));
  return values;
}

std::vector<std::string> YamlMap::keys() const {
  return node_ ? node_->tree->order : std::vector<std::string>();
}

void YamlMap::require(std::string_view key) const {
  if (!node_) return;
  const NodePtr value = ask(node_->tree, key);
  if (!value) {
    refuse(*node_->tree, quote(key) + " is missing");
  } else if (value->kind == Kind::Null || (value->kind == Kind::List && value->items.empty())) {
    refuse(*value, quote(key) + " must not be empty");
    value->kind = Kind::Refused;  // told; whoever reads it next need not tell it again
  }
}

void YamlMap::error(std::string_view key, std::string what) const {
  if (!node_) return;
  const NodePtr value = ask(node_->tree, key);
  refuse(value ? *value : *node_->tree, std::move(what));
}

void YamlMap::error(std::string what) const {
  if (node_) refuse(*node_->tree, std::move(what));
}

void YamlMap::done() const {
  if (!node_) return;
  const YamlNode& map = *node_->tree;
  const std::vector<std::string_view> known(map.asked.begin(), map.asked.end());
  for (const std::string& key : map.order) {
    if (map.asked.contains(key)) continue;
    map.source->errors->add(where_of(*map.source, map.entries.at(key).key_place),
                            fmt::format("unknown key {}{}", quote(key), did_you_mean(key, known)));
  }
}

std::optional<std::string> YamlValue::string() const {
  if (node_->tree->kind != Kind::Scalar) return std::nullopt;
  return node_->tree->scalar;
}

std::optional<YamlMap> YamlValue::map() const {
  if (node_->tree->kind != Kind::Map) return std::nullopt;
  return make_map(node_->tree);
}

std::string YamlValue::where() const {
  return where_of(*node_->tree->source, node_->tree->place);
}

void YamlValue::error(std::string what) const {
  if (node_->tree->kind != Kind::Refused) refuse(*node_->tree, std::move(what));
}

YamlMap parse_yaml(std::string_view name, std::string_view text, ConfigErrors& errors) {
  const auto source = std::make_shared<const YamlSource>(YamlSource{std::string(name), &errors});
  const NodePtr root = parse_yaml_tree(source, text);
  if (!root || !expect(*root, Kind::Map, "the file", "a mapping")) return {};
  return make_map(root);
}

std::vector<YamlMap> parse_yaml_list(std::string_view name, std::string_view text,
                                     ConfigErrors& errors) {
  const auto source = std::make_shared<const YamlSource>(YamlSource{std::string(name), &errors});
  const NodePtr root = parse_yaml_tree(source, text);
  if (!root || !expect(*root, Kind::List, "the file", "a list of mappings")) return {};
  std::vector<YamlMap> maps;
  for (const NodePtr& item : root->items)
    if (expect(*item, Kind::Map, "each element of the file", "a mapping"))
      maps.push_back(make_map(item));
  return maps;
}

}  // namespace fieldmedic
