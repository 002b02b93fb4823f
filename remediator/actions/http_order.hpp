// What the arguments of the action http order, as read and as journaled. Internal to actions/.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/yaml_reader.hpp"

namespace fieldmedic {

// What an answer must be.
struct HttpWanted {
  int status = 0;            // 0: any 2xx
  std::string json_pointer;  // RFC 6901; empty with `equals` empty: the body does not matter
  std::string equals;
};

// A GET that tells whether it was done.
struct HttpConfirm {
  std::string url;  // a template, also over `attempt`
  HttpWanted wanted;
  std::vector<std::string> failed;  // values at json_pointer that say: over, and not done
};

// Everything but secrets, of which it holds the files' paths: it is journaled.
struct HttpOrder {
  std::string method = "POST";
  std::string url;  // a template behind the authority
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> header_files;  // whose values are secrets
  std::string username;
  std::string password_file;
  std::string bearer_file;
  std::string ca_file;
  std::string content_type;
  std::string body;  // a template, also over `attempt`
  HttpWanted wanted;
  std::optional<HttpConfirm> confirm;  // none: at most once
};

// Records every error at its key.
[[nodiscard]] HttpOrder read_http_order(const YamlMap& arguments);

// Canonical JSON, and back. Errc::Invalid when it does not fit, or holds what reading refuses.
[[nodiscard]] std::string http_order_json(const HttpOrder& order);
[[nodiscard]] Result<HttpOrder> parse_http_order(const std::string& json);

}  // namespace fieldmedic
