#include "common/tls_client_names.hpp"

#include <arpa/inet.h>

#include <memory>

#include <openssl/x509v3.h>

namespace fieldmedic {
namespace {

struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::string text_of(const ASN1_STRING* value) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
          static_cast<std::size_t>(ASN1_STRING_length(value))};
}

std::string number_of(const ASN1_STRING* value) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = ASN1_STRING_length(value) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(value) != 16) return {};
  inet_ntop(family, ASN1_STRING_get0_data(value), text, sizeof text);
  return text;
}

}  // namespace

std::vector<std::string> alternative_names(const X509& certificate) {
  const std::unique_ptr<GENERAL_NAMES, FreeNames> list(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(list.get(), i);
    if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI) {
      names.push_back(text_of(name->d.ia5));
    } else if (name->type == GEN_IPADD) {
      names.push_back(number_of(name->d.iPAddress));
    }
  }
  return names;
}

}  // namespace fieldmedic
