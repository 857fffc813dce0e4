// SPDX-License-Identifier: MIT
// The core takes no memory while it runs, however long the list is: every operator new of this
// program is counted unless it belongs to the simulation.
#include <cstdlib>
#include <new>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace {

bool counting = false;
std::size_t allocations = 0;

// While it lives, nothing is counted: the simulation is at work.
class Uncounted {
 public:
  Uncounted() : was_(counting) { counting = false; }
  ~Uncounted() { counting = was_; }
  Uncounted(const Uncounted&) = delete;
  Uncounted& operator=(const Uncounted&) = delete;

 private:
  bool was_;
};

void* take(std::size_t size) noexcept {
  if (counting) ++allocations;
  return std::malloc(size > 0 ? size : 1);
}

void* take_or_throw(std::size_t size) {
  if (void* memory = take(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return take_or_throw(size); }
void* operator new[](std::size_t size) { return take_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return take(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return take(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace observatory::scenario {
namespace {

// Each passes on what it is asked, uncounted.
class QuietNetwork final : public Network {
 public:
  explicit QuietNetwork(Network& inner) : inner_(inner) {}
  StreamId connect(const SocketAddress& peer, NetError& why) override {
    Uncounted uncounted;
    return inner_.connect(peer, why);
  }
  IoResult connected(StreamId stream) override {
    Uncounted uncounted;
    return inner_.connected(stream);
  }
  IoResult write(StreamId stream, ByteView bytes) override {
    Uncounted uncounted;
    return inner_.write(stream, bytes);
  }
  IoResult read(StreamId stream, MutableByteView into) override {
    Uncounted uncounted;
    return inner_.read(stream, into);
  }
  TcpFacts tcp_facts(StreamId stream) override {
    Uncounted uncounted;
    return inner_.tcp_facts(stream);
  }
  void close(StreamId stream) override {
    Uncounted uncounted;
    inner_.close(stream);
  }
  void wait(std::span<Interest> interests, Instant deadline) override {
    Uncounted uncounted;
    inner_.wait(interests, deadline);
  }

 private:
  Network& inner_;
};

class QuietResolver final : public Resolver {
 public:
  explicit QuietResolver(Resolver& inner) : inner_(inner) {}
  LookupId start(std::string_view name) override {
    Uncounted uncounted;
    return inner_.start(name);
  }
  LookupId start_seed(std::string_view name) override {
    Uncounted uncounted;
    return inner_.start_seed(name);
  }
  LookupResult poll(LookupId lookup, std::span<IpAddress> into) override {
    Uncounted uncounted;
    return inner_.poll(lookup, into);
  }
  void release(LookupId lookup) override {
    Uncounted uncounted;
    inner_.release(lookup);
  }

 private:
  Resolver& inner_;
};

class QuietDigest final : public Digest {
 public:
  void start() override {
    Uncounted uncounted;
    inner_.start();
  }
  void update(ByteView bytes) override {
    Uncounted uncounted;
    inner_.update(bytes);
  }
  void finish(Sha256& into) override {
    Uncounted uncounted;
    inner_.finish(into);
  }

 private:
  PretendingDigest inner_;
};

class QuietTls final : public TlsEngine {
 public:
  [[nodiscard]] bool reset(std::string_view server_name, TlsOffer offer) override {
    Uncounted uncounted;
    return inner_.reset(server_name, offer);
  }
  std::size_t put_ciphertext(ByteView from_network) override {
    Uncounted uncounted;
    return inner_.put_ciphertext(from_network);
  }
  std::size_t take_ciphertext(MutableByteView to_network) override {
    Uncounted uncounted;
    return inner_.take_ciphertext(to_network);
  }
  std::size_t put_plaintext(ByteView from_probe) override {
    Uncounted uncounted;
    return inner_.put_plaintext(from_probe);
  }
  std::size_t take_plaintext(MutableByteView to_probe) override {
    Uncounted uncounted;
    return inner_.take_plaintext(to_probe);
  }
  void close() override {
    Uncounted uncounted;
    inner_.close();
  }
  TlsState state() const override { return inner_.state(); }
  const TlsPeer& peer() const override { return inner_.peer(); }

 private:
  sim::SimTls inner_;
};

// Makes endpoints when they are asked for, in no memory.
class LongList final : public EndpointSource {
 public:
  explicit LongList(std::size_t count) : count_(count) {}

  Next next(Endpoint& endpoint) override {
    if (made_ == count_) return Next::kEnd;
    endpoint.host.clear();
    // Names, refused ports, TCP and TLS servers in turn.
    for (const char c : std::string_view(made_ % 5 == 0 ? "example.org" : "127.0.2.1")) {
      if (!endpoint.host.append(c)) return Next::kEnd;
    }
    const std::size_t kind = made_ % 50;
    endpoint.transport = kind == 1 ? Transport::kTls : Transport::kTcp;
    endpoint.port = static_cast<std::uint16_t>(kind < 2 ? kind + 1 : 100 + made_ % 60'000);
    ++made_;
    return Next::kEndpoint;
  }
  std::uint64_t bad_lines() const override { return 0; }

 private:
  std::size_t count_;
  std::size_t made_ = 0;
};

class CountingOutput final : public RunOutput {
 public:
  void visiting(const Endpoint&) override { ++visits; }
  Status write(const Record& record) override {
    if (record.has(FieldId::kOutcome)) ++observations;
    if (record.has(FieldId::kReached)) reached = record.number(FieldId::kReached);
    if (record.has(FieldId::kDuplicates)) duplicates = record.number(FieldId::kDuplicates);
    return Status::kOk;
  }

  std::size_t visits = 0;
  std::size_t observations = 0;
  std::uint64_t reached = 0;
  std::uint64_t duplicates = 0;
};

TEST_CASE("a run takes no memory beyond its slots, however long the list is") {
  constexpr std::size_t kEndpoints = 10'000;
  sim::SimWorld world;
  world.name("example.org", {"127.0.2.1"_ip});
  world.listen("127.0.2.1"_ip, 1).on_line(electrumx());
  world.listen("127.0.2.1"_ip, 2).on_bytes(tls_server(fulcrum()).needs_tls12());
  QuietNetwork network(world);
  QuietResolver resolver(world);
  QuietDigest digest;
  QuietTls tls[2];
  OptOut opt_out;
  const auto gate = std::make_unique<Gate>(opt_out);
  const Platform platform{world, network, resolver, world, digest};
  auto one = std::make_unique<Session>(platform, tls[0], *gate);
  auto two = std::make_unique<Session>(platform, tls[1], *gate);
  Session* sessions[] = {one.get(), two.get()};
  LongList list(kEndpoints);
  CountingOutput output;
  RunOptions options;
  options.vantage = "test";
  options.software = options.tls_engine = options.tls_newest = "test";
  options.client_name = "test";
  auto scheduler = std::make_unique<Scheduler>(platform, sessions, *gate, list, output, options);

  allocations = 0;
  counting = true;
  while (!scheduler->done()) scheduler->step();
  counting = false;
  CHECK(allocations == 0);
  CHECK(ok(scheduler->status()));
  CHECK(output.visits == output.observations);
  CHECK(output.observations + output.duplicates == kEndpoints);
  // Endpoint 0 and 1 are healthy and come back 200 times; they are recognised each time.
  CHECK(output.reached == 2);
  CHECK(output.duplicates >= 398);
  CHECK(world.open_streams() == 0);
  CHECK(world.open_lookups() == 0);
}

TEST_CASE("what is counted would be seen") {
  allocations = 0;
  counting = true;
  const auto number = std::make_unique<int>(1);
  counting = false;
  CHECK(*number == 1);
  CHECK(allocations == 1);
}

}  // namespace
}  // namespace observatory::scenario
