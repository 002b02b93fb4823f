// data_divert {etcd: {urls: […], key: /collect/orders}, to: spare, replay: […]}, or with zookeeper:
// {servers: […], node: /collect/orders}: sets a key that collectors watch, for a time. Internal to
// actions/.
//
// What was there is kept in a record beside the key and comes back by the undo, while the key is
// still as we set it (S14). The step: key_step.hpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"
#include "remediator/reach/etcd.hpp"
#include "remediator/reach/zookeeper.hpp"

namespace fieldmedic {

struct KeyDivertArguments {
  EtcdAccess etcd;  // without URLs: ZooKeeper is asked
  ZookeeperAccess zookeeper;
  std::string key;     // a template
  std::string record;  // a template; empty: the key's name with ".fieldmedic" behind it
  std::string to;
  std::vector<std::string> backlog;  // says what stays behind; empty: nobody does
  std::vector<std::string> replay;   // run after the undo; empty: nothing is
};

// Recording every error.
[[nodiscard]] KeyDivertArguments read_key_divert(const YamlMap& arguments);
[[nodiscard]] std::string key_divert_json(const KeyDivertArguments& arguments);
// Errc::Invalid when the JSON does not fit.
[[nodiscard]] Result<std::unique_ptr<Action>> make_key_divert(const std::string& json,
                                                              const ActionTools& tools);

}  // namespace fieldmedic
