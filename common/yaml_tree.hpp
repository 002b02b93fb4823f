// The parsed shape of a YAML text, underneath common/yaml_reader.hpp; nobody else includes it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fieldmedic {

class ConfigErrors;

// Which text, and where its errors go.
struct YamlSource {
  std::string name;
  ConfigErrors* errors = nullptr;  // not owned; outlives every map read from the text
};

struct YamlPlace {
  int line = 1;  // 1-based, as the column; both count bytes
  int column = 1;
};

struct YamlNode {
  enum class Kind {
    Null,
    Scalar,
    List,
    Map,
    Refused,  // an error is recorded already: whoever reads it answers the default in silence
  };
  struct Entry {
    YamlPlace key_place;
    std::shared_ptr<YamlNode> value;
  };

  std::shared_ptr<const YamlSource> source;
  YamlPlace place;
  Kind kind = Kind::Null;
  std::string scalar;
  std::vector<std::shared_ptr<YamlNode>> items;
  std::map<std::string, Entry, std::less<>> entries;
  std::vector<std::string> order;            // keys of `entries` as the file has them
  std::set<std::string, std::less<>> asked;  // keys that a reader asked for, absent ones too

  // The value of a key; null when there is no such key.
  [[nodiscard]] std::shared_ptr<YamlNode> find(std::string_view key) const;
};

// "remediator.yml:4:15"
[[nodiscard]] std::string where_of(const YamlSource& source, YamlPlace place);

// Null when the text is not YAML or breaks a bound. Other faults leave the rest readable, with a
// Refused node in their place. All of them are recorded in source->errors. A text without content
// is an empty mapping.
[[nodiscard]] std::shared_ptr<YamlNode> parse_yaml_tree(
    const std::shared_ptr<const YamlSource>& source, std::string_view text);

}  // namespace fieldmedic
