#include "common/tls_trouble.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/x509_vfy.h>

namespace fieldmedic {
namespace {

std::string explain_server(long verified) {
  switch (verified) {
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED:  // as curl begins: the chain is well, and then the name is not
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the server's certificate names another host: use a name that it holds, in the URL or "
             "as server_name";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the server's certificate, or its authority's, has expired: renew it over there";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the server's certificate is not valid yet: compare the clocks of both hosts";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "the server's certificate is of an authority that is not believed here: name that one "
             "by ca_file";
    default:
      return fmt::format("the server's certificate is not believed: {}",
                         X509_verify_cert_error_string(verified));
  }
}

// Alerts by which a server refuses who we are, as OpenSSL names them.
constexpr std::array<std::string_view, 6> kRefusals{
    "alert certificate required", "alert bad certificate",     "alert certificate expired",
    "alert certificate unknown",  "alert certificate revoked", "alert unknown ca"};

bool is_said(std::string_view said, std::string_view alert) {
  return said.find(alert) != std::string_view::npos;
}

}  // namespace

std::string explain_tls(const TlsTrouble& trouble, const TlsClientConfig& ours) {
  if (trouble.server == TlsTrouble::Server::NotBelieved) return explain_server(trouble.verified);
  if (is_said(trouble.said, "wrong version number"))
    return "what answers there speaks no TLS: the URL wants http, or another port";
  const auto refused = [&](std::string_view alert) { return is_said(trouble.said, alert); };
  if (std::ranges::none_of(kRefusals, refused)) return {};
  if (ours.cert_file.empty())
    return "the server wants a certificate of us: name one by cert_file and key_file";
  if (refused("alert certificate expired"))
    return "our certificate has expired: renew the one in cert_file";
  return "the server does not believe our certificate: cert_file wants one that has not expired, "
         "of "
         "the authority that the server names for its clients";
}

}  // namespace fieldmedic
