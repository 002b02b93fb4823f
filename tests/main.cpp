// g++ 12 with sanitizers sees an uninitialized std::function inside its own <regex>, which Catch's
// main uses.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <openssl/crypto.h>

#define CATCH_CONFIG_RUNNER
#include "tests/catch.hpp"

// A probe that hangs may outlive its test (exporter/collector/rounds.hpp): OpenSSL must not be
// cleaned up under its feet. The programs end with std::_Exit for the same reason.
int main(int argc, char** argv) {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
  return Catch::Session().run(argc, argv);
}
