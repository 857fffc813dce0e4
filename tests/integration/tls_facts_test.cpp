// SPDX-License-Identifier: MIT
// What a visit over TLS records of the handshake, with real engines and real peers on loopback: the
// facts in clear and those that only the engine knows. Judged by what the `openssl` command says of
// the same server. Without that command those cases are skipped.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "core/record/json_writer.h"
#include "core/run/session.h"
#include "platform/mbedtls/mbedtls_digest.h"
#include "platform/mbedtls/mbedtls_engine.h"
#include "platform/mbedtls/mbedtls_shared.h"
#include "platform/posix/posix_clock.h"
#include "platform/posix/posix_network.h"
#include "platform/posix/posix_random.h"
#include "platform/posix/posix_resolver.h"
#include "platform/posix/posix_waker.h"
#include "tests/catch2.h"
#include "tests/integration/openssl_peer.h"

namespace observatory::mbedtls {
namespace {

using test::CertificateFolder;
using test::no_openssl;
using test::output_of;
using test::Words;

// Made once.
class Certificates final : public CertificateFolder {
 public:
  static const Certificates& get() {
    static const Certificates made;
    return made;
  }

 private:
  Certificates() { self_signed("ec", "ec -pkeyopt ec_paramgen_curve:P-256", "-sha256"); }
};

struct Server : test::Server {
  explicit Server(const Words& options) : test::Server(Certificates::get(), "ec", options) {}
};

class Text final : public ByteSink {
 public:
  void put(ByteView bytes) override { text += as_text(bytes); }
  using ByteSink::put;

  std::string text;
};

// One visit, on its own network.
class Visit {
 public:
  explicit Visit(std::uint16_t port, std::string_view host = "127.0.0.1") {
    REQUIRE(shared_.start());
    observatory::Visit visit;
    REQUIRE(visit.endpoint.host.assign(host));
    visit.endpoint.port = port;
    session_->begin(visit, "test", 10 * kSecond, TlsFingerprint::kHello, false);
    const Instant end = posix::monotonic_now() + 15 * kSecond;
    for (session_->step(); !session_->done() && posix::monotonic_now() < end; session_->step()) {
      std::array<Interest, 1> interest{session_->interest()};
      const std::size_t count = interest[0].stream == kNoStream ? 0 : 1;
      network_.wait(std::span(interest).first(count), std::min(end, session_->deadline()));
    }
    REQUIRE(session_->done());
    Text json;
    write_json(record(), json);
    json_ = json.text;
  }
  ~Visit() { session_->release(); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  const std::string& json() const { return json_; }
  bool has(FieldId field) { return record().has(field); }
  std::uint64_t number(FieldId field) { return has(field) ? record().number(field) : 0; }
  std::string text(FieldId field) { return has(field) ? std::string(record().text(field)) : ""; }
  std::string hex(FieldId field) {
    std::string digits;
    if (!has(field)) return digits;
    for (const std::uint8_t byte : record().bytes(field)) {
      digits += "0123456789abcdef"[byte >> 4];
      digits += "0123456789abcdef"[byte & 15];
    }
    return digits;
  }
  std::vector<std::string> list(FieldId field) {
    std::vector<std::string> all;
    if (!has(field)) return all;
    Items items = record().items(field);
    if (field_of(field).kind == Kind::kNumbers) {
      for (std::uint64_t item = 0; items.next(item);) all.push_back(std::to_string(item));
    } else {
      for (std::string_view item; items.next(item);) all.emplace_back(item);
    }
    return all;
  }
  std::string outcome() {
    return std::string(outcome_name(static_cast<Outcome>(number(FieldId::kOutcome))));
  }

 private:
  Record& record() { return session_->record(); }

  posix::PosixClock clock_;
  posix::PosixRandom random_;
  posix::PosixWaker waker_;
  posix::PosixResolver resolver_{clock_, random_};
  posix::PosixNetwork network_{waker_, resolver_};
  MbedtlsDigest digest_;
  MbedtlsShared shared_{random_};
  MbedtlsEngine engine_{shared_};
  OptOut opt_out_;
  Gate gate_{opt_out_};
  std::unique_ptr<Session> session_ = std::make_unique<Session>(
      Platform{clock_, network_, resolver_, random_, digest_}, engine_, gate_);
  std::string json_;
};

// The versions that the engine can speak, as options of s_server.
std::vector<std::string> versions() {
  std::vector<std::string> all = {"-tls1_2"};
  if (engine_speaks_tls13()) {
    all.emplace_back("-tls1_3");
  } else {
    WARN("TLS 1.3 is skipped: " << engine_version() << " has none");
  }
  return all;
}

// What s_client prints of the server's tickets: the first 16 bytes of each, and the lifetime.
struct Printed {
  Printed(std::uint16_t port, const std::string& options) {
    std::istringstream lines(output_of("(sleep 1; echo Q) | openssl s_client -connect 127.0.0.1:" +
                                       std::to_string(port) + " " + options + " 2>/dev/null"));
    bool dump = false;
    for (std::string line; std::getline(lines, line);) {
      if (line.find("TLS session ticket lifetime hint: ") != std::string::npos) {
        lifetime = std::stoul(line.substr(line.find(": ") + 2));
      }
      // "    0000 - 12 8a fd 0a 9f 18 79 fd-5c 1a fa 3b a6 62 a0 90   ......"
      if (dump) {
        std::string digits;
        for (const char c : line.substr(line.find(" - ") + 3, 47)) {
          if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
        }
        names.push_back(digits);
      }
      dump = line.find("TLS session ticket:") != std::string::npos;
    }
  }

  std::vector<std::string> names;
  std::uint64_t lifetime = 0;
};

TEST_CASE("the key name of a session ticket is what OpenSSL's own client gets") {
  if (no_openssl()) return;
  for (const std::string& version : versions()) {
    INFO(version);
    const bool tls13 = version == "-tls1_3";
    const Server server({version});
    const Printed printed(server.port(), version);
    REQUIRE(!printed.names.empty());
    REQUIRE(printed.names[0].size() == 32);
    for (int i = 0; i < 2; ++i) {  // the same on every connection
      Visit visit(server.port());
      INFO(visit.json());
      CHECK(visit.hex(FieldId::kTicketKeyName) == printed.names[0]);
      CHECK(visit.number(FieldId::kTicketLifetime) == printed.lifetime);
      CHECK(visit.number(FieldId::kTicketCount) == (tls13 ? 2 : 1));
      CHECK(visit.has(FieldId::kTicketSameKeyName) == tls13);
      CHECK(visit.number(FieldId::kTicketSameKeyName) == (tls13 ? 1 : 0));
      CHECK(visit.list(FieldId::kTicketLengths).size() == (tls13 ? 2 : 1));
      CHECK_FALSE(visit.has(FieldId::kTlsClientCert));
      // The ticket is 10 or, with nonce, age and lengths, more bytes shorter than its record.
      const auto records = visit.list(FieldId::kTlsRecords);
      REQUIRE(records.size() >= 5);
      const std::uint64_t ticket = std::stoul(visit.list(FieldId::kTicketLengths)[0]);
      if (tls13) {
        // Header 4, lifetime 4, age 4, nonce 1 + 8, length 2, extensions 2; then type 1 and tag 16.
        CHECK(records.back() == "23:" + std::to_string(ticket + 42));
        CHECK(records[records.size() - 2] == records.back());
        CHECK(records.front() == "22:122");
      } else {
        // Header 4, lifetime 4, length 2; then come change_cipher_spec and Finished.
        CHECK(records[records.size() - 3] == "22:" + std::to_string(ticket + 10));
        CHECK(records[records.size() - 2] == "20:1");
      }
    }
    const Server other({version});
    CHECK(Visit(other.port()).hex(FieldId::kTicketKeyName) != printed.names[0]);
  }
}

TEST_CASE("tickets are counted, none included") {
  if (no_openssl()) return;
  const Server none({"-tls1_2", "-no_ticket"});
  Visit without(none.port());
  INFO(without.json());
  CHECK_FALSE(without.has(FieldId::kSessionTicket));
  CHECK(without.text(FieldId::kTlsVersion) == "TLSv1.2");
  if (!engine_speaks_tls13()) return;
  for (const std::uint64_t count : {0U, 1U, 5U}) {
    const Server server({"-tls1_3", "-num_tickets", std::to_string(count)});
    Visit visit(server.port());
    INFO(visit.json());
    CHECK(visit.number(FieldId::kTicketCount) == count);
    CHECK(visit.list(FieldId::kTicketLengths).size() == std::min<std::size_t>(count, kMaxTickets));
    CHECK(visit.list(FieldId::kTlsRecords).size() == 6 + count);
    // Replies were read behind them.
    CHECK(visit.outcome() != "reply_timeout");
  }
}

TEST_CASE("a request for a client's certificate is noted, answered or not") {
  if (no_openssl()) return;
  for (const std::string& version : versions()) {
    for (const char* how : {"-verify", "-Verify"}) {
      const Server server({version, how, "1"});
      Visit visit(server.port());
      INFO(version << " " << how << " " << visit.json());
      CHECK(visit.number(FieldId::kTlsClientCert) == 1);
      CHECK((visit.outcome() == "malformed_reply") == (how == std::string("-verify")));
      CHECK(visit.has(FieldId::kTlsJa3s));
    }
  }
}

TEST_CASE("the ServerHello of TLS 1.2 and the curve of its key exchange") {
  if (no_openssl()) return;
  const struct {
    const char* name;
    std::uint64_t number;
  } groups[] = {{"P-256", 23}, {"P-384", 24}};
  for (const auto& group : groups) {
    const Server server(
        {"-tls1_2", "-groups", group.name, "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"});
    Visit visit(server.port());
    INFO(visit.json());
    CHECK(visit.number(FieldId::kHelloVersion) == 0x0303);
    CHECK_FALSE(visit.has(FieldId::kHelloSelectedVersion));
    CHECK(visit.number(FieldId::kHelloCipherSuite) == 0xC02B);
    CHECK(visit.number(FieldId::kHelloKeyShare) == group.number);
    CHECK_FALSE(visit.has(FieldId::kHelloRetryRequest));
    CHECK_FALSE(visit.has(FieldId::kTlsEncryptedExtensions));
    // OpenSSL's order (tests/vectors/tls/openssl-rsa-tls12.txt); ours has no EtM to acknowledge.
    CHECK(visit.text(FieldId::kTlsJa3s) == "771,49195,65281-11-35-23");
    CHECK(visit.number(FieldId::kUsTlsFirstByte) > 0);
    CHECK(visit.number(FieldId::kUsTlsFirstByte) <= visit.number(FieldId::kUsTls));
  }
}

TEST_CASE("TLS 1.3: encrypted extensions, group and a HelloRetryRequest") {
  if (no_openssl()) return;
  if (!engine_speaks_tls13()) {
    WARN("skipped: " << engine_version() << " has no TLS 1.3");
    return;
  }
  const Server plain({"-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"});
  Visit visit(plain.port());
  INFO(visit.json());
  CHECK(visit.number(FieldId::kHelloVersion) == 0x0303);
  CHECK(visit.number(FieldId::kHelloSelectedVersion) == 0x0304);
  CHECK(visit.number(FieldId::kHelloCipherSuite) == 0x1302);
  CHECK(visit.number(FieldId::kHelloKeyShare) != 0);
  CHECK(visit.text(FieldId::kTlsJa3s) == "771,4866,43-51");
  // Header 4, length 2, type 1, tag 16; 4 more for a name that is acknowledged.
  CHECK(visit.number(FieldId::kTlsEncryptedExtensions) == 23);

  const Certificates& files = Certificates::get();
  const Server named({"-tls1_3", "-servername", "localhost", "-cert2", files.path("ec.pem"),
                      "-key2", files.path("ec.key")});
  CHECK(Visit(named.port(), "localhost").number(FieldId::kTlsEncryptedExtensions) == 27);
  CHECK(Visit(named.port()).number(FieldId::kTlsEncryptedExtensions) == 23);

  // The engine offers one key share; whichever it is, one of these servers wants another.
  bool retried = false;
  for (const char* group : {"P-256", "P-384"}) {
    const Server picky({"-tls1_3", "-groups", group, "-ciphersuites", "TLS_AES_256_GCM_SHA384"});
    Visit again(picky.port());
    INFO(group << " " << again.json());
    CHECK(again.number(FieldId::kHelloKeyShare) == (group == std::string("P-256") ? 23 : 24));
    CHECK(again.text(FieldId::kTlsJa3s) == "771,4866,43-51");
    if (!again.has(FieldId::kHelloRetryRequest)) continue;
    retried = true;
    CHECK(again.list(FieldId::kTlsRecords)[0] == "22:88");
    CHECK(again.list(FieldId::kTlsRecords)[1] == "20:1");
    CHECK(again.number(FieldId::kTlsEncryptedExtensions) == 23);
  }
  CHECK(retried);
}

TEST_CASE("a warning before the hello is noted") {
  if (no_openssl()) return;
  const Certificates& files = Certificates::get();
  const Server server({"-tls1_2", "-servername", "other.example", "-cert2", files.path("ec.pem"),
                       "-key2", files.path("ec.key")});
  Visit visit(server.port(), "localhost");
  INFO(visit.json());
  CHECK(visit.has(FieldId::kTlsWarning));
  CHECK(visit.number(FieldId::kTlsWarning) == 112);  // unrecognized_name
  CHECK_FALSE(visit.has(FieldId::kTlsAlert));
}

// Says the same to everyone who says something, and closes.
class Teller {
 public:
  Teller() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(listener_ >= 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &length) == 0);
    port_ = ntohs(at.sin_port);
  }
  ~Teller() { ::close(listener_); }
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  // The JSON of a visit that is told this.
  template <typename Judge>
  void tell(const std::string& what, const Judge& judge) {
    std::thread server([&] {
      const int client = ready(listener_) ? ::accept(listener_, nullptr, nullptr) : -1;
      char buffer[4096];
      if (client >= 0 && ready(client) && ::read(client, buffer, sizeof buffer) > 0) {
        static_cast<void>(::send(client, what.data(), what.size(), MSG_NOSIGNAL));
        ::shutdown(client, SHUT_WR);
        while (ready(client) && ::read(client, buffer, sizeof buffer) > 0) {
        }
      }
      if (client >= 0) ::close(client);
    });
    Visit visit(port_);
    server.join();
    INFO(visit.json());
    judge(visit);
  }

 private:
  static bool ready(int descriptor) {
    pollfd wait{descriptor, POLLIN, 0};
    return ::poll(&wait, 1, 10000) == 1;
  }

  int listener_ = -1;
  std::uint16_t port_ = 0;
};

TEST_CASE("HTTP, SSH and JSON on a TLS port are another protocol, and leave no trace") {
  Teller teller;
  for (const std::string& text :
       {std::string("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html></html>\r\n"),
        std::string("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
        std::string("{\"jsonrpc\": \"2.0\", \"error\": {\"code\": -32700}, \"id\": null}\n")}) {
    INFO(text);
    teller.tell(text, [](Visit& visit) {
      CHECK(visit.outcome() == "wrong_protocol");
      CHECK_FALSE(visit.has(FieldId::kTlsRecords));
      CHECK_FALSE(visit.has(FieldId::kServerHello));
      CHECK_FALSE(visit.has(FieldId::kTlsAlert));
      CHECK(visit.has(FieldId::kUsTlsFirstByte));
    });
  }
}

TEST_CASE("every alert, of either level, ends in an outcome and is recorded by its number") {
  Teller teller;
  for (const int level : {1, 2}) {
    for (int alert = 0; alert < 256; alert += alert < 128 ? 1 : 16) {
      INFO(level << " " << alert);
      const std::string record = {
          21, 3, 3, 0, 2, static_cast<char>(level), static_cast<char>(alert)};
      teller.tell(record, [&](Visit& visit) {
        const FieldId field = level == 2 ? FieldId::kTlsAlert : FieldId::kTlsWarning;
        CHECK(visit.has(field));
        CHECK(visit.number(field) == static_cast<std::uint64_t>(alert));
        CHECK(visit.has(FieldId::kTlsAlert) == (level == 2));
        CHECK(visit.list(FieldId::kTlsRecords) == std::vector<std::string>{"21:2"});
        if (level == 2) {
          CHECK(visit.outcome() == (alert == 70 ? "tls_no_version" : "tls_alert"));
        } else {
          // close_notify, or what comes instead of more: the end.
          CHECK(std::set<std::string>{"closed", "tls_failed"}.count(visit.outcome()) == 1);
        }
      });
    }
  }
}

}  // namespace
}  // namespace observatory::mbedtls
