// SPDX-License-Identifier: MIT
// A whole ElectrumProbe. The first byte chooses how the conversation is held and how it ends, eight
// more the pieces and the times in which the rest arrives.
//
// Every path ends in an outcome, and every outcome leaves a sound record.
#include <array>

#include "core/base/limits.h"
#include "core/probe/electrum_probe.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sha256.h"

namespace observatory::fuzz {
namespace {

constexpr std::array<std::size_t, 8> kPieces = {1, 2, 3, 7, 32, 200, 1024, 65536};
constexpr std::array<Micros, 8> kSteps = {0,       1,           kMillisecond, 50 * kMillisecond,
                                          kSecond, 2 * kSecond, 5 * kSecond,  20 * kSecond};

// What one event is made of: three bits of piece, three of time, two of something else.
struct Event {
  explicit Event(std::uint8_t byte)
      : piece(kPieces[byte & 7]), step(kSteps[byte >> 3 & 7]), other(byte >> 6) {}

  std::size_t piece;
  Micros step;
  int other;  // 1: the clock is looked at; 2: one byte was sent; 3: everything was sent
};

void end(ElectrumProbe& probe, Instant now, unsigned how) {
  switch (how) {
    case 0:
      probe.peer_closed(now, NetError::kClosed);
      break;
    case 1:
      probe.peer_closed(now, NetError::kReset);
      break;
    case 2:
      probe.give_up();
      break;
    default:
      // The second write may still go out, and a ping; then there is nothing left to wait for.
      for (int i = 0; i < 5 && !probe.done(); ++i) probe.expire(probe.deadline());
  }
  require(probe.done(), "every path ends in an outcome");
  require(probe.to_send().empty(), "who is done has nothing to say");
  require(probe.deadline() == Instant::never(), "who is done waits for nothing");
}

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  fuzz::Input input(data, size);
  const unsigned how = input.byte();
  std::array<std::uint8_t, 8> events;
  for (std::uint8_t& event : events) event = input.byte();

  std::vector<std::uint8_t> line((how & 4) != 0 ? 512 : 8192);
  fuzz::OwnedRecord owned((how & 8) != 0 ? 256 : limits::kRecordPool);
  fuzz::begin_observation(owned.record);
  test::Sha256Digest digest;
  ElectrumProbe probe(line, owned.record, digest);
  VersionForm form = (how & 16) != 0 ? VersionForm::kString : VersionForm::kList;

  Instant now{1};
  std::size_t turn = 0;
  for (unsigned connection = 0; connection < limits::kConnections; ++connection) {
    probe.start(now, "fuzz", form, 5 * kSecond);
    while (!probe.done() && !input.empty()) {
      const fuzz::Event event(events[turn++ % events.size()]);
      now = now + event.step;
      if (event.other == 1) probe.expire(now);
      if (event.other >= 2) {
        const std::size_t waiting = probe.to_send().size();
        probe.sent(event.other == 2 ? std::min<std::size_t>(waiting, 1) : waiting);
      }
      const ByteView arrived = input.take(event.piece);
      const std::vector<std::uint8_t> exact(arrived.begin(), arrived.end());
      probe.receive(now, exact);
    }
    fuzz::end(probe, now, how & 3);
    if (!probe.wants_string_form()) break;
    fuzz::require(form == VersionForm::kList, "the other form is asked for once");
    form = VersionForm::kString;
  }
  owned.record.set(FieldId::kOutcome, static_cast<std::uint64_t>(probe.outcome()));
  fuzz::require_sound(owned.record);
  return 0;
}
