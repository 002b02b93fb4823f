// http {url: U, method: POST, headers: {N: V}, header_files: {N: F}, bearer_file: F |
//       username: U, password_file: F, ca_file: F, content_type: T, body: B,
//       expect: {status: 202, json_pointer: P, equals: V},
//       confirm: {url: U, status: 200, json_pointer: P, equals: V, failed: [V]} |
//       at_most_once: true}:
// one request to whoever can do what we cannot, with the attempt in its Idempotency-Key.
//
// Without `confirm` nothing but its own answer tells what it did: it is at most once (S2), and the
// configuration must say so. Secrets are read from their files with each request; neither they nor
// the body are journaled with the step.
//
// seen:   {}
// wanted: {"method": "POST", "url": "http://…/orders", "values": {"target.name": "orders"}}
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_http(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_http(const std::string& arguments,
                                                        const ActionTools& tools);

}  // namespace fieldmedic
