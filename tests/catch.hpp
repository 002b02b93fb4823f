// The one include of the test framework, so that moving to Catch2 3 is a change of one file.
#pragma once

#include <catch2/catch.hpp>
