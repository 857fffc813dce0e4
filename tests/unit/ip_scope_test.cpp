// SPDX-License-Identifier: MIT
#include "core/base/ip_scope.h"

#include <string>

#include "core/base/ip_text.h"
#include "tests/catch2.h"
#include "tests/unit/vectors.h"

using namespace observatory;

namespace {

bool global(std::string_view text) {
  INFO(text);
  IpAddress ip;
  REQUIRE(read_ip(text, ip));
  return is_global(ip);
}

}  // namespace

TEST_CASE("addresses are global or not as another implementation of the registries says") {
  std::size_t count = 0;
  for (const vectors::Entry& entry : vectors::read("ip_scope/addresses.txt")) {
    REQUIRE((entry.key == "global" || entry.key == "local"));
    INFO(entry.bytes);
    CHECK(global(entry.bytes) == (entry.key == "global"));
    ++count;
  }
  CHECK(count == 3300);
}

TEST_CASE("what is nobody's address in the world is not global") {
  for (const std::string_view local :
       {"0.0.0.0", "0.255.255.255", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.9",
        "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
        "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        // Unspecified, loopback, and IPv4 in IPv6 of old.
        "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        // NAT64, 6to4, Teredo, ISATAP around an address that is not global.
        "64:ff9b::192.168.1.1", "64:ff9b::7f00:1", "64:ff9b:1::8.8.8.8", "2002:c0a8:101::1",
        "2002:7f00:1::", "2001::1", "2001:0:808:808::1", "2606:4700::5efe:10.0.0.1",
        "2606:4700::200:5efe:192.168.1.1",
        // Discard, ORCHID, documentation, SRv6, unique local, link-local, site-local, multicast.
        "100::1", "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1", "3fff:fff::1", "5f00::1",
        "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "ff0e::1", "4000::1"}) {
    CHECK_FALSE(global(local));
  }
}

TEST_CASE("what is an address in the world is global") {
  for (const std::string_view world : {"1.1.1.1",
                                       "8.8.8.8",
                                       "9.255.255.255",
                                       "11.0.0.0",
                                       "100.63.255.255",
                                       "100.128.0.0",
                                       "126.255.255.255",
                                       "128.0.0.0",
                                       "169.253.255.255",
                                       "172.15.255.255",
                                       "172.32.0.0",
                                       "192.0.1.0",
                                       "192.0.3.0",
                                       "192.31.196.1",
                                       "192.52.193.1",
                                       "192.175.48.1",
                                       "192.169.0.0",
                                       "198.17.255.255",
                                       "198.20.0.0",
                                       "223.255.255.255",
                                       "2000::1",
                                       "2001:200::1",
                                       "2001:4860:4860::8888",
                                       "2606:4700::1111",
                                       "2a00::1",
                                       "3ffe::1",
                                       "3fff:1000::1",
                                       "64:ff9b::8.8.8.8",
                                       "2002:808:808::1",
                                       "2606:4700::5efe:8.8.8.8"}) {
    CHECK(global(world));
  }
}
