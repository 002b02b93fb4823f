// Certificates that are renewed on disk are served without a reload, as exporter-toolkit does it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "common/tls_server.hpp"

namespace fieldmedic {

// Thread-safe.
class TlsRenewal {
 public:
  // Not null.
  explicit TlsRenewal(std::shared_ptr<const TlsServerContext> first);

  // For one new connection: costs a stat(2) of each file. When one of them has changed, all are
  // read again; as long as they cannot serve (certificate and key are replaced one after the
  // other), the old ones go on, and the log says so once for each state of the files.
  [[nodiscard]] std::shared_ptr<const TlsServerContext> current();

 private:
  std::mutex mutex_;
  std::shared_ptr<const TlsServerContext> context_;  // guarded; never null
  std::string seen_;                                 // guarded; the files' state when last read
};

}  // namespace fieldmedic
