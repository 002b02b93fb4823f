// A host's power through the Redfish service of its management controller.
#pragma once

#include <memory>
#include <string>

#include "common/http_client.hpp"
#include "remediator/reach/power.hpp"

namespace fieldmedic {

struct RedfishAccess {
  std::string url;     // without a path
  std::string system;  // its Id
  std::string username;
  std::string password_file;  // read with each request
  std::string ca_file;        // empty: the system's
};

// Basic authentication over TLS. A redirect is not followed, nor is a link that leads off the
// service, so the password goes nowhere else. `http` must outlive it.
[[nodiscard]] std::unique_ptr<HostPower> make_redfish_power(RedfishAccess access, HttpClient& http);

}  // namespace fieldmedic
