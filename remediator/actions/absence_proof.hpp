// What proves that the sick one is out before another takes its place. Internal to actions/.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"
#include "remediator/actions/held_node.hpp"
#include "remediator/reach/etcd.hpp"

namespace fieldmedic {

// A program whose exit code tells, a key in etcd that the sick one holds by a lease, or a node in
// ZooKeeper that it holds by its session. Texts are templates until they are filled.
struct AbsenceProof {
  std::vector<std::string> argv;  // exit code 0: it is out; 1: it is not; any other: not known
  std::string on;                 // the host where it runs; empty: where the remediator runs
  EtcdAccess etcd;                // with URLs: it is asked for the key
  std::string key;
  HeldNode zookeeper;  // with servers: it is asked for the node
};

// {exec: {argv, on}}, {etcd: {urls, key, ca_file, cert_file, key_file, user,
// password_file}} or {zookeeper: {servers, node, holder, user, password_file}}, recording every
// error.
[[nodiscard]] AbsenceProof read_absence_proof(const YamlMap& map);

// JSON without secrets, and back. Errc::Invalid when it does not fit.
[[nodiscard]] std::string to_json(const AbsenceProof& proof);
[[nodiscard]] Result<AbsenceProof> parse_absence_proof(const std::string& json);

// The proof with its placeholders filled. Errc::Invalid names a value that cannot be one.
[[nodiscard]] Result<AbsenceProof> filled(const AbsenceProof& proof, const PlanRequest& request);

// Asks once, of a proof that is filled. Changes nothing. A key that is held tells NotYet; one that
// is gone tells Proved only by a quorum of etcd or ZooKeeper, whose reads are linearizable.
[[nodiscard]] AbsenceAnswer ask_absence(const AbsenceProof& proof, const ActionTools& tools,
                                        std::chrono::milliseconds timeout, std::stop_token stop);

}  // namespace fieldmedic
