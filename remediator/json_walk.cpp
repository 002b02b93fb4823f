#include "remediator/json_walk.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fieldmedic {

namespace {

constexpr std::size_t kShownBytes = 64;
constexpr std::size_t kPathBytes = 128;

// A key from outside as printable ASCII.
std::string shown(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kShownBytes)) {
    if (c >= ' ' && c <= '~' && c != '\\')
      line += c;
    else
      line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  if (text.size() > kShownBytes) line += "...";
  return line;
}

}  // namespace

// What nlohmann's parser calls; false ends it.
class JsonWalk final : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonWalk(std::size_t deepest, JsonListener& listener) : deepest_(deepest), listener_(listener) {}

  bool null() override { return scalar({JsonType::Null, {}, {}}); }
  bool boolean(bool) override { return scalar({JsonType::Boolean, {}, {}}); }
  bool number_integer(number_integer_t) override { return scalar({JsonType::Number, {}, {}}); }
  bool number_unsigned(number_unsigned_t value) override {
    return scalar({JsonType::Number, {}, value});
  }
  bool number_float(number_float_t, const string_t&) override {
    return scalar({JsonType::Number, {}, {}});
  }
  bool string(string_t& value) override { return scalar({JsonType::Text, value, {}}); }
  bool binary(binary_t&) override { return false; }  // not in JSON text
  bool key(string_t& name) override {
    path_.levels_.back().key = name;
    return true;
  }
  bool start_object(std::size_t) override { return open(JsonType::Object); }
  bool start_array(std::size_t) override { return open(JsonType::Array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    // The exception's own text quotes the body.
    status_ = fail(Errc::Malformed, fmt::format("not JSON at byte {}", position));
    return false;
  }

  [[nodiscard]] Status status() const { return status_; }

 private:
  void enter() {
    if (path_.depth() > 0) ++path_.levels_.back().entries;
  }
  bool scalar(const JsonScalar& value) {
    enter();
    status_ = listener_.scalar(path_, value);
    return status_.has_value();
  }
  bool open(JsonType type) {
    enter();
    if (path_.depth() == deepest_)
      status_ = fail(Errc::Malformed,
                     fmt::format("{}: nested more than {} levels deep", path_.text(), deepest_));
    else
      status_ = listener_.opened(path_, type);
    path_.levels_.push_back({type, 0, {}});
    return status_.has_value();
  }
  bool close() {
    path_.levels_.pop_back();
    status_ = listener_.closed(path_);
    return status_.has_value();
  }

  std::size_t deepest_;
  JsonListener& listener_;
  JsonPath path_;
  Status status_;
};

std::string_view to_string(JsonType type) {
  switch (type) {
    case JsonType::Null: return "null";
    case JsonType::Boolean: return "a boolean";
    case JsonType::Number: return "a number";
    case JsonType::Text: return "a string";
    case JsonType::Object: return "an object";
    case JsonType::Array: return "a list";
  }
  return "invalid";
}

std::string JsonPath::text() const {
  std::string text;
  for (const auto& level : levels_) {
    if (level.type == JsonType::Array) {
      text += fmt::format("[{}]", level.entries - 1);
    } else {
      if (!text.empty()) text += '.';
      text += shown(level.key);
    }
  }
  if (text.size() > kPathBytes) text.replace(kPathBytes, std::string::npos, "...");
  return text.empty() ? "the message" : text;
}

Status walk_json(std::string_view text, std::size_t deepest, JsonListener& listener) {
  // The parser takes a NUL for the end of the text, whatever follows.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    return fail(Errc::Malformed, fmt::format("not JSON at byte {}", nul + 1));
  JsonWalk walk(deepest, listener);
  const bool walked = nlohmann::json::sax_parse(text.begin(), text.end(), &walk);
  if (!walked && walk.status()) return fail(Errc::Malformed, "not JSON");
  return walk.status();
}

}  // namespace fieldmedic
