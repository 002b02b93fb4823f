// exec {argv: [/usr/local/bin/fix, "{{ target.name }}"], at_most_once: true, environment: ["A=b"]}:
// runs a program of the operator's, without a shell. What it does cannot be confirmed by looking,
// so it is at most once (S2), and the configuration must say so.
//
// A placeholder fills (a part of) one argument, never the program; a label's value is checked by
// validate_label_value first. `environment` holds no secrets: it is journaled with the playbook.
//
// On a host over SSH the attempt leaves a record there, so that a lost answer can be looked up; it
// runs in the log-in's home.
//
// seen:   {}, or over SSH {"boot_id": "0d5d…"}, of the host
// wanted: {"argv": ["/usr/local/bin/fix", "orders"]}
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_exec(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_exec(const std::string& arguments,
                                                        const ActionTools& tools);

}  // namespace fieldmedic
