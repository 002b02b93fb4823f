// config_rollback {file: /etc/orders/orders.conf, good: /var/lib/baseline/orders.conf,
// signal: HUP}: puts the last known good version of a collector's configuration in its place,
// keeps the one that was there as NAME.replaced-DIGEST beside it, and signals the collector.
// Without `signal` nothing is reloaded: a later tier restarts it.
//
// It is no remedy where the file is the good version already, nor where the good version is one
// that was itself replaced as sick.
//
// replace  seen {"sha256": "…"}   empty: there was no file
//          wanted {"file": "…", "good": "…", "keep": "orders.conf.replaced-0f1e…", "sha256": "…"}
// signal   seen {"processes": […]}   wanted {"signal": 1}; cannot be confirmed: at most once
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_config_rollback(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_config_rollback(const std::string& arguments,
                                                                   const ActionTools& tools);

}  // namespace fieldmedic
