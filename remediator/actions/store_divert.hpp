// data_divert {link: /var/spool/orders, from: /data/orders, to: /mnt/spare/orders, signal: HUP,
// replay: [/usr/local/bin/replay]}: points the link through which a collector writes from its store
// to a spare one, and signals the collector until none of its processes holds a file of the old
// store open. A temporary change (S14) that nobody ends while the remediator is away.
//
// Its undo points the link back, signals again and runs `replay`, which moves what was written to
// the spare store to its own (FIELDMEDIC_SPARE, FIELDMEDIC_STORE name them) and has to leave no
// file behind. The steps: store_steps.hpp. Internal to actions/.
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_store_divert(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_store_divert(const std::string& arguments,
                                                                const ActionTools& tools);

}  // namespace fieldmedic
