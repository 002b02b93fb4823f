// Whom a URL names, as the HTTP client reads it.
#pragma once

#include <string>
#include <string_view>

namespace fieldmedic {

// The host of an http or https URL in lower case, decoded and without brackets; an IPv4 address in
// any notation as four numbers ("127.1" is 127.0.0.1). Empty when it is no URL. Pure.
[[nodiscard]] std::string host_of_url(const std::string& url);

// Whether a host as host_of_url() answers it means the machine that asks: a loopback or unspecified
// address, also one of IPv4 within IPv6, localhost, or `own_name`, which is that machine's name
// with or without its domain. Pure: other names are not looked up.
[[nodiscard]] bool names_this_machine(std::string_view host, std::string_view own_name);

// The name of this machine; empty when it cannot be told.
[[nodiscard]] std::string own_host_name();

}  // namespace fieldmedic
