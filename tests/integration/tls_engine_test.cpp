// SPDX-License-Identifier: MIT
// MbedtlsEngine against OpenSSL: real handshakes over loopback with `openssl s_server`, judged by
// what the `openssl` command says of the same files. Without that command the cases are skipped.
#include <algorithm>
#include <array>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "platform/mbedtls/mbedtls_digest.h"
#include "platform/mbedtls/mbedtls_engine.h"
#include "platform/mbedtls/mbedtls_shared.h"
#include "platform/posix/posix_clock.h"
#include "platform/posix/posix_network.h"
#include "platform/posix/posix_random.h"
#include "platform/posix/posix_waker.h"
#include "tests/catch2.h"
#include "tests/integration/openssl_peer.h"

namespace observatory::mbedtls {
namespace {

using test::Bytes;
using test::CertificateFolder;
using test::no_openssl;
using test::output_of;
using test::read_file;
using test::Words;

// Made once.
class Certificates final : public CertificateFolder {
 public:
  static const Certificates& get() {
    static const Certificates made;
    return made;
  }

  // More of them, for the cases that look at chains.
  static void make_odd_ones() {
    static const bool made = [] {
      get().roots_that_do_not_help();
      get().what_mbedtls_cannot_read();
      return true;
    }();
    REQUIRE(made);
  }

 private:
  Certificates() {
    std::ofstream(path("ca.cnf")) << "[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\n"
                                     "database=index\nserial=serial\ndefault_md=sha256\n"
                                     "policy=p\nunique_subject=no\n[p]\ncommonName=supplied\n";
    std::ofstream(path("index"));
    std::ofstream(path("serial")) << "1000\n";

    self_signed("rsa", "rsa:2048", "-sha256");
    self_signed("ec", "ec -pkeyopt ec_paramgen_curve:P-256", "-sha256");
    self_signed("weak", "rsa:1024", "-sha1");
    self_signed("root", "rsa:2048", "-sha256");
    issued("inter", "rsa:2048", "root", true);
    issued("leaf", "rsa:2048", "inter", false);
    run("(cat inter.pem root.pem > rest.pem)");
    request("expired", "rsa:2048");
    run("openssl ca -batch -config ca.cnf -notext -cert root.pem -keyfile root.key -extfile "
        "leaf.ext -startdate 20200101000000Z -enddate 20210101000000Z -in expired.csr -out "
        "expired.pem");
    // OpenSSL writes version 1 by itself up to 3.2, and on request from 3.3 on.
    request("v1", "rsa:2048");
    run("(openssl req -config req.cnf -x509v1 -nodes -days 30 -subj /CN=v1 -newkey rsa:2048 "
        "-keyout v1.key -out "
        "v1.pem || openssl ca -batch -config ca.cnf -notext -selfsign -keyfile v1.key -days 30 "
        "-in v1.csr -out v1.pem)");
  }

  static constexpr const char* kEc = "ec -pkeyopt ec_paramgen_curve:P-256";

  void roots_that_do_not_help() const {
    run("openssl req -x509 -config req.cnf -nodes -days 30 -subj /CN=root -newkey " +
        std::string(kEc) +
        " -addext basicConstraints=critical,CA:TRUE -keyout namesake.key -out "
        "namesake.pem");
    issued("below", kEc, "leaf", false);
    run("(cat leaf.pem inter.pem > above.pem)");
    run("openssl req -x509 -config req.cnf -nodes -days 30 -subj /CN=short -newkey " +
        std::string(kEc) +
        " -addext basicConstraints=critical,CA:TRUE,pathlen:0 -keyout short.key "
        "-out short.pem");
    issued("middle", kEc, "short", true);
    issued("end", kEc, "middle", false);
    issued("direct", kEc, "short", false);
  }

  void what_mbedtls_cannot_read() const {
    std::ofstream(path("critical.ext")) << "1.2.3.4.5=critical,ASN1:UTF8:unknown\n";
    request("critical", kEc);
    run("openssl x509 -req -in critical.csr -CA root.pem -CAkey root.key -set_serial 77 -days 30 "
        "-extfile critical.ext -out critical.pem");
    self_signed("ed", "ed25519");
    issued("below-ed", kEc, "ed", false);
    self_signed("curve", "ec -pkeyopt ec_paramgen_curve:sect283k1");
    run("(cat ed.pem inter.pem > ed-inter.pem)");
  }
};

struct Server : test::Server {
  Server(const std::string& name, const Words& options)
      : test::Server(Certificates::get(), name, options) {}
};

// One engine and what it needs.
struct Client {
  explicit Client(const std::string& root = {}) : shared(random), engine(shared) {
    REQUIRE(shared.start());
    if (root.empty()) return;
    REQUIRE(shared.add_roots(Certificates::get().pem_with_zero(root)).ok);
  }

  const TlsPeer& peer() const { return engine.peer(); }

  posix::PosixRandom random;
  MbedtlsShared shared;
  MbedtlsEngine engine;
};

// A stream to a server, with the engine at this end of it.
class Link {
 public:
  Link(Client& client, std::uint16_t port, TlsOffer offer = TlsOffer::kNewest,
       const std::string& name = "electrum.example", std::size_t piece = 4096)
      : engine_(client.engine), network_(waker_), piece_(piece) {
    IpAddress loopback;
    loopback.bytes = {127, 0, 0, 1};
    NetError why = NetError::kNone;
    stream_ = network_.connect({loopback, port}, why);
    REQUIRE(stream_ != kNoStream);
    std::array<Interest, 1> interest{{{stream_, false, true, false}}};
    network_.wait(interest, posix::monotonic_now() + 10 * kSecond);
    REQUIRE(network_.connected(stream_).count == 1);
    REQUIRE(engine_.reset(name, offer));
    run([this] { return engine_.state() != TlsState::kHandshake; });
  }

  ~Link() { network_.close(stream_); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Moves bytes until `done`, the end of the stream, or ten seconds have passed.
  template <typename Done>
  void run(Done done) {
    const Instant deadline = posix::monotonic_now() + 10 * kSecond;
    while (!done() && posix::monotonic_now() < deadline) {
      if (!step()) return;
      if (done()) return;
      std::array<Interest, 1> interest{{{stream_, true, !outgoing_.empty(), false}}};
      network_.wait(interest, deadline);
    }
  }

  void send(std::string_view text) {
    while (!text.empty() && engine_.state() == TlsState::kOpen) {
      text.remove_prefix(engine_.put_plaintext(as_bytes(text)));
      if (!step()) return;
    }
  }

  const std::string& received() const { return received_; }

 private:
  void flush() {
    std::array<std::uint8_t, 4096> buffer;
    const std::size_t limit = std::min(piece_, buffer.size());
    for (;;) {
      const std::size_t count = engine_.take_ciphertext(std::span(buffer).first(limit));
      if (count == 0) break;
      outgoing_.insert(outgoing_.end(), buffer.begin(),
                       buffer.begin() + static_cast<std::ptrdiff_t>(count));
    }
    if (!outgoing_.empty()) {
      const IoResult sent = network_.write(stream_, outgoing_);
      outgoing_.erase(outgoing_.begin(),
                      outgoing_.begin() + static_cast<std::ptrdiff_t>(sent.count));
    }
  }

  // What reading made the engine say goes out at once: the peer may be waiting for it.
  bool step() {
    flush();
    std::array<std::uint8_t, 4096> buffer;
    IoResult got = network_.read(stream_, buffer);
    for (ByteView rest = ByteView(buffer).first(got.count); !rest.empty();) {
      const ByteView part = rest.first(std::min(piece_, rest.size()));
      rest = rest.subspan(engine_.put_ciphertext(part));
      take();
    }
    take();
    flush();
    return got.error == NetError::kNone;
  }

  void take() {
    std::array<std::uint8_t, 700> plain;
    const MutableByteView into = std::span(plain).first(std::min(piece_, plain.size()));
    while (engine_.state() == TlsState::kOpen) {
      const std::size_t count = engine_.take_plaintext(into);
      if (count == 0) break;
      received_ += as_text(into.first(count));
    }
  }

  MbedtlsEngine& engine_;
  posix::PosixWaker waker_;
  posix::PosixNetwork network_;
  std::size_t piece_;
  StreamId stream_ = kNoStream;
  Bytes outgoing_;
  std::string received_;
};

bool is_der_of(ByteView bytes, const std::string& name) {
  const Bytes der = Certificates::get().der(name);
  return !der.empty() && std::equal(bytes.begin(), bytes.end(), der.begin(), der.end());
}

// Connects with the newest version and, where the engine asks for it, once more without TLS 1.3.
std::unique_ptr<Link> open(Client& client, const Server& server,
                           const std::string& name = "electrum.example", std::size_t piece = 4096) {
  auto link = std::make_unique<Link>(client, server.port(), TlsOffer::kNewest, name, piece);
  if (client.peer().retry_with_tls12) {
    CHECK(client.engine.state() == TlsState::kFailed);
    link = std::make_unique<Link>(client, server.port(), TlsOffer::kTls12, name, piece);
  }
  INFO("engine error " << client.peer().engine_error);
  CHECK(client.engine.state() == TlsState::kOpen);
  return link;
}

TEST_CASE("the engine names itself") {
  const std::string version = engine_version();
  INFO(version);
  CHECK(version.starts_with("mbedTLS "));
  CHECK(std::count(version.begin(), version.end(), '.') == 2);
  CHECK(version == engine_version());
}

TEST_CASE("SHA-256 of FIPS 180-4's example, in pieces, twice") {
  const Sha256 expected = {0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA, 0x41, 0x41, 0x40,
                           0xDE, 0x5D, 0xAE, 0x22, 0x23, 0xB0, 0x03, 0x61, 0xA3, 0x96, 0x17,
                           0x7A, 0x9C, 0xB4, 0x10, 0xFF, 0x61, 0xF2, 0x00, 0x15, 0xAD};
  MbedtlsDigest digest;
  for (int i = 0; i < 2; ++i) {
    Sha256 result{};
    digest.start();
    digest.update(as_bytes("forgotten"));
    digest.start();
    digest.update(as_bytes("a"));
    digest.update({});
    digest.update(as_bytes("bc"));
    digest.finish(result);
    CHECK(result == expected);
  }
}

TEST_CASE("a queue of bytes keeps order and bound") {
  ByteQueue<4> queue;
  std::array<std::uint8_t, 8> into{};
  CHECK(queue.put(as_bytes("abcdef")) == 4);
  CHECK(queue.room() == 0);
  CHECK(queue.take(std::span(into).first(3)) == 3);
  CHECK(queue.put(as_bytes("xyz")) == 3);
  CHECK(queue.put(as_bytes("!")) == 0);
  CHECK(queue.take(into) == 4);
  CHECK(as_text(std::span(into).first(4)) == "dxyz");
  CHECK(queue.take(into) == 0);
}

// Whether the library was built with what a cipher suite, by OpenSSL's name, needs.
bool has_suite(std::string_view name) {
  [[maybe_unused]] const auto holds = [&](std::string_view part) {
    return name.find(part) != name.npos;
  };
  bool there = true;
#if !defined(MBEDTLS_CCM_C)
  there = there && !holds("CCM");
#endif
#if !defined(MBEDTLS_CIPHER_MODE_CBC)
  there = there && (holds("GCM") || holds("CCM") || holds("CHACHA20"));
#endif
#if !defined(MBEDTLS_KEY_EXCHANGE_RSA_ENABLED)
  there = there && (holds("ECDHE") || holds("TLS_"));
#endif
  if (!there) WARN("skipped: this mbedTLS has no " << name);
  return there;
}

TEST_CASE("TLS 1.2: version, cipher as OpenSSL names it, and the echo") {
  if (no_openssl()) return;
  Client client;
  const struct {
    const char* certificate;
    const char* cipher;
  } table[] = {{"rsa", "ECDHE-RSA-AES256-GCM-SHA384"}, {"rsa", "ECDHE-RSA-CHACHA20-POLY1305"},
               {"rsa", "ECDHE-RSA-AES128-SHA256"},     {"rsa", "ECDHE-RSA-AES256-SHA384"},
               {"rsa", "AES128-GCM-SHA256"},           {"ec", "ECDHE-ECDSA-AES128-GCM-SHA256"},
               {"ec", "ECDHE-ECDSA-AES256-SHA"},       {"ec", "ECDHE-ECDSA-AES128-CCM8"}};
  for (const auto& row : table) {
    if (!has_suite(row.cipher)) continue;
    INFO(row.cipher);
    const Server server(row.certificate,
                        {"-tls1_2", "-cipher", std::string(row.cipher) + ":@SECLEVEL=0"});
    const auto link = open(client, server);
    const TlsPeer& peer = client.peer();
    CHECK(peer.version == "TLSv1.2");
    const std::string names = output_of(std::string("openssl ciphers -tls1_2 -s -stdname ") +
                                        row.cipher + ":@SECLEVEL=0");
    CHECK(names.find(std::string(peer.cipher) + " ") != std::string::npos);
    CHECK(peer.cipher.starts_with("TLS_"));
    REQUIRE(peer.chain_size == 1);
    CHECK(peer.chain_sent == 1);
    CHECK(is_der_of(peer.chain[0], row.certificate));
    CHECK(peer.self_signed == true);
    CHECK(peer.trust == TlsTrust::kNotAsked);
    CHECK(peer.failure == TlsFailure::kNone);

    link->send("electrum\n");
    link->run([&] { return link->received().size() >= 9; });
    CHECK(link->received() == "murtcele\n");
  }
}

TEST_CASE("TLS 1.3: where the engine has it, else no common version") {
  if (no_openssl()) return;
  Client client;
  for (const char* cipher : {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256",
                             "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256"}) {
    if (!has_suite(cipher)) continue;
    for (const char* certificate : {"rsa", "ec"}) {
      INFO(cipher << " " << certificate);
      const Server server(certificate, {"-tls1_3", "-ciphersuites", cipher});
      Link link(client, server.port());
      const TlsPeer& peer = client.peer();
      if (!engine_speaks_tls13()) {
        WARN("TLS 1.3 is skipped: " << engine_version() << " has none");
        CHECK(client.engine.state() == TlsState::kFailed);
        CHECK(peer.failure == TlsFailure::kNoCommonVersion);
        CHECK(peer.alert == 70);
        CHECK_FALSE(peer.retry_with_tls12);
        return;
      }
      INFO("engine error " << peer.engine_error);
      REQUIRE(client.engine.state() == TlsState::kOpen);
      CHECK(peer.version == "TLSv1.3");
      CHECK(peer.cipher == cipher);
      REQUIRE(peer.chain_size == 1);
      CHECK(is_der_of(peer.chain[0], certificate));
      CHECK(peer.self_signed == true);

      // The session tickets that come first are no data and no error.
      link.send("electrum\n");
      link.run([&] { return link.received().size() >= 9; });
      CHECK(link.received() == "murtcele\n");

      const Server old(certificate, {"-tls1_2"});
      const Link retreat(client, old.port(), TlsOffer::kTls12);
      CHECK(client.engine.state() == TlsState::kOpen);
      CHECK(client.peer().version == "TLSv1.2");
    }
  }
}

TEST_CASE("kTls12 never offers more than TLS 1.2") {
  if (no_openssl()) return;
  Client client;
  const Server both("rsa", {});
  const Link link(client, both.port(), TlsOffer::kTls12);
  CHECK(client.engine.state() == TlsState::kOpen);
  CHECK(client.peer().version == "TLSv1.2");
  const Server new_only("rsa", {"-tls1_3"});
  const Link refused(client, new_only.port(), TlsOffer::kTls12);
  CHECK(client.engine.state() == TlsState::kFailed);
  CHECK(client.peer().failure == TlsFailure::kNoCommonVersion);
  CHECK_FALSE(client.peer().retry_with_tls12);
}

TEST_CASE("a TLS 1.2 server that insists on RSA-PSS is reached, if need be at the second try") {
  if (no_openssl()) return;
  Client client;
  const Server server("rsa", {"-tls1_2", "-serverpref"});
  const auto link = open(client, server);
  CHECK(client.peer().version == "TLSv1.2");
}

TEST_CASE("a chain of three is kept whole and leads to its root") {
  if (no_openssl()) return;
  const char* const roots[] = {"", "root", "rsa"};
  const TlsTrust verdicts[] = {TlsTrust::kNotAsked, TlsTrust::kTrusted, TlsTrust::kUntrusted};
  const Server server("leaf", {"-cert_chain", Certificates::get().path("rest.pem")});
  for (std::size_t i = 0; i < std::size(roots); ++i) {
    INFO("trusting: " << roots[i]);
    Client client(roots[i]);
    const auto link = open(client, server);
    const TlsPeer& peer = client.peer();
    REQUIRE(peer.chain_size == 3);
    CHECK(is_der_of(peer.chain[0], "leaf"));
    CHECK(is_der_of(peer.chain[1], "inter"));
    CHECK(is_der_of(peer.chain[2], "root"));
    CHECK(peer.self_signed == false);
    CHECK(peer.trust == verdicts[i]);
  }
}

TEST_CASE("more certificates than are kept: the first ones, and a mark") {
  if (no_openssl()) return;
  const Certificates& files = Certificates::get();
  const Bytes inter = read_file(files.path("inter.pem"));
  std::ofstream many(files.path("many.pem"), std::ios::binary);
  for (int i = 1; i < 12; ++i) {
    many.write(reinterpret_cast<const char*>(inter.data()),
               static_cast<std::streamsize>(inter.size()));
  }
  many.close();
  Client client("root");
  const Server server("leaf", {"-cert_chain", files.path("many.pem")});
  const auto link = open(client, server);
  CHECK(client.peer().chain_size == kMaxChain);
  CHECK(client.peer().chain_sent == 12);
  CHECK(is_der_of(client.peer().chain[kMaxChain - 1], "inter"));
  CHECK(client.peer().trust == TlsTrust::kTrusted);
}

TEST_CASE("expired, version 1, weak, and under a wrong name: seen all the same") {
  if (no_openssl()) return;
  const Bytes v1 = Certificates::get().der("v1");
  REQUIRE(v1.size() > 9);
  // SEQUENCE, SEQUENCE, then the serial number (INTEGER) where version 3 has an [0].
  CHECK(v1[8] == 0x02);

  const struct {
    const char* certificate;
    bool self_signed;
    TlsTrust trust;
    const char* name;
  } table[] = {
      {"expired", false, TlsTrust::kTrusted, "electrum.example"},
      {"expired", false, TlsTrust::kTrusted, "another.example."},
      {"v1", true, TlsTrust::kUntrusted, ""},
      {"weak", true, TlsTrust::kUntrusted, "127.0.0.1"},
      {"root", true, TlsTrust::kTrusted, "::1"},
  };
  Client client("root");
  for (const auto& row : table) {
    for (const char* version : {"-tls1_2", "-tls1_3"}) {
      if (version == std::string("-tls1_3") && !engine_speaks_tls13()) continue;
      INFO(row.certificate << " " << version << " as \"" << row.name << "\"");
      const Server server(row.certificate, {version, "-cipher", "DEFAULT:@SECLEVEL=0"});
      const auto link = open(client, server, row.name);
      const TlsPeer& peer = client.peer();
      REQUIRE(peer.chain_size == 1);
      CHECK(is_der_of(peer.chain[0], row.certificate));
      CHECK(peer.self_signed == row.self_signed);
      CHECK(peer.trust == row.trust);
    }
  }
}

TEST_CASE("an untrusted chain says where its path to a root ended") {
  if (no_openssl()) return;
  Certificates::make_odd_ones();
  const struct {
    const char* certificate;
    const char* chain;
    const char* root;
    TlsDistrust why;
  } table[] = {
      {"leaf", "", "root", TlsDistrust::kUnknownIssuer},
      {"leaf", "inter.pem", "rsa", TlsDistrust::kUnknownIssuer},
      {"leaf", "rest.pem", "rsa", TlsDistrust::kUnknownRoot},
      {"rsa", "", "root", TlsDistrust::kUnknownRoot},
      {"leaf", "inter.pem", "namesake", TlsDistrust::kBadSignature},
      {"below", "above.pem", "root", TlsDistrust::kNotAuthority},
      {"end", "middle.pem", "short", TlsDistrust::kPathTooLong},
      {"direct", "", "short", TlsDistrust::kNone},
      {"leaf", "rest.pem", "root", TlsDistrust::kNone},
  };
  for (const auto& row : table) {
    INFO(row.certificate << " with " << row.chain << ", trusting " << row.root);
    Client client(row.root);
    Words options;
    if (*row.chain != '\0') options = {"-cert_chain", Certificates::get().path(row.chain)};
    const Server server(row.certificate, options);
    const auto link = open(client, server);
    CHECK(client.peer().trust ==
          (row.why == TlsDistrust::kNone ? TlsTrust::kTrusted : TlsTrust::kUntrusted));
    CHECK(int(client.peer().distrust) == int(row.why));
  }
}

TEST_CASE("a certificate that the library cannot read is listed with what came after it") {
  if (no_openssl()) return;
  Certificates::make_odd_ones();
  using Part = TlsUnreadable::Part;
  using Why = TlsUnreadable::Why;
  const struct {
    const char* certificate;
    const char* chain;
    Words names;
    TlsUnreadable unreadable;
    bool opens;
  } table[] = {
      {"critical", "inter.pem", {"critical", "inter"}, {Part::kExtensions, Why::kTag}, false},
      {"leaf", "critical.pem", {"leaf", "critical"}, {Part::kExtensions, Why::kTag}, false},
      {"leaf", "curve.pem", {"leaf", "curve"}, {Part::kKey, Why::kUnsupported}, false},
      // Its own signature algorithm is unknown: the library would take the next one for the leaf.
      {"below-ed",
       "inter.pem",
       {"below-ed", "inter"},
       {Part::kAlgorithm, Why::kUnsupported},
       false},
      {"leaf", "ed-inter.pem", {"leaf", "inter"}, {Part::kAlgorithm, Why::kUnsupported}, true},
  };
  for (const auto& row : table) {
    for (const char* version : {"-tls1_2", "-tls1_3"}) {
      if (version == std::string("-tls1_3") && !engine_speaks_tls13()) continue;
      INFO(row.certificate << " with " << row.chain << " " << version);
      Client client("root");
      const Server server(row.certificate,
                          {version, "-cert_chain", Certificates::get().path(row.chain)});
      const bool newest = version == std::string("-tls1_3");
      const Link link(client, server.port(), newest ? TlsOffer::kNewest : TlsOffer::kTls12);
      const TlsPeer& peer = client.peer();
      INFO("engine error " << peer.engine_error);
      CHECK(client.engine.state() == (row.opens ? TlsState::kOpen : TlsState::kFailed));
      CHECK(peer.failure == (row.opens ? TlsFailure::kNone : TlsFailure::kBadCertificate));
      CHECK(peer.self_signed.has_value() == row.opens);
      CHECK(int(peer.unreadable.part) == int(row.unreadable.part));
      CHECK(int(peer.unreadable.why) == int(row.unreadable.why));
      CHECK_FALSE(peer.retry_with_tls12);
      REQUIRE(peer.chain_size == row.names.size());
      for (std::size_t i = 0; i < row.names.size(); ++i)
        CHECK(is_der_of(peer.chain[i], row.names[i]));
      CHECK(peer.chain_sent == (row.opens ? 3 : 2));
    }
  }
}

TEST_CASE("an unknown signature algorithm at the end of a chain hides no server") {
  if (no_openssl()) return;
  Certificates::make_odd_ones();
  Client client("root");
  const Server server("leaf", {"-cert_chain", Certificates::get().path("ed.pem")});
  const auto link = open(client, server);
  const TlsPeer& peer = client.peer();
  CHECK(int(peer.unreadable.part) == int(TlsUnreadable::Part::kAlgorithm));
  REQUIRE(peer.chain_size == 1);
  CHECK(peer.chain_sent == 2);
  CHECK(is_der_of(peer.chain[0], "leaf"));
}

TEST_CASE("a server that demands a client certificate: alert and chain are both known") {
  if (no_openssl()) return;
  Client client;
  const Server server("rsa", {"-tls1_2", "-Verify", "1"});
  Link link(client, server.port(), TlsOffer::kTls12);
  CHECK(client.engine.state() == TlsState::kFailed);
  CHECK(client.peer().failure == TlsFailure::kAlertReceived);
  CHECK(client.peer().alert == 40);  // handshake_failure
  REQUIRE(client.peer().chain_size == 1);
  CHECK(is_der_of(client.peer().chain[0], "rsa"));

  if (!engine_speaks_tls13()) return;
  const Server newer("rsa", {"-tls1_3", "-Verify", "1"});
  Link late(client, newer.port());
  late.run([&] { return client.engine.state() != TlsState::kOpen; });
  CHECK(client.peer().failure == TlsFailure::kAlertReceived);
  CHECK(client.peer().alert == 116);  // certificate_required, after our Finished
  CHECK(client.peer().chain_size == 1);
}

TEST_CASE("no cipher in common is an alert with its number") {
  if (no_openssl()) return;
  Client client;
  const Server server("rsa", {"-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"});
  Link link(client, server.port());
  CHECK(client.engine.state() == TlsState::kFailed);
  CHECK(client.peer().failure == TlsFailure::kAlertReceived);
  CHECK(client.peer().alert == 40);
}

TEST_CASE("any split of the bytes gives the same session") {
  if (no_openssl()) return;
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    if (version == std::string("-tls1_3") && !engine_speaks_tls13()) continue;
    const Server server("leaf", {version, "-cert_chain", Certificates::get().path("rest.pem")});
    for (const std::size_t piece : {1U, 2U, 7U, 63U, 1460U}) {
      INFO(version << " in pieces of " << piece);
      Client client("root");
      const auto link = open(client, server, "electrum.example", piece);
      REQUIRE(client.peer().chain_size == 3);
      CHECK(is_der_of(client.peer().chain[2], "root"));
      CHECK(client.peer().trust == TlsTrust::kTrusted);
      // More than both queues hold.
      const std::string line = std::string(9000, 'x') + "y";
      link->send(line + "\n");
      link->run([&] { return link->received().size() >= line.size() + 1; });
      CHECK(link->received() == "y" + std::string(9000, 'x') + "\n");
    }
  }
}

TEST_CASE("close_notify goes out and comes back") {
  if (no_openssl()) return;
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    if (version == std::string("-tls1_3") && !engine_speaks_tls13()) continue;
    INFO(version);
    Client client;
    const Server server("rsa", {version});
    const auto link = open(client, server);
    client.engine.close();
    client.engine.close();
    CHECK(client.engine.put_plaintext(as_bytes("too late")) == 0);
    link->run([&] { return client.engine.state() != TlsState::kOpen; });
    CHECK(client.engine.state() == TlsState::kClosed);
    CHECK(client.peer().failure == TlsFailure::kNone);
    CHECK(client.peer().chain_size == 1);  // what was learned stays
    CHECK(client.engine.put_ciphertext(as_bytes("ignored")) == 7);
  }
}

// The rest needs no server: the engine is handed the bytes.

std::string hello_of(Client& client, std::string_view name, TlsOffer offer = TlsOffer::kNewest) {
  REQUIRE(client.engine.reset(name, offer));
  std::array<std::uint8_t, 2048> buffer;
  const std::size_t count = client.engine.take_ciphertext(buffer);
  REQUIRE(count > 50);
  REQUIRE(count < buffer.size());
  CHECK(buffer[0] == 22);
  return std::string(as_text(std::span(buffer).first(count)));
}

TEST_CASE("the hello carries the name, but neither a trailing dot nor a literal") {
  Client client;
  CHECK(hello_of(client, "electrum.example").find("electrum.example") != std::string::npos);
  CHECK(hello_of(client, "dotted.example.").find("dotted.example.") == std::string::npos);
  CHECK(hello_of(client, "dotted.example.").find("dotted.example") != std::string::npos);
  CHECK(hello_of(client, "192.0.2.1").find("192.0.2.1") == std::string::npos);
  CHECK(hello_of(client, "2001:db8::1").find("2001:db8") == std::string::npos);
  const std::string longest(255, 'n');
  CHECK(hello_of(client, longest).find(longest) != std::string::npos);
  CHECK(hello_of(client, longest + "n").find("nnn") == std::string::npos);
}

TEST_CASE("peers that speak something else are recognised at the first byte") {
  Client client;
  for (const char* text : {"HTTP/1.1 400 Bad Request\r\n", "{\"jsonrpc\":\"2.0\"}\n",
                           "SSH-2.0-OpenSSH_9.2\r\n", "220 smtp\r\n", "\x16\x02"}) {
    for (const std::size_t piece : {1U, 100U}) {
      INFO(text << " in pieces of " << piece);
      REQUIRE(client.engine.reset("electrum.example", TlsOffer::kNewest));
      for (ByteView rest = as_bytes(text); !rest.empty();) {
        const std::size_t count = std::min(piece, rest.size());
        CHECK(client.engine.put_ciphertext(rest.first(count)) == count);
        rest = rest.subspan(count);
      }
      CHECK(client.engine.state() == TlsState::kFailed);
      CHECK(client.peer().failure == TlsFailure::kNotTls);
    }
  }
}

TEST_CASE("each alert is told by its number") {
  Client client;
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{40, 42, 70, 80, 112}) {
    INFO(int{alert});
    const std::array<std::uint8_t, 7> record = {21, 3, 3, 0, 2, 2, alert};
    REQUIRE(client.engine.reset("electrum.example", TlsOffer::kNewest));
    CHECK(client.engine.put_ciphertext(record) == record.size());
    CHECK(client.engine.state() == TlsState::kFailed);
    CHECK(client.peer().alert == alert);
    CHECK(client.peer().failure ==
          (alert == 70 ? TlsFailure::kNoCommonVersion : TlsFailure::kAlertReceived));
    CHECK(client.peer().engine_error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
  }
}

TEST_CASE("a server of TLS 1.0 has no version in common") {
  // A ServerHello of version 3.1: random of 32 zeros, no session, TLS_RSA_WITH_AES_128_CBC_SHA.
  Bytes hello = {22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1};
  hello.resize(hello.size() + 32);
  const Bytes rest = {0x00, 0x00, 0x2F, 0x00};
  hello.insert(hello.end(), rest.begin(), rest.end());
  Client client;
  REQUIRE(client.engine.reset("electrum.example", TlsOffer::kNewest));
  CHECK(client.engine.put_ciphertext(hello) == hello.size());
  CHECK(client.engine.state() == TlsState::kFailed);
  INFO("engine error " << client.peer().engine_error);
  CHECK(client.peer().failure == TlsFailure::kNoCommonVersion);
}

TEST_CASE("records of nonsense are the peer's misbehaviour, and the alert for it can be taken") {
  Client client;
  Bytes nonsense = {22, 3, 3, 0, 200, 0x5A, 0, 0, 196};  // a handshake message of no known type
  nonsense.resize(205, 0x5A);
  REQUIRE(client.engine.reset("electrum.example", TlsOffer::kNewest));
  std::array<std::uint8_t, 2048> buffer;
  CHECK(client.engine.take_ciphertext(buffer) > 50);
  CHECK(client.engine.put_ciphertext(nonsense) == nonsense.size());
  CHECK(client.engine.state() == TlsState::kFailed);
  CHECK(client.peer().failure == TlsFailure::kPeerMisbehaved);
  CHECK(client.peer().engine_error != 0);
  CHECK_FALSE(client.peer().retry_with_tls12);
  CHECK(client.engine.put_ciphertext(nonsense) == nonsense.size());
}

TEST_CASE("an engine that was never reset is failed, and a file without roots is refused") {
  Client client;
  CHECK(client.engine.state() == TlsState::kFailed);
  CHECK(client.peer().failure == TlsFailure::kInternal);
  CHECK(client.engine.put_ciphertext(as_bytes("x")) == 1);
  std::array<std::uint8_t, 8> buffer;
  CHECK(client.engine.take_ciphertext(buffer) == 0);
  CHECK(client.engine.put_plaintext(as_bytes("x")) == 0);
  CHECK(client.engine.take_plaintext(buffer) == 0);

  const RootsResult roots = client.shared.add_roots(as_bytes("no certificate"));
  CHECK_FALSE(roots.ok);
  CHECK(roots.engine_error < 0);
  CHECK(client.shared.roots() == nullptr);
}

class NoRandom final : public Random {
 public:
  [[nodiscard]] bool fill(MutableByteView) override { return false; }
};

TEST_CASE("without random bytes there is no handshake") {
  NoRandom none;
  MbedtlsShared shared(none);
  REQUIRE(shared.start());
  MbedtlsEngine engine(shared);
  CHECK(engine.reset("electrum.example", TlsOffer::kNewest));
  CHECK(engine.state() == TlsState::kFailed);
  CHECK(engine.peer().failure == TlsFailure::kInternal);
}

}  // namespace
}  // namespace observatory::mbedtls
