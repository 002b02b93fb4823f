#include "common/tls_trouble.hpp"

#include <openssl/x509_vfy.h>

#include "tests/catch.hpp"

namespace fieldmedic {

TEST_CASE("why TLS was not agreed on is told with what to do") {
  const TlsClientConfig nobody;
  const TlsClientConfig someone{.cert_file = "c.pem", .key_file = "k.pem"};
  const auto not_believed = [](long verified) {
    return TlsTrouble{.server = TlsTrouble::Server::NotBelieved, .verified = verified};
  };
  struct Row {
    TlsTrouble trouble;
    TlsClientConfig ours;
    std::string_view wanted;
  };
  const Row rows[] = {
      {not_believed(X509_V_ERR_CERT_HAS_EXPIRED), nobody, "has expired: renew it over there"},
      {not_believed(X509_V_ERR_CERT_NOT_YET_VALID), nobody, "compare the clocks"},
      {not_believed(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY), nobody, "by ca_file"},
      {not_believed(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT), nobody, "by ca_file"},
      {not_believed(X509_V_OK), nobody, "names another host"},
      {not_believed(X509_V_ERR_UNSPECIFIED), nobody, "names another host"},
      {not_believed(X509_V_ERR_CERT_REVOKED), nobody, "not believed: certificate revoked"},
      {{.said = "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required"},
       nobody,
       "wants a certificate of us"},
      // What a server in Go says to a client without one.
      {{.said = "error:0A000412:SSL routines::sslv3 alert bad certificate"}, nobody, "cert_file"},
      {{.said = "error:0A000412:SSL routines::sslv3 alert bad certificate"},
       someone,
       "does not believe our certificate"},
      {{.said = "error:0A000418:SSL routines::tlsv1 alert unknown ca"},
       someone,
       "does not believe our certificate"},
      {{.said = "error:0A000415:SSL routines::sslv3 alert certificate expired"},
       someone,
       "our certificate has expired"},
      {{.said = "error:0A00010B:SSL routines::wrong version number"}, nobody, "speaks no TLS"},
  };
  for (const Row& row : rows) {
    const std::string told = explain_tls(row.trouble, row.ours);
    INFO(told);
    CHECK(told.find(row.wanted) != std::string::npos);
  }
}

TEST_CASE("what is no refusal by TLS is not told as one") {
  for (const char* said : {"", "Recv failure: Connection reset by peer",
                           "error:0A000438:SSL routines::tlsv1 alert internal error"})
    CHECK(explain_tls({.said = said}, {}).empty());
}

}  // namespace fieldmedic
