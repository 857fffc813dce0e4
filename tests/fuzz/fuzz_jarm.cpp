// SPDX-License-Identifier: MIT
// What a TLS server answers to the extra hellos. The input is the answer, after a byte that says
// where it is cut into two pieces.
//
// A reply has four parts of valid text; nothing behind JARM's bound counts; the probes leave a
// sound record.
#include <algorithm>

#include "core/base/limits.h"
#include "core/probe/hello2_probe.h"
#include "core/probe/jarm_probe.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sha256.h"

namespace observatory::fuzz {
namespace {

std::string raw_of(ByteView reply) {
  StringSink sink;
  put_jarm_reply(reply, sink);
  return sink.text;
}

// In blocks of exactly their size.
bool hear(HelloProbe& probe, ByteView bytes) {
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  return !exact.empty() && probe.receive(exact);
}

void ask(HelloProbe& probe, ByteView first, ByteView second) {
  for (unsigned i = 0; !probe.done(); ++i) {
    const ByteView hello = probe.open({});
    require(hello.size() > 100 && hello.size() <= kLongestHello, "a hello fits");
    const bool enough = hear(probe, first) || hear(probe, second);
    probe.close(enough ? NetError::kNone : NetError::kClosed);
  }
}

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  fuzz::Input input(data, size);
  const std::size_t cut = input.byte();
  const ByteView reply = input.rest();

  const std::string raw = fuzz::raw_of(reply);
  fuzz::require(std::count(raw.begin(), raw.end(), '|') == 3, "a reply has four parts");
  fuzz::require(raw.find(',') == std::string::npos, "a reply is one of ten");
  fuzz::require(is_valid_utf8(raw), "a reply is valid text");
  fuzz::require(raw == fuzz::raw_of(reply.first(std::min(reply.size(), kJarmReply))),
                "nothing behind the bound counts");

  const ByteView first = reply.first(std::min(cut, reply.size()));
  const ByteView second = reply.subspan(first.size());
  test::Sha256Digest digest;
  std::vector<std::uint8_t> memory(JarmProbe::kMemory);
  // The second pool is too small for most.
  for (const std::size_t pool : {limits::kRecordPool, std::size_t{200}}) {
    fuzz::OwnedRecord owned(pool);
    fuzz::begin_observation(owned.record);
    Hello2Probe hello2(MutableByteView(memory).first<kLongestHello>(), owned.record);
    hello2.start("electrum.example.org");
    fuzz::ask(hello2, first, second);
    JarmProbe jarm(memory, owned.record, digest);
    jarm.start("192.0.2.1");
    fuzz::ask(jarm, first, second);
    fuzz::require_sound(owned.record);
    fuzz::require(owned.record.has(FieldId::kTlsJarmRaw), "what came is recorded");
  }
  return 0;
}
