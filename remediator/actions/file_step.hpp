// A step that puts another version in the place of a file, on the host of the target: here, or over
// SSH (far_file_step.hpp). Internal to actions/.
//
// seen    {"sha256": "9f86…"}; "": there is no file; over SSH with the host's "boot_id"
// wanted  {"file": "/etc/orders.conf", "good": "/etc/orders.good", "keep": "orders.conf.was-9f86…",
//          "sha256": "2c26…", "check": ["/usr/sbin/nginx", "-t"],
//          "begun": true}
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "remediator/actions/action.hpp"

namespace fieldmedic {

struct FileStep {
  std::string file;
  std::string good;                     // the file whose content comes there
  std::string keep;                     // the name beside it under which stays what was there
  std::string sha256;                   // of what comes there
  std::string seen;                     // of what is there; empty: nothing is
  std::vector<std::string> check = {};  // exits with 0 while what came there is right; empty: none
  bool begun = false;                   // an attempt before this one may have made the change
};

[[nodiscard]] core::Step write_file_step(std::string name, const FileStep& step);
[[nodiscard]] bool is_file_step(const core::Step& step);
// Errc::Invalid: it is none.
[[nodiscard]] Result<FileStep> read_file_step(const core::Step& step);

// The digest of what is there on the target's host. Errors as read_version() and far_digest() have
// them; NotFound: nothing is.
[[nodiscard]] Result<std::string> version_there(const ActionTools& tools,
                                                const core::Target& target, const std::string& file,
                                                const std::stop_token& stop);
// The same; empty: nothing is there.
[[nodiscard]] Result<std::string> digest_there(const ActionTools& tools, const core::Target& target,
                                               const std::string& file,
                                               const std::stop_token& stop);
// Writes the boot of the target's host into the steps of a plan that do not have it yet, where it
// is one over SSH.
[[nodiscard]] Status planned_there(core::Plan& plan, const ActionTools& tools,
                                   const core::Target& target, const std::stop_token& stop);
// "orders.conf" + ending + the beginning of the digest: FileStep::keep.
[[nodiscard]] std::string kept_name(const std::string& file, std::string_view ending,
                                    const std::string& sha256);
// A file beside another.
[[nodiscard]] std::string beside(const std::string& file, const std::string& name);

// Where `check` fails, what was there is put back at once.
[[nodiscard]] ApplyAnswer apply_file_step(const ApplyRequest& request, const ActionTools& tools,
                                          const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_file_step(const ApplyRequest& request, const ActionTools& tools,
                                              const std::stop_token& stop);

}  // namespace fieldmedic
