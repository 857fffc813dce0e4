// SPDX-License-Identifier: MIT
#include "tests/sim/sim_tls.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

namespace observatory::sim {
namespace {

constexpr std::uint8_t kAlertRecord = 21;
constexpr std::uint8_t kHandshakeRecord = 22;
constexpr std::uint8_t kDataRecord = 23;
constexpr std::size_t kHeaderSize = 5;
constexpr std::size_t kMaxRecord = 16384;

constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kServerHello = 2;
constexpr std::uint8_t kNewSessionTicket = 4;
constexpr std::uint8_t kFacts = 11;  // where a server's Certificate would be
constexpr std::uint8_t kFinished = 20;

constexpr std::uint8_t kCloseNotify = 0;
constexpr std::uint8_t kUnexpectedMessage = 10;
constexpr std::uint8_t kIllegalParameter = 47;
constexpr std::uint8_t kProtocolVersion = 70;
constexpr std::uint8_t kInternalError = 80;

char byte_of(std::size_t value) { return static_cast<char>(static_cast<std::uint8_t>(value)); }

std::uint8_t at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

void put_number(std::string& into, std::size_t value, int bytes) {
  while (bytes-- > 0) into.push_back(byte_of(value >> (8 * bytes)));
}

void put_text(std::string& into, std::string_view text) {
  put_number(into, text.size(), 3);
  into += text;
}

// Reads what the two above have written; anything else makes it not ok().
class Fields {
 public:
  explicit Fields(std::string_view rest) : rest_(rest) {}

  std::size_t number(int bytes) {
    std::size_t value = 0;
    for (const char byte : take(static_cast<std::size_t>(bytes))) {
      value = value << 8 | static_cast<std::uint8_t>(byte);
    }
    return value;
  }
  std::string_view text() { return take(number(3)); }
  bool ok() const { return ok_; }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// Records of at most `size` bytes each.
std::string records(std::uint8_t type, std::string_view payload, std::size_t size) {
  std::string result;
  while (!payload.empty()) {
    const std::string_view piece = payload.substr(0, size);
    put_number(result, type, 1);
    // A ClientHello's record says 3.1, all others 3.3 (RFC 8446 section 5.1).
    const bool hello = type == kHandshakeRecord && at(payload, 0) == kClientHello;
    put_number(result, hello ? 0x0301 : 0x0303, 2);
    put_number(result, piece.size(), 2);
    result += piece;
    payload.remove_prefix(piece.size());
  }
  return result;
}

std::string message(std::uint8_t type, std::string_view body) {
  std::string result;
  put_number(result, type, 1);
  put_text(result, body);
  return result;
}

// A ServerHello as OpenSSL sends it: TLS 1.3 with supported_versions and an X25519 key_share, or
// TLS 1.2 with renegotiation_info and extended_master_secret.
std::string server_hello(bool newest) {
  std::string extensions;
  if (newest) {
    extensions = {0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32};
    extensions += std::string(32, 'k');
  } else {
    extensions = {byte_of(0xFF), 1, 0, 1, 0, 0, 23, 0, 0};
  }
  std::string body;
  put_number(body, 0x0303, 2);
  body += std::string(32, 'r');
  put_number(body, newest ? 32 : 0, 1);
  if (newest) body += std::string(32, 's');
  put_number(body, newest ? 0x1302 : 0xC030, 2);
  put_number(body, 0, 1);
  put_number(body, extensions.size(), 2);
  return body + extensions;
}

constexpr std::size_t kTicketLifetime = 7200;

// RFC 8446 section 4.6.1, or RFC 5077 section 3.3.
std::string new_session_ticket(std::string_view ticket, bool newest) {
  std::string body;
  put_number(body, kTicketLifetime, 4);
  if (newest) put_number(body, 0, 5);  // age_add, and a nonce of no bytes
  put_number(body, ticket.size(), 2);
  body += ticket;
  if (newest) put_number(body, 0, 2);  // extensions
  return body;
}

// Takes one whole handshake message off the front, or says that it is not there yet.
bool next_message(std::string& from, std::uint8_t& type, std::string& body) {
  if (from.size() < 4) return false;
  type = at(from, 0);
  const std::size_t size = Fields(std::string_view(from).substr(1)).number(3);
  if (from.size() < 4 + size) return false;
  body = from.substr(4, size);
  from.erase(0, 4 + size);
  return true;
}

std::size_t move_out(std::string& from, MutableByteView into) {
  const std::size_t count = std::min(from.size(), into.size());
  std::copy_n(from.begin(), count, into.begin());
  from.erase(0, count);
  return count;
}

bool is_ip_literal(std::string_view name) {
  return name.find(':') != std::string_view::npos ||
         name.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

// --- The client.

SimTls& SimTls::out_of_memory(bool fails) {
  out_of_memory_ = fails;
  plaintext_left_ = SIZE_MAX;
  return *this;
}

SimTls& SimTls::out_of_memory_behind(std::size_t plaintext) {
  plaintext_left_ = plaintext;
  return *this;
}

SimTls& SimTls::buffers(std::size_t plaintext, std::size_t ciphertext) {
  plaintext_bound_ = std::max<std::size_t>(plaintext, 64);
  ciphertext_bound_ = std::max<std::size_t>(ciphertext, 64);
  return *this;
}

bool SimTls::reset(std::string_view server_name, TlsOffer offer) {
  ++resets_;
  server_name_ = server_name;
  offer_ = offer;
  peer_ = {};
  version_.clear();
  cipher_.clear();
  chain_.clear();
  first_byte_seen_ = hello_seen_ = closed_ = false;
  header_.clear();
  record_type_ = 0;
  record_left_ = 0;
  handshake_.clear();
  alert_.clear();
  plaintext_.clear();
  ciphertext_.clear();
  if (out_of_memory_) {
    state_ = TlsState::kFailed;
    peer_.failure = TlsFailure::kOutOfMemory;
    return false;
  }
  state_ = TlsState::kHandshake;
  std::string hello;
  put_number(hello, offer == TlsOffer::kNewest ? 0x0304 : 0x0303, 2);
  put_text(hello, is_ip_literal(server_name_) ? std::string_view{} : server_name_);
  queue(kHandshakeRecord, message(kClientHello, hello));
  return true;
}

void SimTls::queue(std::uint8_t type, std::string_view payload) {
  ciphertext_ += records(type, payload, kMaxRecord);
}

void SimTls::fail(TlsFailure failure, std::uint8_t alert_to_send) {
  state_ = TlsState::kFailed;
  peer_.failure = failure;
  queue(kAlertRecord, std::string{2, byte_of(alert_to_send)});
}

std::size_t SimTls::put_ciphertext(ByteView from_network) {
  std::size_t taken = 0;
  while (taken < from_network.size() &&
         (state_ == TlsState::kHandshake || state_ == TlsState::kOpen)) {
    if (record_left_ == 0) {
      header_.push_back(byte_of(from_network[taken++]));
      if (!std::exchange(first_byte_seen_, true) && (header_[0] < 0x14 || header_[0] > 0x17)) {
        fail(TlsFailure::kNotTls, kUnexpectedMessage);
      } else if (header_.size() == kHeaderSize) {
        begin_record();
      }
      continue;
    }
    std::size_t count = std::min(from_network.size() - taken, record_left_);
    if (record_type_ == kDataRecord) {
      count = std::min(count, plaintext_bound_ - plaintext_.size());
      if (count == 0) return taken;
      if (count > plaintext_left_) {
        fail(TlsFailure::kOutOfMemory, kInternalError);
        break;
      }
      plaintext_left_ -= count;
    }
    const std::string_view piece = as_text(from_network.subspan(taken, count));
    if (record_type_ == kDataRecord) plaintext_ += piece;
    if (record_type_ == kHandshakeRecord) handshake_ += piece;
    if (record_type_ == kAlertRecord) alert_ += piece;
    taken += count;
    record_left_ -= count;
    end_record();
  }
  // Nobody reads behind the end: what still comes is thrown away.
  if (state_ == TlsState::kClosed || state_ == TlsState::kFailed) return from_network.size();
  return taken;
}

void SimTls::begin_record() {
  Fields fields(header_);
  record_type_ = static_cast<std::uint8_t>(fields.number(1));
  fields.number(2);
  record_left_ = fields.number(2);
  header_.clear();
  // The rest of TLS 1.3's flight stands where encrypted records would be.
  if (record_type_ == kDataRecord && state_ == TlsState::kHandshake && hello_seen_) {
    record_type_ = kHandshakeRecord;
  }
  const bool known = record_type_ == kAlertRecord || record_type_ == kHandshakeRecord ||
                     (record_type_ == kDataRecord && state_ == TlsState::kOpen);
  if (!known || record_left_ == 0 || record_left_ > kMaxRecord) {
    fail(TlsFailure::kPeerMisbehaved, kUnexpectedMessage);
  }
}

void SimTls::end_record() {
  std::uint8_t type = 0;
  std::string body;
  while (state_ != TlsState::kFailed && next_message(handshake_, type, body)) {
    handshake_message(type, body);
  }
  if (alert_.size() >= 2) alert(at(std::exchange(alert_, {}), 1));
}

void SimTls::handshake_message(std::uint8_t type, std::string_view body) {
  if (type == kServerHello && !hello_seen_) {
    hello_seen_ = true;
    return;
  }
  if (type == kFacts && hello_seen_ && version_.empty()) return facts(body);
  if (type == kNewSessionTicket && !version_.empty()) return new_session_ticket(body);
  if (type == kFinished && !version_.empty() && state_ == TlsState::kHandshake) {
    state_ = TlsState::kOpen;
    return;
  }
  fail(TlsFailure::kPeerMisbehaved, kUnexpectedMessage);
}

// Of TLS 1.2 it is for whoever watches the bytes.
void SimTls::new_session_ticket(std::string_view body) {
  if (version_ != "TLSv1.3") return;
  Fields fields(body);
  TlsTicket ticket;
  ticket.lifetime = static_cast<std::uint32_t>(fields.number(4));
  fields.number(5);
  const std::size_t size = fields.number(2);
  if (!fields.ok()) return fail(TlsFailure::kPeerMisbehaved, kUnexpectedMessage);
  ticket.bytes = static_cast<std::uint16_t>(size);
  const std::string_view start = body.substr(11, std::min(size, kTicketStart));
  std::copy(start.begin(), start.end(), ticket.start.begin());
  peer_.tickets.add(ticket);
}

void SimTls::facts(std::string_view body) {
  Fields fields(body);
  const bool newest = fields.number(1) != 0;
  const bool needs_tls12 = fields.number(1) != 0;
  const auto failure = static_cast<TlsFailure>(fields.number(1));
  const auto engine_error = static_cast<std::int32_t>(static_cast<std::uint32_t>(fields.number(4)));
  const bool self_signed = fields.number(1) != 0;
  const auto trust = static_cast<TlsTrust>(fields.number(1));
  cipher_ = fields.text();
  const std::size_t count = fields.number(1);
  for (std::size_t i = 0; i < count; ++i) chain_.emplace_back(fields.text());
  if (!fields.ok()) return fail(TlsFailure::kPeerMisbehaved, kUnexpectedMessage);

  peer_.engine_error = engine_error;
  if (needs_tls12 && offer_ == TlsOffer::kNewest) {
    peer_.retry_with_tls12 = true;
    return fail(TlsFailure::kPeerMisbehaved, kIllegalParameter);
  }
  if (failure == TlsFailure::kNoCommonVersion) return fail(failure, kProtocolVersion);
  if (newest && offer_ == TlsOffer::kTls12) {
    return fail(TlsFailure::kPeerMisbehaved, kIllegalParameter);
  }
  version_ = newest ? "TLSv1.3" : "TLSv1.2";
  peer_.version = version_;
  peer_.cipher = cipher_;
  if (failure != TlsFailure::kNone && failure != TlsFailure::kBadCertificate) {
    return fail(failure, kInternalError);
  }

  peer_.chain_sent = static_cast<std::uint16_t>(chain_.size());
  if (chain_.size() > kMaxChain) chain_.resize(kMaxChain);
  for (const std::string& certificate : chain_) {
    peer_.chain[peer_.chain_size++] = as_bytes(certificate);
  }
  if (failure == TlsFailure::kBadCertificate) {
    peer_.unreadable = {TlsUnreadable::Part::kExtensions, TlsUnreadable::Why::kTag};
    return fail(failure, kInternalError);
  }
  peer_.self_signed = self_signed;
  peer_.trust = trust;
  queue(kHandshakeRecord, message(kFinished, {}));
  if (newest) state_ = TlsState::kOpen;
}

void SimTls::alert(std::uint8_t number) {
  if (number == kCloseNotify) {
    state_ = TlsState::kClosed;
    return;
  }
  state_ = TlsState::kFailed;
  peer_.failure = TlsFailure::kAlertReceived;
  peer_.alert = number;
}

std::size_t SimTls::take_ciphertext(MutableByteView to_network) {
  return move_out(ciphertext_, to_network);
}

std::size_t SimTls::put_plaintext(ByteView from_probe) {
  if (state_ != TlsState::kOpen || closed_) return 0;
  const std::size_t used = ciphertext_.size() + kHeaderSize;
  if (used >= ciphertext_bound_) return 0;
  const std::size_t count = std::min({from_probe.size(), ciphertext_bound_ - used, kMaxRecord});
  queue(kDataRecord, as_text(from_probe.first(count)));
  return count;
}

std::size_t SimTls::take_plaintext(MutableByteView to_probe) {
  return move_out(plaintext_, to_probe);
}

void SimTls::close() {
  if (state_ == TlsState::kFailed || std::exchange(closed_, true)) return;
  queue(kAlertRecord, std::string{1, byte_of(kCloseNotify)});
}

// --- The server.

struct SimTlsServer::State {
  ByteHandler on_bytes;
  ConnectionHandler on_open;
  Version version = Version::kTls13;
  std::string cipher;
  std::vector<std::string> chain = {"leaf"};
  bool self_signed = false;
  TlsTrust trust = TlsTrust::kNotAsked;
  std::vector<std::string> tickets;
  std::uint8_t alert = 0;
  TlsFailure failure = TlsFailure::kNone;
  std::int32_t engine_error = 0;
  bool needs_tls12 = false;
  bool silent = false;
  bool rude = false;
  std::size_t record_size = kMaxRecord;

  std::vector<std::string> server_names;
  std::size_t close_notifies = 0;
  std::map<std::uint64_t, std::unique_ptr<Session>> sessions;
};

// One TLS connection; to the inner behaviour it is a Connection like any other.
class SimTlsServer::Session final : public Connection {
 public:
  Session(State& script, Connection& tcp) : script_(script), tcp_(tcp) {}

  void arrived(ByteView bytes);

  void send(ByteView bytes, Micros delay) override {
    if (open_) tcp_.send(records(kDataRecord, as_text(bytes), script_.record_size), delay);
  }
  void close(Micros delay) override {
    if (!script_.rude) send_alert(1, kCloseNotify, delay);
    tcp_.close(delay);
  }
  void reset(Micros delay) override { tcp_.reset(delay); }
  void lead_to(const SocketAddress& peer, std::function<void(NetError)> ended) override {
    tcp_.lead_to(peer, std::move(ended));
  }
  Instant now() const override { return tcp_.now(); }
  std::string_view received_so_far() const override { return plaintext_; }
  std::size_t index() const override { return tcp_.index(); }
  std::uint64_t id() const override { return tcp_.id(); }

 private:
  void record(std::uint8_t type, std::string_view payload);
  void client_hello(std::string_view body);
  void opened();
  void send_alert(std::uint8_t level, std::uint8_t number, Micros delay) {
    tcp_.send(records(kAlertRecord, std::string{byte_of(level), byte_of(number)}, kMaxRecord),
              delay);
  }

  State& script_;
  Connection& tcp_;
  std::string ciphertext_;
  std::string handshake_;
  std::string plaintext_;
  bool tls12_ = false;
  bool open_ = false;
  bool ended_ = false;
};

void SimTlsServer::Session::arrived(ByteView bytes) {
  ciphertext_ += as_text(bytes);
  while (!ended_ && !ciphertext_.empty()) {
    const std::uint8_t type = at(ciphertext_, 0);
    if (type < kAlertRecord || type > kDataRecord) {
      ended_ = true;
      send_alert(2, kUnexpectedMessage, 0);
      tcp_.close();
      return;
    }
    if (ciphertext_.size() < kHeaderSize) return;
    const std::size_t size = Fields(std::string_view(ciphertext_).substr(3)).number(2);
    if (ciphertext_.size() < kHeaderSize + size) return;
    const std::string payload = ciphertext_.substr(kHeaderSize, size);
    ciphertext_.erase(0, kHeaderSize + size);
    record(type, payload);
  }
}

void SimTlsServer::Session::record(std::uint8_t type, std::string_view payload) {
  if (type == kAlertRecord) {
    ended_ = true;
    if (payload.size() == 2 && payload[1] == kCloseNotify) {
      ++script_.close_notifies;
      send_alert(1, kCloseNotify, 0);
    }
    tcp_.close();
    return;
  }
  if (type == kDataRecord) {
    if (!open_) return;
    plaintext_ += payload;
    if (script_.on_bytes) script_.on_bytes(*this, as_bytes(payload));
    return;
  }
  handshake_ += payload;
  std::uint8_t message_type = 0;
  std::string body;
  while (next_message(handshake_, message_type, body)) {
    if (message_type == kClientHello) client_hello(body);
    if (message_type == kFinished) {
      std::string flight;
      for (const std::string& ticket : script_.tickets) {
        flight += message(kNewSessionTicket, new_session_ticket(ticket, !tls12_));
      }
      if (tls12_) flight += message(kFinished, {});
      if (!flight.empty()) tcp_.send(records(kHandshakeRecord, flight, script_.record_size), 0);
      opened();
    }
  }
}

void SimTlsServer::Session::client_hello(std::string_view body) {
  Fields fields(body);
  const bool newest_offered = fields.number(2) == 0x0304;
  script_.server_names.emplace_back(fields.text());
  if (script_.silent) return;
  if (script_.alert != 0) {
    ended_ = true;
    send_alert(2, script_.alert, 0);
    tcp_.close();
    return;
  }
  // A server of TLS 1.3 alone refuses a client that offers less.
  if (!newest_offered && script_.version == Version::kTls13 && !script_.needs_tls12) {
    ended_ = true;
    send_alert(2, kProtocolVersion, 0);
    tcp_.close();
    return;
  }
  tls12_ = script_.version == Version::kTls12 || script_.needs_tls12;
  std::string facts;
  put_number(facts, tls12_ ? 0 : 1, 1);
  put_number(facts, script_.needs_tls12 ? 1 : 0, 1);
  put_number(facts, static_cast<std::size_t>(script_.failure), 1);
  put_number(facts, static_cast<std::uint32_t>(script_.engine_error), 4);
  put_number(facts, script_.self_signed ? 1 : 0, 1);
  put_number(facts, static_cast<std::size_t>(script_.trust), 1);
  const std::string_view first_cipher =
      tls12_ ? "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" : "TLS_AES_256_GCM_SHA384";
  put_text(facts, script_.cipher.empty() ? first_cipher : script_.cipher);
  put_number(facts, script_.chain.size(), 1);
  for (const std::string& certificate : script_.chain) put_text(facts, certificate);
  tcp_.send(
      records(kHandshakeRecord, message(kServerHello, server_hello(!tls12_)), script_.record_size) +
          records(tls12_ ? kHandshakeRecord : kDataRecord, message(kFacts, facts),
                  script_.record_size),
      0);
}

void SimTlsServer::Session::opened() {
  open_ = true;
  if (script_.on_open) script_.on_open(*this);
}

SimTlsServer::SimTlsServer() : state_(std::make_shared<State>()) {}

SimTlsServer& SimTlsServer::on_bytes(ByteHandler handler) {
  state_->on_bytes = std::move(handler);
  return *this;
}

SimTlsServer& SimTlsServer::on_open(ConnectionHandler handler) {
  state_->on_open = std::move(handler);
  return *this;
}

SimTlsServer& SimTlsServer::version(Version version) {
  state_->version = version;
  return *this;
}

SimTlsServer& SimTlsServer::cipher(std::string_view iana_name) {
  state_->cipher = iana_name;
  return *this;
}

SimTlsServer& SimTlsServer::chain(std::vector<std::string> certificates) {
  if (certificates.size() > 255) throw std::invalid_argument("SimTlsServer: chain too long");
  state_->chain = std::move(certificates);
  return *this;
}

SimTlsServer& SimTlsServer::self_signed(bool self_signed) {
  state_->self_signed = self_signed;
  return *this;
}

SimTlsServer& SimTlsServer::trust(TlsTrust trust) {
  state_->trust = trust;
  return *this;
}

SimTlsServer& SimTlsServer::tickets(std::vector<std::string> tickets) {
  state_->tickets = std::move(tickets);
  return *this;
}

SimTlsServer& SimTlsServer::alert(std::uint8_t number) {
  state_->alert = number;
  return *this;
}

SimTlsServer& SimTlsServer::fail(TlsFailure failure, std::int32_t engine_error) {
  state_->failure = failure;
  state_->engine_error = engine_error;
  return *this;
}

SimTlsServer& SimTlsServer::needs_tls12(bool needs) {
  state_->needs_tls12 = needs;
  return *this;
}

SimTlsServer& SimTlsServer::silent(bool silent) {
  state_->silent = silent;
  return *this;
}

SimTlsServer& SimTlsServer::rude(bool rude) {
  state_->rude = rude;
  return *this;
}

SimTlsServer& SimTlsServer::record_size(std::size_t bytes) {
  state_->record_size = std::clamp<std::size_t>(bytes, 1, kMaxRecord);
  return *this;
}

std::size_t SimTlsServer::client_hellos() const { return state_->server_names.size(); }

const std::vector<std::string>& SimTlsServer::server_names() const { return state_->server_names; }

std::string_view SimTlsServer::received(std::size_t index) const {
  for (const auto& [id, session] : state_->sessions) {
    if (session->index() == index) return session->received_so_far();
  }
  throw std::out_of_range("SimTlsServer: no such connection");
}

std::size_t SimTlsServer::close_notifies() const { return state_->close_notifies; }

void SimTlsServer::operator()(Connection& client, ByteView bytes) const {
  auto& session = state_->sessions[client.id()];
  if (!session) session = std::make_unique<Session>(*state_, client);
  session->arrived(bytes);
}

}  // namespace observatory::sim
