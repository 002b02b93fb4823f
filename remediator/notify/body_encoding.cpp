#include "remediator/notify/body_encoding.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fieldmedic {
namespace {

std::string in_json_string(std::string_view value) {
  const std::string quoted =
      nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

// RFC 3986: only the unreserved characters stay.
std::string percent_encoded(std::string_view value) {
  std::string text;
  for (const char c : value) {
    const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                            (c >= '0' && c <= '9') ||
                            std::string_view("-_.~").find(c) != std::string_view::npos;
    if (unreserved)
      text += c;
    else
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

}  // namespace

std::optional<BodyEncoding> encoding_of(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  std::ranges::transform(type, type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  if (type == "application/json" || (type.starts_with("application/") && type.ends_with("+json")))
    return BodyEncoding::Json;
  if (type == "application/x-www-form-urlencoded") return BodyEncoding::Form;
  if (type == "text/plain") return BodyEncoding::Plain;
  return std::nullopt;
}

std::string encode_value(std::string_view value, BodyEncoding encoding) {
  switch (encoding) {
    case BodyEncoding::Json: return in_json_string(value);
    case BodyEncoding::Form: return percent_encoded(value);
    case BodyEncoding::Plain: return std::string(value);
  }
  return {};
}

}  // namespace fieldmedic
