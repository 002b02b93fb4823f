#include "exporter/collector/impstats_line.hpp"

#include <cmath>

#include <nlohmann/json.hpp>
#include <time.h>

namespace fieldmedic {
namespace {

// Takes the members of the outermost object; what is nested is skipped without recursion.
class Reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Reader(ImpstatsLine& line) : line_(line) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool number_integer(number_integer_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t&) override { return number(value); }
  bool string(string_t& value) override {
    if (depth_ != 1) return true;
    if (key_ == "name") line_.name = value;
    if (key_ == "origin") line_.origin = value;
    return true;
  }
  bool key(string_t& value) override {
    if (depth_ == 1) key_ = value;
    return true;
  }
  bool start_object(std::size_t) override { return ++depth_ < kDeepest; }
  bool end_object() override { return --depth_, true; }
  bool start_array(std::size_t) override { return ++depth_ < kDeepest; }
  bool end_array() override { return --depth_, true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  static constexpr int kDeepest = 32;

  bool number(double value) {
    if (depth_ != 1 || !std::isfinite(value) || value < 0) return true;
    if (key_ == "processed") line_.processed = value;
    if (key_ == "failed") line_.failed = value;
    if (key_ == "size") line_.size = value;
    if (key_ == "discarded.full" || key_ == "discarded.nf") {
      line_.discarded = line_.discarded.value_or(0) + value;
    }
    return true;
  }

  ImpstatsLine& line_;
  std::string key_;
  int depth_ = 0;
};

// "Mon Nov 23 08:05:58 2026: ", as ctime(3) writes it.
std::optional<std::int64_t> parse_prefix(std::string_view text) {
  tm time{};
  const std::string copy(text.substr(0, 26));
  const char* const end = strptime(copy.c_str(), "%a %b %d %H:%M:%S %Y", &time);
  if (end == nullptr || *end != ':') return std::nullopt;
  return timegm(&time);
}

}  // namespace

std::optional<ImpstatsLine> parse_impstats_line(std::string_view line) {
  const auto brace = line.find('{');
  if (brace == line.npos) return std::nullopt;
  const auto object = line.substr(brace);
  // Most lines of a report are about other things.
  if (object.find("\"core.action\"") == object.npos &&
      object.find("\"core.queue\"") == object.npos) {
    return std::nullopt;
  }
  ImpstatsLine parsed;
  Reader reader(parsed);
  if (!nlohmann::json::sax_parse(object.begin(), object.end(), &reader)) return std::nullopt;
  if (parsed.origin != "core.action" && parsed.origin != "core.queue") return std::nullopt;
  parsed.local_seconds = parse_prefix(line.substr(0, brace));
  return parsed;
}

}  // namespace fieldmedic
