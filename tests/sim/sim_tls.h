// SPDX-License-Identifier: MIT
// A make-believe TLS: real record framing and real flights, so that round trips count as they do
// in life, and no cryptography. SimTls only understands a SimTlsServer.
//
//   client                         server             TLS 1.3: open after 1 round trip
//   ClientHello            ---->                      TLS 1.2: open after 2
//                          <----  ServerHello, facts
//   Finished               ---->
//                          <----  tickets, Finished   (the latter in TLS 1.2 only)
//
// What the client learns of the server (version, cipher, chain, trust ...) travels in a message
// behind the ServerHello: one engine can meet many servers. The ServerHello itself is a true one,
// and so are the session tickets; but nothing is encrypted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/interface/tls.h"
#include "tests/sim/scripted_server.h"

namespace observatory::sim {

// The client: what a session holds.
class SimTls final : public TlsEngine {
 public:
  SimTls() = default;
  SimTls(const SimTls&) = delete;  // peer() has views into itself
  SimTls& operator=(const SimTls&) = delete;

  // reset() fails from now on, as on a device without memory.
  SimTls& out_of_memory(bool fails = true);
  // The engine fails for want of memory once more than so many bytes of plaintext have arrived;
  // out_of_memory(false) takes that back.
  SimTls& out_of_memory_behind(std::size_t plaintext);
  // How many bytes the engine holds of either direction: of plaintext not yet taken, of ciphertext
  // not yet taken. Unless set: 16 KiB each. At least 64.
  SimTls& buffers(std::size_t plaintext, std::size_t ciphertext);

  // What reset() was last given, and how often it was called.
  std::string_view server_name() const { return server_name_; }
  TlsOffer offer() const { return offer_; }
  std::size_t resets() const { return resets_; }

  [[nodiscard]] bool reset(std::string_view server_name, TlsOffer offer) override;
  std::size_t put_ciphertext(ByteView from_network) override;
  std::size_t take_ciphertext(MutableByteView to_network) override;
  std::size_t put_plaintext(ByteView from_probe) override;
  std::size_t take_plaintext(MutableByteView to_probe) override;
  void close() override;
  TlsState state() const override { return state_; }
  const TlsPeer& peer() const override { return peer_; }

 private:
  void begin_record();
  void end_record();
  void handshake_message(std::uint8_t type, std::string_view body);
  void facts(std::string_view body);
  void new_session_ticket(std::string_view body);
  void alert(std::uint8_t number);
  void fail(TlsFailure failure, std::uint8_t alert_to_send);
  void queue(std::uint8_t type, std::string_view payload);

  std::size_t plaintext_bound_ = 16 * 1024;
  std::size_t ciphertext_bound_ = 16 * 1024;
  bool out_of_memory_ = false;
  std::size_t plaintext_left_ = SIZE_MAX;
  std::size_t resets_ = 0;
  std::string server_name_;
  TlsOffer offer_ = TlsOffer::kNewest;

  TlsState state_ = TlsState::kFailed;
  TlsPeer peer_;
  std::string version_;
  std::string cipher_;
  std::deque<std::string> chain_;  // a deque: views into it must not move
  bool first_byte_seen_ = false;
  bool hello_seen_ = false;
  bool closed_ = false;

  std::string header_;  // of the record being read
  std::uint8_t record_type_ = 0;
  std::size_t record_left_ = 0;
  std::string handshake_;  // of messages not yet complete
  std::string alert_;
  std::string plaintext_;   // arrived
  std::string ciphertext_;  // to be sent
};

// The server: a behaviour for ScriptedServer::on_bytes() that puts TLS around another one.
//
//   SimTlsServer tls;
//   tls.chain({"leaf", "root"}).on_line(...);
//   world.listen("192.0.2.1"_ip, 50002).on_bytes(tls);
//
// The Connection that the inner behaviour gets speaks plaintext. Copies share their state, so a
// test can look at `tls` afterwards.
class SimTlsServer {
 public:
  enum class Version : std::uint8_t { kTls12, kTls13 };

  SimTlsServer();

  // --- The behaviour inside.
  SimTlsServer& on_bytes(ByteHandler handler);
  SimTlsServer& on_line(LineHandler handler) { return on_bytes(lines(std::move(handler))); }
  // Called when the handshake has ended on the server's side.
  SimTlsServer& on_open(ConnectionHandler handler);

  // --- What the client learns. Unless set: TLS 1.3, its first cipher, one certificate "leaf", not
  // self-signed, trust not asked.
  SimTlsServer& version(Version version);
  SimTlsServer& cipher(std::string_view iana_name);
  // DER blobs, leaf first; any bytes will do. Beyond kMaxChain the client truncates.
  SimTlsServer& chain(std::vector<std::string> certificates);
  SimTlsServer& self_signed(bool self_signed = true);
  SimTlsServer& trust(TlsTrust trust);

  // Session tickets, whose lifetime is two hours.
  SimTlsServer& tickets(std::vector<std::string> tickets);

  // --- What goes wrong.
  // Answers every ClientHello with this fatal alert.
  SimTlsServer& alert(std::uint8_t number);
  // The client's engine fails at the ServerHello in this way; with kBadCertificate it lists the
  // chain and could not read an extension.
  SimTlsServer& fail(TlsFailure failure, std::int32_t engine_error = 0);
  // A client that offers kNewest fails at the ServerHello, with TlsPeer::retry_with_tls12; one
  // that offers kTls12 gets TLS 1.2.
  SimTlsServer& needs_tls12(bool needs = true);
  // Says nothing at all to a ClientHello.
  SimTlsServer& silent(bool silent = true);
  // Ends streams without close_notify.
  SimTlsServer& rude(bool rude = true);
  // Handshake and data go out in records of at most so many bytes, 1 to 16384 (the default).
  SimTlsServer& record_size(std::size_t bytes);

  // --- What happened.
  std::size_t client_hellos() const;
  // The names that clients asked for, in order; empty where a client sent none.
  const std::vector<std::string>& server_names() const;
  // All plaintext that came on the index-th connection; throws std::out_of_range.
  std::string_view received(std::size_t index) const;
  // Connections on which the client said close_notify.
  std::size_t close_notifies() const;

  void operator()(Connection& client, ByteView bytes) const;

 private:
  struct State;
  class Session;
  std::shared_ptr<State> state_;
};

}  // namespace observatory::sim
