// SPDX-License-Identifier: MIT
#include "tests/sim/sim_tls.h"

#include <array>
#include <string>

#include "tests/catch2.h"
#include "tests/sim/sim_world.h"

namespace observatory::sim {
namespace {

constexpr Micros kTrip = 100 * kMillisecond;
const SocketAddress kPeer{"192.0.2.1"_ip, 50002};

// A client that moves bytes between engine and network, `step` bytes at a time.
class Client {
 public:
  Client(SimWorld& world, SimTls& engine, std::size_t step = 4096)
      : world_(world), engine_(engine), step_(step) {
    NetError why = NetError::kNone;
    stream_ = world.connect(kPeer, why);
    world.run_for(kTrip);
  }
  ~Client() { world_.close(stream_); }

  // Until the engine's state is no longer `while_in`, the stream ends, or `length` has passed.
  void run(TlsState while_in, Micros length) {
    const Instant deadline = world_.now() + length;
    while (engine_.state() == while_in && !ended_ && world_.now() < deadline) {
      move_out();
      Interest interest{.stream = stream_, .want_read = true};
      world_.wait({&interest, 1}, deadline);
      move_in();
    }
    move_out();
  }

  std::string exchange(std::string_view text) {
    CHECK(engine_.put_plaintext(as_bytes(text)) == text.size());
    run(TlsState::kOpen, kSecond);
    std::string reply;
    std::array<std::uint8_t, 64> bytes;
    while (const std::size_t count = engine_.take_plaintext(bytes)) {
      reply += as_text(ByteView(bytes).first(count));
    }
    return reply;
  }

 private:
  void move_out() {
    std::array<std::uint8_t, 4096> bytes;
    while (const std::size_t count = engine_.take_ciphertext(std::span(bytes).first(step_))) {
      CHECK(world_.write(stream_, ByteView(bytes).first(count)).count == count);
    }
  }
  void move_in() {
    std::array<std::uint8_t, 4096> bytes;
    while (true) {
      const IoResult result = world_.read(stream_, std::span(bytes).first(step_));
      ended_ |= result.error != NetError::kNone;
      if (result.count == 0) return;
      CHECK(engine_.put_ciphertext(ByteView(bytes).first(result.count)) == result.count);
    }
  }

  SimWorld& world_;
  SimTls& engine_;
  std::size_t step_;
  StreamId stream_ = kNoStream;
  bool ended_ = false;
};

struct Setting {
  SimWorld world;
  SimTlsServer tls;
  SimTls engine;
  ScriptedServer& server = world.listen(kPeer.ip, kPeer.port).round_trip(kTrip);

  Setting() {
    server.on_bytes(tls);
    tls.on_line([](Connection& client, std::string_view line) {
      client.send("echo " + std::string(line) + "\n");
    });
  }
};

TEST_CASE("TLS 1.3 opens after one round trip and TLS 1.2 after two") {
  Setting setting;
  Micros trips = 0;
  std::string version;
  SECTION("1.3") {
    trips = 1;
    version = "TLSv1.3";
  }
  SECTION("1.2") {
    setting.tls.version(SimTlsServer::Version::kTls12);
    trips = 2;
    version = "TLSv1.2";
  }
  REQUIRE(setting.engine.reset("example.org", TlsOffer::kNewest));
  Client client(setting.world, setting.engine);
  client.run(TlsState::kHandshake, kSecond);
  CHECK(setting.engine.state() == TlsState::kOpen);
  CHECK(setting.world.elapsed() == (1 + trips) * kTrip);
  CHECK(setting.engine.peer().version == version);
  CHECK(client.exchange("hi\n") == "echo hi\n");
  CHECK(setting.tls.received(0) == "hi\n");
  CHECK(setting.tls.server_names() == std::vector<std::string>{"example.org"});
  CHECK(setting.server.client_flights() == 2 + static_cast<std::size_t>(trips == 2));
}

TEST_CASE("the engine learns what the server was told to show") {
  Setting setting;
  setting.tls.cipher("TLS_CHACHA20_POLY1305_SHA256").self_signed().trust(TlsTrust::kUntrusted);
  setting.tls.chain({"one", "two"});
  bool truncated = false;
  SECTION("a short chain") {}
  SECTION("a long chain in small records") {
    setting.tls.chain(std::vector<std::string>(9, "one")).record_size(3);
    truncated = true;
  }
  REQUIRE(setting.engine.reset("192.0.2.1", TlsOffer::kNewest));
  Client client(setting.world, setting.engine);
  client.run(TlsState::kHandshake, kSecond);
  const TlsPeer& peer = setting.engine.peer();
  CHECK(peer.cipher == "TLS_CHACHA20_POLY1305_SHA256");
  CHECK(peer.self_signed == true);
  CHECK(peer.trust == TlsTrust::kUntrusted);
  CHECK(peer.chain_size == (truncated ? kMaxChain : 2));
  CHECK((peer.chain_sent > peer.chain_size) == truncated);
  CHECK(as_text(peer.chain[0]) == "one");
  CHECK(setting.tls.server_names().at(0).empty());
}

TEST_CASE("everything works byte by byte and with the smallest buffers") {
  Setting setting;
  setting.tls.version(SimTlsServer::Version::kTls12).record_size(1);
  setting.engine.buffers(64, 64);
  REQUIRE(setting.engine.reset("", TlsOffer::kNewest));
  Client client(setting.world, setting.engine, 1);
  client.run(TlsState::kHandshake, kSecond);
  REQUIRE(setting.engine.state() == TlsState::kOpen);
  CHECK(client.exchange("twenty bytes of text\n") == "echo twenty bytes of text\n");
}

TEST_CASE("the engine takes no more than its buffers hold") {
  Setting setting;
  setting.engine.buffers(64, 64);
  CHECK(setting.engine.put_plaintext(as_bytes("x")) == 0);
  REQUIRE(setting.engine.reset("", TlsOffer::kNewest));
  CHECK(setting.engine.put_plaintext(as_bytes("x")) == 0);
  Client client(setting.world, setting.engine);
  client.run(TlsState::kHandshake, kSecond);
  const std::string text(1000, 'x');
  CHECK(setting.engine.put_plaintext(as_bytes(text)) == 64 - 5);
  CHECK(setting.engine.put_plaintext(as_bytes(text)) == 0);
  const std::string record = std::string("\x17\x03\x03\x00\x64", 5) + std::string(100, 'y');
  CHECK(setting.engine.put_ciphertext(as_bytes(record)) == 5 + 64);
  std::array<std::uint8_t, 40> some;
  CHECK(setting.engine.take_plaintext(some) == 40);
  CHECK(setting.engine.put_ciphertext(as_bytes(record).subspan(69)) == 36);
}

TEST_CASE("each failure shows as it was told") {
  Setting setting;
  TlsFailure expected = TlsFailure::kNone;
  TlsOffer offer = TlsOffer::kNewest;
  bool retry = false;
  std::uint8_t alert = 0;
  SECTION("an alert") {
    setting.tls.alert(40);
    expected = TlsFailure::kAlertReceived;
    alert = 40;
  }
  SECTION("no TLS") {
    setting.server.on_bytes([](Connection& client, ByteView) { client.send("HTTP/1.1 400\r\n"); });
    expected = TlsFailure::kNotTls;
  }
  SECTION("no common version") {
    setting.tls.fail(TlsFailure::kNoCommonVersion);
    expected = TlsFailure::kNoCommonVersion;
  }
  SECTION("a broken certificate") {
    setting.tls.fail(TlsFailure::kBadCertificate, -77);
    expected = TlsFailure::kBadCertificate;
  }
  SECTION("a server that needs TLS 1.2") {
    setting.tls.needs_tls12();
    expected = TlsFailure::kPeerMisbehaved;
    retry = true;
  }
  SECTION("a server that has nothing but TLS 1.3") {
    offer = TlsOffer::kTls12;
    expected = TlsFailure::kAlertReceived;
    alert = 70;
  }
  SECTION("bytes that are no handshake message") {
    setting.server.on_bytes([](Connection& client, ByteView) {
      client.send(std::string_view("\x16\x03\x03\x00\x04\x63\x00\x00\x00", 9));
    });
    expected = TlsFailure::kPeerMisbehaved;
  }
  REQUIRE(setting.engine.reset("example.org", offer));
  Client client(setting.world, setting.engine);
  client.run(TlsState::kHandshake, kSecond);
  CHECK(setting.engine.state() == TlsState::kFailed);
  CHECK(setting.world.elapsed() == 2 * kTrip);
  const TlsPeer& peer = setting.engine.peer();
  CHECK(peer.failure == expected);
  CHECK(peer.retry_with_tls12 == retry);
  CHECK(peer.alert == alert);
  CHECK(peer.engine_error == (expected == TlsFailure::kBadCertificate ? -77 : 0));
}

TEST_CASE("a server that needs TLS 1.2 is content with the second offer") {
  Setting setting;
  setting.tls.needs_tls12();
  REQUIRE(setting.engine.reset("example.org", TlsOffer::kTls12));
  Client client(setting.world, setting.engine);
  client.run(TlsState::kHandshake, kSecond);
  CHECK(setting.engine.state() == TlsState::kOpen);
  CHECK(setting.engine.peer().version == "TLSv1.2");
}

TEST_CASE("a silent server leaves the handshake where it is") {
  Setting setting;
  setting.tls.silent();
  REQUIRE(setting.engine.reset("example.org", TlsOffer::kNewest));
  Client client(setting.world, setting.engine);
  client.run(TlsState::kHandshake, kSecond);
  CHECK(setting.engine.state() == TlsState::kHandshake);
  CHECK(setting.tls.client_hellos() == 1);
}

TEST_CASE("a reset without memory says so") {
  SimTls engine;
  CHECK_FALSE(engine.out_of_memory().reset("example.org", TlsOffer::kNewest));
  CHECK(engine.state() == TlsState::kFailed);
  CHECK(engine.peer().failure == TlsFailure::kOutOfMemory);
  CHECK(engine.out_of_memory(false).reset("example.org", TlsOffer::kNewest));
  CHECK(engine.peer().failure == TlsFailure::kNone);
  CHECK(engine.resets() == 2);
}

TEST_CASE("goodbyes are said and heard") {
  Setting setting;
  REQUIRE(setting.engine.reset("example.org", TlsOffer::kNewest));
  SECTION("the client's") {
    Client client(setting.world, setting.engine);
    client.run(TlsState::kHandshake, kSecond);
    setting.engine.close();
    client.run(TlsState::kOpen, kSecond);
    CHECK(setting.tls.close_notifies() == 1);
    CHECK(setting.engine.state() == TlsState::kClosed);
  }
  SECTION("the server's, behind its last words") {
    setting.tls.on_open([](Connection& client) {
      client.send("last words");
      client.close();
    });
    Client client(setting.world, setting.engine);
    client.run(TlsState::kHandshake, kSecond);
    client.run(TlsState::kOpen, kSecond);
    CHECK(setting.engine.state() == TlsState::kClosed);
    std::array<std::uint8_t, 64> bytes;
    CHECK(setting.engine.take_plaintext(bytes) == 10);
  }
  SECTION("none from a rude server") {
    setting.tls.rude().on_open([](Connection& client) { client.close(); });
    Client client(setting.world, setting.engine);
    client.run(TlsState::kHandshake, kSecond);
    client.run(TlsState::kOpen, kSecond);
    CHECK(setting.engine.state() == TlsState::kOpen);
  }
}

}  // namespace
}  // namespace observatory::sim
