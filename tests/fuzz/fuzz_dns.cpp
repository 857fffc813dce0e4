// SPDX-License-Identifier: MIT
// A lookup, and what name servers and time do to it. The first byte chooses how many servers there
// are; then come events, each a byte (bits 0 and 1: what; bit 2: of which family; the rest: which
// server) with its own bytes behind it:
//   0  time passes: a byte, in tenths of a second
//   1  the server cannot be reached
//   2  a datagram: its length in two bytes, its bytes
//   3  an answer to our question: flags in two bytes, the number of records in one, the length of
//      what follows the question in two, its bytes
//
// Every lookup ends in its time, having sent no more than its bounds allow, and stays as it ended.
#include <array>

#include "core/dns/lookup.h"
#include "core/dns/special_names.h"
#include "tests/fuzz/fuzz.h"

namespace observatory::fuzz {
namespace {

// One name in a form that needs escaping nowhere, so that inputs may point into it.
constexpr std::string_view kName = "www.electrum.test";
constexpr std::array<std::uint16_t, 2> kIds = {0x1111, 0x2222};

class Asked {
 public:
  explicit Asked(std::size_t servers) : servers_(servers) {
    addresses_.clear();
    DnsName name;
    require(read_dns_name(kName, name), "the name of this test is right");
    lookup_.start(name, servers, kIds, now_);
    after_event();
  }

  bool pending() const { return lookup_.state() == LookupState::kPending; }

  // The lookup is called whenever it wants to be.
  void pass(Micros length) {
    const Instant end = now_ + length;
    while (now_ < end) {
      require(lookup_.deadline() > now_, "a lookup does not wait for what is past");
      now_ = std::min(end, lookup_.deadline());
      lookup_.expire(now_);
      after_event();
    }
  }
  void unreachable(std::size_t server) {
    lookup_.unreachable(server % servers_, now_);
    after_event();
  }
  void receive(std::size_t server, ByteView datagram) {
    // A copy of exactly its size, so that the sanitizers see every byte beyond.
    const std::vector<std::uint8_t> exact(datagram.begin(), datagram.end());
    lookup_.receive(server % servers_, exact, now_, addresses_);
    after_event();
  }

  void run_to_the_end() {
    pass(22 * kSecond);
    require(!pending(), "a lookup ends in its time");
    require(lookup_.deadline() == Instant::never(), "an ended lookup waits for nothing");
  }

 private:
  void after_event() {
    std::array<std::uint8_t, kDnsQuery> buffer;
    std::size_t server = 0;
    while (!lookup_.take_query(buffer, server).empty()) {
      require(server < servers_, "only servers that there are get queries");
      require(was_pending_, "an ended lookup asks nobody");
      // Each question to each server once a round, and once more without EDNS.
      require(++sent_ <= 2 * (limits::kNameServers * limits::kDnsRounds + 1),
              "queries have a bound");
    }
    require(was_pending_ || lookup_.state() == ended_, "a lookup ends once");
    was_pending_ = pending();
    ended_ = lookup_.state();
    if (was_pending_) return;
    require((ended_ == LookupState::kFound) == !addresses_.empty(), "what is found has an address");
    std::array<IpAddress, 2 * limits::kAddresses> all;
    const std::size_t count = addresses_.copy(IpAddress::Family::kV6, all);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < i; ++j) require(!(all[i] == all[j]), "each address comes once");
    }
  }

  std::size_t servers_;
  Instant now_{1'000'000};
  DnsLookup lookup_;
  DnsAddressesUpTo<limits::kAddresses> addresses_;
  bool was_pending_ = true;
  LookupState ended_ = LookupState::kPending;
  std::size_t sent_ = 0;
};

std::vector<std::uint8_t> answer(Input& input, std::size_t family) {
  const auto high = [](std::uint16_t number) { return static_cast<std::uint8_t>(number >> 8); };
  const auto low = [](std::uint16_t number) { return static_cast<std::uint8_t>(number & 0xFF); };
  std::vector<std::uint8_t> message = {high(kIds[family]), low(kIds[family])};
  message.push_back(input.byte());
  message.push_back(input.byte());
  message.insert(message.end(), {0, 1, 0});
  message.push_back(input.byte());
  message.insert(message.end(), {0, 0, 0, 0});
  DnsName name;
  require(read_dns_name(kName, name), "the name of this test is right");
  message.insert(message.end(), name.wire().begin(), name.wire().end());
  message.insert(message.end(), {0, static_cast<std::uint8_t>(family == 0 ? 1 : 28), 0, 1});
  const std::size_t length = std::size_t{input.byte()} << 8 | input.byte();
  const ByteView rest = input.take(length);
  message.insert(message.end(), rest.begin(), rest.end());
  return message;
}

// Whatever is read as a name is the same when its labels are put together again.
void try_name(std::string_view text) {
  DnsAddressesUpTo<limits::kAddresses> addresses;
  addresses.clear();
  const LookupState known = known_without_asking(text, addresses);
  require((known == LookupState::kFound) == !addresses.empty(), "what is known has an address");
  DnsName name;
  if (!read_dns_name(text, name)) return;
  std::string again;
  for (std::size_t at = 0; name.bytes[at] != 0; at += 1 + std::size_t{name.bytes[at]}) {
    if (at > 0) again += '.';
    again += as_text(name.wire().subspan(at + 1, name.bytes[at]));
  }
  require(again == text || again + '.' == text, "a name is the same when put together again");
}

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  fuzz::try_name(as_text(ByteView(data, size)));
  fuzz::Input input(data, size);
  fuzz::Asked lookup(1 + input.byte() % limits::kNameServers);
  while (!input.empty()) {
    const unsigned event = input.byte();
    const unsigned server = event >> 3;
    const std::size_t family = event >> 2 & 1;
    switch (event & 3) {
      case 0:
        lookup.pass(input.byte() * 100 * kMillisecond);
        break;
      case 1:
        lookup.unreachable(server);
        break;
      case 2: {
        const std::size_t length = std::size_t{input.byte()} << 8 | input.byte();
        lookup.receive(server, input.take(length));
        break;
      }
      default:
        lookup.receive(server, fuzz::answer(input, family));
    }
  }
  lookup.run_to_the_end();
  return 0;
}
