// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "core/base/byte_writer.h"
#include "core/probe/hello_probe.h"
#include "core/record/record.h"
#include "core/tls/jarm.h"
#include "platform/interface/digest.h"

namespace observatory {

// JARM's ten connections (core/tls/jarm.h). Records `tls.jarm_raw`, and `tls.jarm` unless a probe
// timed out: those are counted in `tls.jarm_timeouts`, as jarm-go does it (the reference then
// forgets the whole scan). A refused, reset or closed connection is an answer. A connection that
// could not be tried, because there was no way or no handle, counts as timed out, for it says
// nothing of the server; so does an answer that had not come whole in time, though what came is
// read.
class JarmProbe final : public HelloProbe {
 public:
  // Bytes that the text of ten replies may have. Servers of good will need 700; what is longer is
  // cut, and then there is no hash.
  static constexpr std::size_t kRaw = 1024;
  static constexpr std::size_t kMemory = kLongestHello + kJarmReply + kRaw;

  // `memory` has kMemory bytes and is the probe's from start() until done(). All belong to the
  // caller.
  JarmProbe(MutableByteView memory, Record& record, Digest& digest)
      : hello_(memory.first<kLongestHello>()),
        reply_(memory.subspan(kLongestHello, kJarmReply)),
        raw_(memory.subspan(kLongestHello + kJarmReply, kRaw)),
        record_(record),
        digest_(digest) {}

  // `host` stands in the hellos as it is, an address too, and must outlive the scan. REQUIRES
  // host.size() <= limits::kHost.
  void start(std::string_view host);

  ByteView open(const HelloRandom& bytes) override;
  [[nodiscard]] bool receive(ByteView bytes) override;
  void close(NetError why) override;
  void give_up() override;
  bool done() const override { return probe_ == kJarmProbes; }

 private:
  void record_all();

  HelloBuffer hello_;
  MutableByteView reply_;
  MutableByteView raw_;
  Record& record_;
  Digest& digest_;
  std::string_view host_;
  std::size_t probe_ = kJarmProbes;  // the one that is next, or under way
  std::size_t reply_size_ = 0;
  ByteWriter text_{{}};  // over raw_
  unsigned timeouts_ = 0;
};

}  // namespace observatory
