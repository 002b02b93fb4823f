// etcd's v3 JSON gateway (3.4 or later), asked at one of its members after the other.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "common/http_client.hpp"
#include "common/result.hpp"

namespace fieldmedic {

struct EtcdAccess {
  std::vector<std::string> urls;  // of its members, without a path of their own
  std::string ca_file;            // of https
  std::string cert_file;          // of a client certificate, with key_file
  std::string key_file;
  std::string user{};           // of etcd, by a password; empty: nobody logs in
  std::string password_file{};  // read at each question
};

// POSTs a JSON body to the members in turn, until one answers with 200 and the header that every
// answer of etcd has. A user logs in at each of them first, in half of the time. Errc::Denied,
// Invalid, NotFound: one of them said no. Unavailable: none of them was reached. Timeout: one of
// them may have got it and did not say what became of it, so that a change may have been made.
// Cancelled. Thread-safe. Errors say what to do about a refusal and hold nothing that a member
// sent.
[[nodiscard]] Result<std::string> ask_etcd(HttpClient& http, const EtcdAccess& access,
                                           const std::string& path, const std::string& body,
                                           std::chrono::milliseconds timeout,
                                           const std::stop_token& stop);

}  // namespace fieldmedic
