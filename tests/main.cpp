// g++ 12 with sanitizers sees an uninitialized std::function inside its own <regex>, which Catch's
// main uses.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#define CATCH_CONFIG_MAIN
#include "tests/catch.hpp"
