// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "core/probe/hello_probe.h"
#include "core/record/record.h"
#include "core/tls/handshake_tap.h"

namespace observatory {

// One connection with the hello of TLS 1.2 (write_tls12_hello()): the answer is in clear up to the
// ServerHelloDone, and its order of extensions tells libraries apart that TLS 1.3 makes look alike.
// Records `tls.hello2`.
class Hello2Probe final : public HelloProbe {
 public:
  // `memory` holds the hello from start() until done(). All belong to the caller.
  Hello2Probe(HelloBuffer memory, Record& record) : hello_(memory), record_(record) {}

  // `host` is the endpoint's; an address is not sent (RFC 6066 section 3). It must outlive the
  // probe's work. REQUIRES host.size() <= limits::kHost.
  void start(std::string_view host);

  ByteView open(const HelloRandom& bytes) override;
  [[nodiscard]] bool receive(ByteView bytes) override;
  void close(NetError why) override;
  void give_up() override { done_ = true; }
  bool done() const override { return done_; }

 private:
  Outcome outcome(NetError why) const;

  HelloBuffer hello_;
  Record& record_;
  std::string_view server_name_;
  HandshakeTap tap_;
  std::size_t received_ = 0;  // bytes
  bool is_tls_ = true;        // as far as the first byte tells
  bool done_ = true;
};

}  // namespace observatory
