// SPDX-License-Identifier: MIT
// One case, both worlds, directly and through a proxy: CONFORMANCE_CASE("sentence") { TestType
// fixture; ... }
#pragma once

#include "tests/catch2.h"
#include "tests/conformance/posix_fixture.h"
#include "tests/conformance/proxy_fixtures.h"
#include "tests/conformance/sim_fixture.h"

#define CONFORMANCE_CASE(sentence)                                                         \
  TEMPLATE_TEST_CASE(sentence, "[conformance]", SimFixture, PosixFixture, SimProxyFixture, \
                     PosixProxyFixture)
