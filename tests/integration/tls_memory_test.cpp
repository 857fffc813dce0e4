// SPDX-License-Identifier: MIT
// The memory of a TLS session: that it stays within its arena, that a lack of it is told and never
// taken for a fact about the server, and what a session needs (the hidden case [measure]).
//
// OpenSSL's half of a handshake is recorded once and played back: with the same random numbers the
// engine says the same, so that the same half fits again. That makes hundreds of handshakes cheap.
//
// The cases need an mbedTLS with MBEDTLS_PLATFORM_MEMORY, which no distribution has, and the
// openssl command; without either they are skipped, with a warning.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "platform/mbedtls/mbedtls_engine.h"
#include "platform/mbedtls/mbedtls_shared.h"
#include "tests/catch2.h"
#include "tests/integration/openssl_peer.h"

namespace observatory::mbedtls {
namespace {

using test::Bytes;
using test::CertificateFolder;
using test::Words;

constexpr std::size_t kPlenty = std::size_t{256} * 1024;
constexpr std::string_view kQuestion = "electrum\n";
constexpr std::string_view kAnswer = "murtcele\n";

bool skipped() {
  if (!compat::kHasMemoryHook || !compat::kSessionsKeepApart) {
    WARN("skipped: this mbedTLS does not let us give it memory");
    return true;
  }
  return test::no_openssl();
}

class Certificates final : public CertificateFolder {
 public:
  static const Certificates& get() {
    static const Certificates made;
    return made;
  }

 private:
  Certificates() {
    self_signed("p256", "ec -pkeyopt ec_paramgen_curve:P-256");
    self_signed("p384", "ec -pkeyopt ec_paramgen_curve:P-384");
    self_signed("rsa2048", "rsa:2048");
    self_signed("rsa4096", "rsa:4096");
    // A public authority's chain as long as they come: both above the leaf have large keys.
    self_signed("root", "rsa:4096");
    issued("inter", "rsa:4096", "root", true);
    issued("leaf", "rsa:2048", "inter", false);
    run("(cat inter.pem root.pem >chain3.pem)");
    // As many as are kept, each issued by the next.
    std::string rest;
    std::string issuer = "root";
    for (int i = 1; i <= 6; ++i) {
      const std::string name = "link" + std::to_string(i);
      issued(name, "rsa:2048", issuer, true);
      rest = name + ".pem " + rest;
      issuer = name;
    }
    issued("leaf8", "rsa:2048", issuer, false);
    run("(cat " + rest + "root.pem >chain8.pem)");
  }
};

struct Setting {
  const char* name;
  const char* certificate;
  const char* chain;  // what the server sends behind it, or null
  const char* root;   // what is trusted, or null
  bool tls13;
};

std::vector<Setting> settings() {
  std::vector<Setting> all;
  for (const bool tls13 : {false, true}) {
    if (tls13 && !engine_speaks_tls13()) continue;
    all.push_back({"P-256", "p256", nullptr, nullptr, tls13});
    all.push_back({"P-256, CA", "p256", nullptr, "root", tls13});
    all.push_back({"P-384", "p384", nullptr, nullptr, tls13});
    all.push_back({"RSA-2048", "rsa2048", nullptr, nullptr, tls13});
    all.push_back({"RSA-2048, CA", "rsa2048", nullptr, "rsa2048", tls13});
    all.push_back({"RSA-4096", "rsa4096", nullptr, nullptr, tls13});
    all.push_back({"RSA-4096, CA", "rsa4096", nullptr, "rsa4096", tls13});
    all.push_back({"chain of 3", "leaf", "chain3", nullptr, tls13});
    all.push_back({"chain of 3, CA", "leaf", "chain3", "root", tls13});
    all.push_back({"chain of 3, other CA", "leaf", "chain3", "rsa4096", tls13});
    all.push_back({"chain of 8", "leaf8", "chain8", nullptr, tls13});
    all.push_back({"chain of 8, CA", "leaf8", "chain8", "root", tls13});
  }
  return all;
}

// The same numbers for every conversation, however they take turns.
class Repeated final : public Random {
 public:
  // Whose numbers come next.
  void turn_of(std::uint64_t& state) { state_ = &state; }

  // xorshift64* (Vigna 2016).
  [[nodiscard]] bool fill(MutableByteView into) override {
    for (std::uint8_t& byte : into) {
      *state_ ^= *state_ >> 12;
      *state_ ^= *state_ << 25;
      *state_ ^= *state_ >> 27;
      byte = static_cast<std::uint8_t>(*state_ * 0x2545F4914F6CDD1D >> 56);
    }
    return true;
  }

 private:
  std::uint64_t own_ = 1;
  std::uint64_t* state_ = &own_;
};

// What all engines of a setting share.
struct Common {
  explicit Common(const char* root) : shared(random) {
    REQUIRE(shared.start());
    if (root == nullptr) return;
    REQUIRE(shared.add_roots(Certificates::get().pem_with_zero(root)).ok);
  }

  Repeated random;
  MbedtlsShared shared;
};

// All that an observation takes from an engine.
struct Seen {
  TlsState state = TlsState::kFailed;
  TlsFailure failure = TlsFailure::kNone;
  std::string version;
  std::string cipher;
  std::vector<Bytes> chain;
  bool truncated = false;
  bool self_signed = false;
  TlsTrust trust = TlsTrust::kNotAsked;
  std::string plaintext;

  bool operator==(const Seen&) const = default;
};

// One engine, its numbers, and its end of a conversation.
class Conversation {
 public:
  Conversation(Common& common, Arena* arena, bool tls13)
      : common_(common), engine_(common.shared, arena) {
    common_.random.turn_of(numbers_);
    static_cast<void>(
        engine_.reset("electrum.example", tls13 ? TlsOffer::kNewest : TlsOffer::kTls12));
  }

  // Hands over what the server said; false when that is enough.
  bool hear(ByteView bytes) {
    common_.random.turn_of(numbers_);
    while (!bytes.empty() && going()) {
      const std::size_t taken = engine_.put_ciphertext(bytes);
      bytes = bytes.subspan(taken);
      const std::size_t before = seen_.plaintext.size();
      if (engine_.state() == TlsState::kOpen) {
        remember();
        asked_ = asked_ || engine_.put_plaintext(as_bytes(kQuestion)) == kQuestion.size();
        std::array<std::uint8_t, 100> plain;
        while (const std::size_t count = engine_.take_plaintext(plain)) {
          seen_.plaintext += as_text(std::span(plain).first(count));
        }
      }
      if (taken == 0 && seen_.plaintext.size() == before) break;
    }
    return going();
  }

  Bytes say() {
    common_.random.turn_of(numbers_);
    Bytes said(4096);
    said.resize(engine_.take_ciphertext(said));
    return said;
  }

  Seen seen() {
    seen_.state = engine_.state();
    seen_.failure = engine_.peer().failure;
    return seen_;
  }

  MbedtlsEngine& engine() { return engine_; }

 private:
  bool going() {
    return (engine_.state() == TlsState::kHandshake || engine_.state() == TlsState::kOpen) &&
           seen_.plaintext.size() < kAnswer.size();
  }

  void remember() {
    const TlsPeer& peer = engine_.peer();
    seen_.version = peer.version;
    seen_.cipher = peer.cipher;
    seen_.chain.clear();
    for (std::size_t i = 0; i < peer.chain_size; ++i) {
      seen_.chain.emplace_back(peer.chain[i].begin(), peer.chain[i].end());
    }
    seen_.truncated = peer.chain_sent > peer.chain_size;
    seen_.self_signed = peer.self_signed == true;
    seen_.trust = peer.trust;
  }

  Common& common_;
  std::uint64_t numbers_ = 42;
  MbedtlsEngine engine_;
  bool asked_ = false;
  Seen seen_;
};

class Socket {
 public:
  explicit Socket(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{10, 0};
    REQUIRE(::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  }
  ~Socket() { ::close(socket_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void send(const Bytes& bytes) const {
    REQUIRE(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }
  Bytes receive() const {
    Bytes bytes(4096);
    const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    REQUIRE(count > 0);
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
  }

 private:
  int socket_;
};

// The server's half of a conversation, and what is to be seen in it.
struct Recording {
  Bytes said;
  Seen seen;
};

Recording record(const Setting& setting) {
  Words options = {setting.tls13 ? "-tls1_3" : "-tls1_2"};
  if (setting.chain != nullptr) {
    options.insert(options.end(),
                   {"-cert_chain", Certificates::get().path(setting.chain + std::string(".pem"))});
  }
  const test::Server server(Certificates::get(), setting.certificate, options);
  Common common(setting.root);
  Conversation conversation(common, nullptr, setting.tls13);
  const Socket socket(server.port());
  Recording recording;
  for (bool going = true; going;) {
    if (const Bytes said = conversation.say(); !said.empty()) socket.send(said);
    const Bytes heard = socket.receive();
    recording.said.insert(recording.said.end(), heard.begin(), heard.end());
    going = conversation.hear(heard);
  }
  recording.seen = conversation.seen();
  INFO("failure " << int(recording.seen.failure) << ", error "
                  << conversation.engine().peer().engine_error);
  REQUIRE(recording.seen.state == TlsState::kOpen);
  REQUIRE(recording.seen.plaintext == kAnswer);
  return recording;
}

Seen play(const Recording& recording, Common& common, Arena* arena, bool tls13) {
  Conversation conversation(common, arena, tls13);
  for (ByteView rest = recording.said; !rest.empty();) {
    conversation.say();
    const ByteView part = rest.first(std::min<std::size_t>(1000, rest.size()));
    rest = rest.subspan(part.size());
    if (!conversation.hear(part)) break;
  }
  return conversation.seen();
}

bool is_lack_of_memory(const Seen& seen) {
  return seen.state == TlsState::kFailed && seen.failure == TlsFailure::kOutOfMemory;
}

// mbedTLS 3.6.6 loses the cipher contexts of a TLS 1.3 transform that it could not complete
// (library/ssl_tls13_keys.c frees the transform alone). reset() takes them back.
constexpr std::size_t kLostByLibrary = 1024;

bool is_clean(const Arena& arena) {
  return arena.in_use() <= (arena.exhausted() ? kLostByLibrary : 0);
}

// What a setting takes of memory.
struct Need {
  std::size_t most_in_use = 0;
  std::size_t farthest = 0;
  std::size_t smallest = 0;  // the smallest arena with which it succeeds
};

// Plays with arenas from `first` bytes on (0: from what is in use at the most): every one shows
// all, or a lack of memory.
Need sweep(const Recording& recording, Common& common, bool tls13, std::size_t first,
           std::size_t step) {
  Need need;
  alignas(8) static std::array<std::uint8_t, kPlenty> memory;
  {
    Arena arena(memory);
    CHECK(play(recording, common, &arena, tls13) == recording.seen);
    CHECK(is_clean(arena));
    need.most_in_use = arena.most_in_use();
    need.farthest = arena.farthest();
  }
  if (first == 0) first = need.most_in_use;
  bool complete = false;
  for (std::size_t size = first; !complete || size < need.farthest; size += step) {
    INFO("with " << size << " bytes");
    REQUIRE(size < memory.size());
    Arena arena{std::span(memory).first(size)};
    const Seen seen = play(recording, common, &arena, tls13);
    complete = seen == recording.seen;
    if (!complete) REQUIRE(is_lack_of_memory(seen));
    REQUIRE(complete == !arena.exhausted());
    REQUIRE(is_clean(arena));
    if (complete && need.smallest == 0) need.smallest = size;
  }
  return need;
}

TEST_CASE("an arena of any size: the whole truth, or a lack of memory") {
  if (skipped()) return;
  for (const Setting& setting : settings()) {
    DYNAMIC_SECTION(setting.name << (setting.tls13 ? ", TLS 1.3" : ", TLS 1.2")) {
      const Recording recording = record(setting);
      Common common(setting.root);
      sweep(recording, common, setting.tls13, 64, 64);
    }
  }
}

TEST_CASE("what a session needs", "[.][measure]") {
  if (skipped()) return;
  std::printf("%s, %zu-bit: most in use, farthest, smallest arena\n", engine_version(),
              8 * sizeof(void*));
  for (const Setting& setting : settings()) {
    const Recording recording = record(setting);
    Common common(setting.root);
    const Need need = sweep(recording, common, setting.tls13, 0, 8);
    std::printf("%-22s TLS 1.%c %7zu %7zu %7zu\n", setting.name, setting.tls13 ? '3' : '2',
                need.most_in_use, need.farthest, need.smallest);
  }
}

// Hooks that refuse one allocation, and keep to the arena otherwise.
Arena* served = nullptr;
std::size_t asked = 0;
std::size_t refused = 0;

void* refuse_one(std::size_t count, std::size_t size) {
  if (served == nullptr) return std::calloc(count, size);
  if (++asked == refused) count = size = std::numeric_limits<std::size_t>::max();
  return served->allocate(count, size);
}

void give_back(void* block) { served == nullptr ? std::free(block) : served->release(block); }

TEST_CASE("any one allocation refused: the whole truth, or a lack of memory") {
  if (skipped()) return;
  for (const Setting& setting : settings()) {
    DYNAMIC_SECTION(setting.name << (setting.tls13 ? ", TLS 1.3" : ", TLS 1.2")) {
      const Recording recording = record(setting);
      Common common(setting.root);
      alignas(8) static std::array<std::uint8_t, kPlenty> memory;
      const auto play_refusing = [&](std::size_t number) {
        refused = number;
        asked = 0;
        Arena arena(memory);
        served = &arena;
        const Seen seen = play(recording, common, &arena, setting.tls13);
        served = nullptr;
        CHECK(is_clean(arena));
        CHECK(arena.exhausted() == (number != 0));
        return seen;
      };
      compat::set_memory_hook(refuse_one, give_back);
      CHECK(play_refusing(0) == recording.seen);
      // An exchange of keys takes thousands in its midst, all alike. Before it and behind it, where
      // the chain is judged, each one is refused.
      constexpr std::size_t kEach = 20;
      const std::size_t all = asked;
      CHECK(all > 100);
      for (std::size_t number = 1; number <= all;
           number += 1 + std::min(number, all - number) / kEach) {
        INFO("refused was the allocation number " << number << " of " << all);
        CHECK(is_lack_of_memory(play_refusing(number)));
      }
      take_over_memory();
    }
  }
}

TEST_CASE("sessions that take turns, one of them starving, do not disturb each other") {
  if (skipped()) return;
  for (const bool tls13 : {false, true}) {
    if (tls13 && !engine_speaks_tls13()) continue;
    const Setting setting = {"", "leaf", "chain3", "root", tls13};
    const Recording recording = record(setting);
    Common common(setting.root);
    alignas(8) static std::array<std::uint8_t, 2 * kPlenty> memory;
    for (std::size_t size = 20 * 1024; size < 44 * 1024; size += 512) {
      INFO("the starving one has " << size << " bytes");
      Arena large{std::span(memory).first(kPlenty)};
      Arena small{std::span(memory).subspan(kPlenty, size)};
      Conversation fed(common, &large, tls13);
      auto starving = std::make_unique<Conversation>(common, &small, tls13);
      for (ByteView rest = recording.said; !rest.empty();) {
        const ByteView part = rest.first(std::min<std::size_t>(200, rest.size()));
        rest = rest.subspan(part.size());
        if (starving != nullptr) {
          starving->say();
          if (!starving->hear(part)) {
            const Seen seen = starving->seen();
            CHECK((seen == recording.seen || is_lack_of_memory(seen)));
            starving.reset();
            CHECK(is_clean(small));
          }
        }
        fed.say();
        fed.hear(part);
      }
      CHECK(fed.seen() == recording.seen);
    }
  }
}

TEST_CASE("a trusted root keeps nothing of the sessions that used it") {
  if (skipped()) return;
  const Setting setting = {"", "leaf", "chain3", "root", false};
  const Recording recording = record(setting);
  Common common(setting.root);
  alignas(8) static std::array<std::uint8_t, kPlenty> memory;
  for (int i = 0; i < 3; ++i) {
    {
      Arena arena(memory);
      CHECK(play(recording, common, &arena, setting.tls13) == recording.seen);
      CHECK(arena.in_use() == 0);
    }
    memory.fill(0xA5);
  }
  CHECK(play(recording, common, nullptr, setting.tls13) == recording.seen);
}

TEST_CASE("an arena is empty behind an engine, and a reset takes back what was lost") {
  if (skipped()) return;
  Common common(nullptr);
  alignas(8) static std::array<std::uint8_t, kPlenty> memory;
  Arena arena(memory);
  {
    MbedtlsEngine engine(common.shared, &arena);
    REQUIRE(engine.reset("electrum.example", TlsOffer::kNewest));
    const std::size_t usual = arena.in_use();
    CHECK(usual > 16384);
    CHECK(arena.allocate(1000, 1) != nullptr);
    REQUIRE(engine.reset("electrum.example", TlsOffer::kNewest));
    CHECK(arena.in_use() == usual);
  }
  CHECK(arena.in_use() == 0);
}

TEST_CASE("an engine forgets a lack of memory at its next reset") {
  if (skipped()) return;
  Common common(nullptr);
  alignas(8) static std::array<std::uint8_t, kPlenty> memory;
  Arena arena(memory);
  MbedtlsEngine engine(common.shared, &arena);
  REQUIRE(engine.reset("electrum.example", TlsOffer::kNewest));
  CHECK(arena.in_use() > 16384);
  CHECK(arena.allocate(kPlenty, 1) == nullptr);
  const std::array<std::uint8_t, 7> alert = {21, 3, 3, 0, 2, 2, 40};
  CHECK(engine.put_ciphertext(alert) == alert.size());
  CHECK(engine.peer().failure == TlsFailure::kOutOfMemory);
  CHECK(engine.peer().engine_error < 0);
  REQUIRE(engine.reset("electrum.example", TlsOffer::kNewest));
  CHECK(engine.put_ciphertext(alert) == alert.size());
  CHECK(engine.peer().failure == TlsFailure::kAlertReceived);
}

TEST_CASE("as many sessions at a time as --slots allows") {
  if (skipped()) return;
  constexpr std::size_t kMostSlots = 32;  // core/base/limits.h
  Common common(nullptr);
  std::vector<std::unique_ptr<OwnArena<std::size_t{48} * 1024>>> arenas;
  std::vector<std::unique_ptr<MbedtlsEngine>> engines;
  for (std::size_t i = 0; i < kMostSlots; ++i) {
    arenas.push_back(std::make_unique<OwnArena<std::size_t{48} * 1024>>());
    engines.push_back(std::make_unique<MbedtlsEngine>(common.shared, arenas.back()->get()));
    INFO("the session number " << i + 1);
    CHECK(engines.back()->reset("electrum.example", TlsOffer::kNewest));
    CHECK(engines.back()->state() == TlsState::kHandshake);
  }
}

}  // namespace
}  // namespace observatory::mbedtls
