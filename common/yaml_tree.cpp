#include "common/yaml_tree.hpp"

#include <cstddef>
#include <sstream>
#include <utility>

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "common/quote.hpp"
#include "common/yaml_reader.hpp"

namespace fieldmedic {
namespace {

using NodePtr = std::shared_ptr<YamlNode>;

constexpr std::size_t kTextLimit = 4 << 20;
// yaml-cpp keeps every open bracket of a line as a token of some hundred bytes until the line ends.
constexpr std::size_t kLineLimit = 64 << 10;
constexpr std::size_t kDepthLimit = 64;

YamlPlace place_of(const YAML::Mark& mark) {
  return mark.is_null() ? YamlPlace{} : YamlPlace{mark.line + 1, mark.column + 1};
}

// Whether the quoted text that begins at `start` is closed. yaml-cpp takes the end of the file for
// the closing quote, so that half a file would pass for a whole one.
bool is_closed(std::string_view text, std::size_t start) {
  const char quote = text[start];
  for (std::size_t i = start + 1; i < text.size(); ++i) {
    const bool escape = text[i] == (quote == '"' ? '\\' : '\'');
    const bool doubled = i + 1 < text.size() && text[i + 1] == '\'';
    if (escape && (quote == '"' || doubled))
      ++i;
    else if (text[i] == quote)
      return true;
  }
  return false;
}

// Builds the tree from yaml-cpp's events. Beyond our own depth nothing is built any more, and
// yaml-cpp itself gives up at 500 levels, long before its recursion fills a stack.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const YamlSource> source, std::string_view text)
      : source_(std::move(source)), text_(text) {}

  [[nodiscard]] const NodePtr& root() const { return root_; }
  [[nodiscard]] bool too_deep() const { return too_deep_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) refuse(place_of(mark), "wants one document, a second one starts here");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (ignoring()) return;
    // yaml-cpp places a missing value at whatever comes next; its key tells more.
    const bool has_key = !open_.empty() && open_.back().key;
    add(make(YamlNode::Kind::Null, has_key ? open_.back().key->place : place_of(mark), anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    if (ignoring()) return;
    refuse(place_of(mark), "aliases are not supported, write the value out");
    add(make(YamlNode::Kind::Refused, place_of(mark), YAML::NullAnchor));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (ignoring()) return;
    NodePtr node = make(YamlNode::Kind::Scalar, place_of(mark), anchor);
    node->scalar = value;
    if (is_quote_at(mark) && !is_closed(text_, static_cast<std::size_t>(mark.pos)))
      refuse(*node, "a quote is opened and never closed");
    if (value.find('\0') != std::string::npos)
      refuse(*node, "a value must not hold a NUL character");
    refuse_tag(*node, tag);
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::List, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::Map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    NodePtr node;
    YamlNode::Kind kind;  // as written, also when the node is refused
    NodePtr key;          // of the entry whose value comes next
  };

  [[nodiscard]] bool is_quote_at(const YAML::Mark& mark) const {
    const auto at = static_cast<std::size_t>(mark.pos);
    return at < text_.size() && (text_[at] == '"' || text_[at] == '\'');
  }
  [[nodiscard]] bool ignoring() const { return too_deep_ || documents_ > 1; }

  void refuse(YamlPlace place, std::string what) const {
    source_->errors->add(where_of(*source_, place), std::move(what));
  }
  void refuse(YamlNode& node, std::string what) const {
    refuse(node.place, std::move(what));
    node.kind = YamlNode::Kind::Refused;
  }
  void refuse_tag(YamlNode& node, const std::string& tag) const {
    // "?" is a plain and "!" a quoted value without a tag.
    if (tag.empty() || tag == "?" || tag == "!") return;
    refuse(node, fmt::format("tags are not supported, got {}", quote(tag)));
  }

  [[nodiscard]] NodePtr make(YamlNode::Kind kind, YamlPlace place, YAML::anchor_t anchor) const {
    auto node = std::make_shared<YamlNode>();
    node->source = source_;
    node->place = place;
    node->kind = kind;
    if (anchor != YAML::NullAnchor)
      refuse(place, "anchors are not supported, write the value out where it is used");
    return node;
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    if (ignoring()) return;
    if (open_.size() == kDepthLimit) {
      too_deep_ = true;
      refuse(place_of(mark), fmt::format("nested deeper than {} levels", kDepthLimit));
      return;
    }
    NodePtr node = make(kind, place_of(mark), anchor);
    refuse_tag(*node, tag);
    add(node);
    open_.push_back({std::move(node), kind, nullptr});
  }

  void close() {
    if (!ignoring()) open_.pop_back();
  }

  void add(NodePtr node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (Open& parent = open_.back(); parent.kind == YamlNode::Kind::List) {
      parent.node->items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node->kind != YamlNode::Kind::Scalar) refuse(*node, "a key must be plain text");
      parent.key = std::move(node);
    } else {
      add_entry(*parent.node, *std::exchange(parent.key, nullptr), std::move(node));
    }
  }

  void add_entry(YamlNode& map, const YamlNode& key, NodePtr value) const {
    if (key.kind == YamlNode::Kind::Refused) return;
    const auto [first, fresh] =
        map.entries.try_emplace(key.scalar, YamlNode::Entry{key.place, std::move(value)});
    if (fresh) {
      map.order.push_back(key.scalar);
      return;
    }
    refuse(key.place, fmt::format("key {} is given twice, first in line {}", quote(key.scalar),
                                  first->second.key_place.line));
  }

  std::shared_ptr<const YamlSource> source_;
  std::string_view text_;
  NodePtr root_;
  std::vector<Open> open_;
  int documents_ = 0;
  bool too_deep_ = false;
};

// What would mislead yaml-cpp (it takes 0x04 for the end of the text) or cost it memory without
// bound.
bool check_bytes(const YamlSource& source, std::string_view text) {
  if (text.size() > kTextLimit) {
    source.errors->add(source.name, fmt::format("is larger than {} MiB", kTextLimit >> 20));
    return false;
  }
  YamlPlace place;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f) {
      source.errors->add(where_of(source, place),
                         fmt::format("control character 0x{:02x} in the text", byte));
      return false;
    }
    if (static_cast<std::size_t>(place.column) > kLineLimit) {
      source.errors->add(where_of(source, place),
                         fmt::format("a line longer than {} KiB", kLineLimit >> 10));
      return false;
    }
    place = c == '\n' ? YamlPlace{place.line + 1, 1} : YamlPlace{place.line, place.column + 1};
  }
  return true;
}

NodePtr empty_map(const std::shared_ptr<const YamlSource>& source) {
  auto node = std::make_shared<YamlNode>();
  node->source = source;
  node->kind = YamlNode::Kind::Map;
  return node;
}

}  // namespace

NodePtr YamlNode::find(std::string_view key) const {
  const auto found = entries.find(key);
  return found == entries.end() ? nullptr : found->second.value;
}

std::string where_of(const YamlSource& source, YamlPlace place) {
  return fmt::format("{}:{}:{}", source.name, place.line, place.column);
}

NodePtr parse_yaml_tree(const std::shared_ptr<const YamlSource>& source, std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (!check_bytes(*source, text)) return nullptr;
  TreeBuilder builder(source, text);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    // A second document is looked for only to refuse it.
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& e) {
    if (!builder.too_deep())
      source->errors->add(where_of(*source, place_of(e.mark)), "is not YAML: " + e.msg);
    return nullptr;
  }
  if (builder.too_deep()) return nullptr;
  const NodePtr& root = builder.root();
  if (!root || root->kind == YamlNode::Kind::Null) return empty_map(source);
  return root;
}

}  // namespace fieldmedic
