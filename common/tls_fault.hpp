// What is wrong with a TLS configuration.
#pragma once

#include <string>

namespace fieldmedic {

struct TlsFault {
  std::string key;   // of the configuration; empty: none of them in particular
  std::string what;  // names files, never their content
};

}  // namespace fieldmedic
