#include "common/tls_renewal.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/log.hpp"

namespace fieldmedic {

TlsRenewal::TlsRenewal(std::shared_ptr<const TlsServerContext> first)
    : context_(std::move(first)), seen_(context_->read_state()) {}

std::shared_ptr<const TlsServerContext> TlsRenewal::current() {
  const std::lock_guard lock(mutex_);
  std::string state = state_of_files(context_->config());
  if (state == seen_) return context_;
  seen_ = std::move(state);  // taken before the reading: what changes meanwhile is seen next time
  std::vector<TlsFault> faults;
  if (auto renewed = TlsServerContext::make(context_->config(), faults)) {
    context_ = std::move(renewed);
    log::info(fmt::format("http server: serves the changed {}", context_->config().cert_file));
  }
  for (const TlsFault& fault : faults) {
    log::warn(fmt::format("http server: the old certificates stay: {} {}", fault.key, fault.what));
  }
  return context_;
}

}  // namespace fieldmedic
