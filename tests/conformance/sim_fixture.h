// SPDX-License-Identifier: MIT
#pragma once

#include "tests/conformance/fixture.h"
#include "tests/sim/sim_world.h"

namespace observatory::conformance {

// The simulated world: exact times, nothing real.
class SimFixture : public Fixture {
 public:
  SimFixture();

  Clock& clock() override { return world_; }
  Network& network() override { return world_; }
  Resolver& resolver() override { return world_; }
  SocketAddress serve(Peer peer) override;
  std::optional<SocketAddress> serve_v6(Peer peer) override;
  SocketAddress refusing() override;
  std::optional<SocketAddress> unanswering() override;
  void leave_handles(std::size_t count) override;
  void wake_in(Micros length) override;
  std::string_view known_name() override { return "known.example"; }
  std::string_view unknown_name() override { return "unknown.example"; }
  std::string_view slow_name() override { return "slow.example"; }
  Micros tolerance() const override { return 0; }

 protected:
  sim::SimWorld& world() { return world_; }

 private:
  void behave(sim::ScriptedServer& server, Peer peer);

  sim::SimWorld world_;
  std::uint16_t next_port_ = 50001;
};

}  // namespace observatory::conformance
