// What proves that the sick one is out before another takes its place. Internal to actions/.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

// A program whose exit code tells, or a key in etcd that the sick one holds by a lease. Texts are
// templates until they are filled.
struct AbsenceProof {
  std::vector<std::string> argv;  // exit code 0: it is out; 1: it is not; any other: not known
  std::string on;                 // the host where it runs; empty: where the remediator runs
  std::vector<std::string> etcd;  // URLs of its members, asked in turn; empty: argv is asked
  std::string key;
  std::string ca_file;    // of https
  std::string cert_file;  // of a client certificate, with key_file
  std::string key_file;
};

enum class Absence { Proved, NotYet, Unknown };

struct AbsenceAnswer {
  Absence absence = Absence::Unknown;
  std::string evidence;
};

// {exec: {argv, on}} or {etcd: {urls, key, ca_file, cert_file, key_file}}, recording every error.
[[nodiscard]] AbsenceProof read_absence_proof(const YamlMap& map);

// JSON without secrets, and back. Errc::Invalid when it does not fit.
[[nodiscard]] std::string to_json(const AbsenceProof& proof);
[[nodiscard]] Result<AbsenceProof> parse_absence_proof(const std::string& json);

// The proof with its placeholders filled. Errc::Invalid names a value that cannot be one.
[[nodiscard]] Result<AbsenceProof> filled(const AbsenceProof& proof, const PlanRequest& request);

// Asks once, of a proof that is filled. Changes nothing. A key that is held tells NotYet; none that
// is gone tells Proved only by a quorum of etcd, whose reads are linearizable.
[[nodiscard]] AbsenceAnswer ask_absence(const AbsenceProof& proof, const ActionTools& tools,
                                        std::chrono::milliseconds timeout, std::stop_token stop);

}  // namespace fieldmedic
