// SPDX-License-Identifier: MIT
#include "core/tls/client_hello.h"

#include <algorithm>
#include <cstring>

namespace observatory {
namespace {

// --- JARM's tables.

constexpr std::uint16_t kSuites[] = {
    0x0016, 0x0033, 0x0067, 0xc09e, 0xc0a2, 0x009e, 0x0039, 0x006b, 0xc09f, 0xc0a3, 0x009f, 0x0045,
    0x00be, 0x0088, 0x00c4, 0x009a, 0xc008, 0xc009, 0xc023, 0xc0ac, 0xc0ae, 0xc02b, 0xc00a, 0xc024,
    0xc0ad, 0xc0af, 0xc02c, 0xc072, 0xc073, 0xcca9, 0x1302, 0x1301, 0xcc14, 0xc007, 0xc012, 0xc013,
    0xc027, 0xc02f, 0xc014, 0xc028, 0xc030, 0xc060, 0xc061, 0xc076, 0xc077, 0xcca8, 0x1305, 0x1304,
    0x1303, 0xcc13, 0xc011, 0x000a, 0x002f, 0x003c, 0xc09c, 0xc0a0, 0x009c, 0x0035, 0x003d, 0xc09d,
    0xc0a1, 0x009d, 0x0041, 0x00ba, 0x0084, 0x00c0, 0x0007, 0x0004, 0x0005};
constexpr std::size_t kSuiteCount = std::size(kSuites);
constexpr std::size_t kMiddle = kSuiteCount / 2;
static_assert(kSuiteCount % 2 == 1, "the orders below have a middle");

constexpr std::string_view kProtocols[] = {"http/0.9", "http/1.0", "http/1.1", "spdy/1", "spdy/2",
                                           "spdy/3",   "h2",       "h2c",      "hq"};

enum class Order : std::uint8_t { kForward, kReverse, kTopHalf, kBottomHalf, kMiddleOut };

enum Trait : std::uint8_t {
  kGrease = 1,
  kRareProtocols = 2,  // without http/1.1 and h2
  kBackward = 4,       // protocols and versions, not extensions
  kNoTls13Suites = 8,
};

struct Shape {
  std::uint8_t record_minor;  // of the record's version 3.x
  std::uint8_t hello_minor;
  Order order;
  std::uint8_t versions;  // in supported_versions, from TLS 1.0 up; 0: no such extension
  std::uint8_t traits;
};

constexpr Shape kShapes[kJarmProbes] = {
    {3, 3, Order::kForward, 3, kBackward},
    {3, 3, Order::kReverse, 3, 0},
    {3, 3, Order::kTopHalf, 0, 0},
    {3, 3, Order::kBottomHalf, 0, kRareProtocols},
    {3, 3, Order::kMiddleOut, 0, kGrease | kRareProtocols | kBackward},
    {2, 2, Order::kForward, 0, 0},
    {1, 3, Order::kForward, 4, kBackward},
    {1, 3, Order::kReverse, 4, 0},
    {1, 3, Order::kForward, 4, kNoTls13Suites},
    {1, 3, Order::kMiddleOut, 4, kGrease | kBackward},
};

// extended_master_secret, max_fragment_length, renegotiation_info, supported_groups,
// ec_point_formats, session_ticket.
constexpr std::uint8_t kJarmFirst[] = {0x00, 0x17, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x01, 0xff,
                                       0x01, 0x00, 0x01, 0x00, 0x00, 0x0a, 0x00, 0x0a, 0x00, 0x08,
                                       0x00, 0x1d, 0x00, 0x17, 0x00, 0x18, 0x00, 0x19, 0x00, 0x0b,
                                       0x00, 0x02, 0x01, 0x00, 0x00, 0x23, 0x00, 0x00};
constexpr std::uint8_t kJarmSignatures[] = {0x00, 0x0d, 0x00, 0x14, 0x00, 0x12, 0x04, 0x03,
                                            0x08, 0x04, 0x04, 0x01, 0x05, 0x03, 0x08, 0x05,
                                            0x05, 0x01, 0x08, 0x06, 0x06, 0x01, 0x02, 0x01};
constexpr std::uint8_t kJarmPskModes[] = {0x00, 0x2d, 0x00, 0x02, 0x01, 0x01};

// --- The hello of TLS 1.2, from the suites to the end of the compression methods ...

constexpr std::uint8_t kTls12Suites[] = {
    0x00, 0x32, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8,
    0x00, 0x9e, 0x00, 0x9f, 0xc0, 0x09, 0xc0, 0x13, 0xc0, 0x0a, 0xc0, 0x14, 0xc0, 0x23,
    0xc0, 0x27, 0xc0, 0x24, 0xc0, 0x28, 0x00, 0x33, 0x00, 0x39, 0x00, 0x9c, 0x00, 0x9d,
    0x00, 0x3c, 0x00, 0x3d, 0x00, 0x2f, 0x00, 0x35, 0x00, 0x0a, 0x01, 0x00};
// ... and what follows server_name.
constexpr std::uint8_t kTls12Extensions[] = {
    0x00, 0x17, 0x00, 0x00,        // extended_master_secret
    0xff, 0x01, 0x00, 0x01, 0x00,  // renegotiation_info
    0x00, 0x0a, 0x00, 0x0a, 0x00, 0x08, 0x00, 0x1d, 0x00, 0x17, 0x00, 0x18,  // supported_groups
    0x00, 0x19,                                                              //
    0x00, 0x0b, 0x00, 0x02, 0x01, 0x00,                                      // ec_point_formats
    0x00, 0x23, 0x00, 0x00,                                                  // session_ticket
    0x00, 0x10, 0x00, 0x0e, 0x00, 0x0c, 0x02, 'h',  '2',  0x08, 'h',  't',   // ALPN
    't',  'p',  '/',  '1',  '.',  '1',                                       //
    0x00, 0x0d, 0x00, 0x1a, 0x00, 0x18, 0x04, 0x03, 0x05, 0x03, 0x06, 0x03,  // signature_algorithms
    0x08, 0x07, 0x08, 0x04, 0x08, 0x05, 0x08, 0x06, 0x04, 0x01, 0x05, 0x01,  //
    0x06, 0x01, 0x02, 0x03, 0x02, 0x01};

// --- Writing.

// Puts bytes one behind the other; a length is put first and corrected once it is known.
class HelloWriter {
 public:
  explicit HelloWriter(HelloBuffer into) : into_(into) {}

  void put(ByteView bytes) {
    const std::size_t room = std::min(bytes.size(), into_.size() - size_);
    if (room > 0) std::memcpy(into_.data() + size_, bytes.data(), room);
    size_ += room;
  }
  void byte(unsigned value) {
    const auto one = static_cast<std::uint8_t>(value);
    put({&one, 1});
  }
  void pair(unsigned value) {
    byte(value >> 8);
    byte(value);
  }
  // Any of the sixteen: 0a0a, 1a1a ... fafa.
  void grease(std::uint8_t choice) { pair((choice & 15u) * 0x1010u + 0x0a0au); }

  // Two bytes for the length of what is put until close().
  [[nodiscard]] std::size_t open() {
    pair(0);
    return size_;
  }
  void close(std::size_t start) {
    const std::size_t length = size_ - start;
    into_[start - 2] = static_cast<std::uint8_t>(length >> 8);
    into_[start - 1] = static_cast<std::uint8_t>(length);
  }

  ByteView written() const { return into_.first(size_); }

 private:
  HelloBuffer into_;
  std::size_t size_ = 0;
};

// Where the lengths of record and handshake message stand; both end with the last extension.
struct Frame {
  std::size_t record;
  std::size_t message;
};

Frame begin_hello(unsigned record_minor, unsigned hello_minor, const HelloRandom& bytes,
                  HelloWriter& hello) {
  Frame frame{};
  hello.pair(0x1603);
  hello.byte(record_minor);
  frame.record = hello.open();
  hello.pair(0x0100);  // ClientHello, and the first of three bytes of length
  frame.message = hello.open();
  hello.byte(3);
  hello.byte(hello_minor);
  hello.put(bytes.random);
  return frame;
}

ByteView end_hello(const Frame& frame, HelloWriter& hello) {
  hello.close(frame.message);
  hello.close(frame.record);
  return hello.written();
}

void put_server_name(std::string_view name, HelloWriter& hello) {
  hello.pair(0x0000);
  const std::size_t extension = hello.open();
  const std::size_t list = hello.open();
  hello.byte(0);  // host_name
  hello.pair(static_cast<unsigned>(name.size()));
  hello.put(as_bytes(name));
  hello.close(list);
  hello.close(extension);
}

// The nth suite of an order; false behind the last.
bool suite_of(Order order, std::size_t n, std::uint16_t& suite) {
  std::size_t place = n;
  std::size_t count = kSuiteCount;
  switch (order) {
    case Order::kForward:
      break;
    case Order::kReverse:
      place = kSuiteCount - 1 - n;
      break;
    case Order::kTopHalf:
      place = kMiddle - n;
      count = kMiddle + 1;
      break;
    case Order::kBottomHalf:
      place = kMiddle + 1 + n;
      count = kMiddle;
      break;
    case Order::kMiddleOut:
      place = n % 2 == 1 ? kMiddle + (n + 1) / 2 : kMiddle - n / 2;
      break;
  }
  if (n >= count) return false;
  suite = kSuites[place];
  return true;
}

bool is_of_tls13(std::uint16_t suite) { return suite >> 8 == 0x13; }

void put_suites(const Shape& shape, const HelloRandom& bytes, HelloWriter& hello) {
  const std::size_t suites = hello.open();
  if ((shape.traits & kGrease) != 0) hello.grease(bytes.grease[0]);
  std::uint16_t suite = 0;
  for (std::size_t n = 0; suite_of(shape.order, n, suite); ++n) {
    if ((shape.traits & kNoTls13Suites) == 0 || !is_of_tls13(suite)) hello.pair(suite);
  }
  hello.close(suites);
}

void put_protocols(const Shape& shape, HelloWriter& hello) {
  hello.pair(0x0010);
  const std::size_t extension = hello.open();
  const std::size_t list = hello.open();
  for (std::size_t i = 0; i < std::size(kProtocols); ++i) {
    const bool backward = (shape.traits & kBackward) != 0;
    const std::string_view protocol = kProtocols[backward ? std::size(kProtocols) - 1 - i : i];
    const bool usual = protocol == "http/1.1" || protocol == "h2";
    if (usual && (shape.traits & kRareProtocols) != 0) continue;
    hello.byte(static_cast<unsigned>(protocol.size()));
    hello.put(as_bytes(protocol));
  }
  hello.close(list);
  hello.close(extension);
}

void put_key_share(const Shape& shape, const HelloRandom& bytes, HelloWriter& hello) {
  hello.pair(0x0033);
  const std::size_t extension = hello.open();
  const std::size_t list = hello.open();
  if ((shape.traits & kGrease) != 0) {
    hello.grease(bytes.grease[2]);
    hello.pair(1);
    hello.byte(0);
  }
  hello.pair(0x001d);  // x25519
  hello.pair(static_cast<unsigned>(bytes.key_share.size()));
  hello.put(bytes.key_share);
  hello.close(list);
  hello.close(extension);
}

void put_versions(const Shape& shape, const HelloRandom& bytes, HelloWriter& hello) {
  const bool grease = (shape.traits & kGrease) != 0;
  hello.pair(0x002b);
  const std::size_t extension = hello.open();
  hello.byte(2u * (shape.versions + (grease ? 1u : 0u)));
  if (grease) hello.grease(bytes.grease[3]);
  for (unsigned i = 0; i < shape.versions; ++i) {
    const bool backward = (shape.traits & kBackward) != 0;
    hello.pair(0x0301u + (backward ? shape.versions - 1u - i : i));
  }
  hello.close(extension);
}

// JARM's hash numbers the suites by value, but those of TLS 1.3 last.
unsigned rank_of(std::uint16_t suite) {
  return is_of_tls13(suite) ? 0x10000u + suite : unsigned{suite};
}

}  // namespace

ByteView write_jarm_hello(std::size_t probe, std::string_view host, const HelloRandom& bytes,
                          HelloBuffer into) {
  const Shape& shape = kShapes[probe];
  HelloWriter hello(into);
  const Frame frame = begin_hello(shape.record_minor, shape.hello_minor, bytes, hello);
  hello.byte(static_cast<unsigned>(bytes.session_id.size()));
  hello.put(bytes.session_id);
  put_suites(shape, bytes, hello);
  hello.pair(0x0100);  // no compression
  const std::size_t extensions = hello.open();
  if ((shape.traits & kGrease) != 0) {
    hello.grease(bytes.grease[1]);
    hello.pair(0);
  }
  put_server_name(host, hello);
  hello.put(kJarmFirst);
  put_protocols(shape, hello);
  hello.put(kJarmSignatures);
  put_key_share(shape, bytes, hello);
  hello.put(kJarmPskModes);
  if (shape.versions > 0) put_versions(shape, bytes, hello);
  hello.close(extensions);
  return end_hello(frame, hello);
}

ByteView write_tls12_hello(std::string_view server_name, const HelloRandom& bytes,
                           HelloBuffer into) {
  HelloWriter hello(into);
  const Frame frame = begin_hello(1, 3, bytes, hello);
  hello.byte(0);  // no session to resume
  hello.put(kTls12Suites);
  const std::size_t extensions = hello.open();
  if (!server_name.empty()) put_server_name(server_name, hello);
  hello.put(kTls12Extensions);
  hello.close(extensions);
  return end_hello(frame, hello);
}

std::uint8_t jarm_suite_number(std::uint16_t suite) {
  const unsigned rank = rank_of(suite);
  const auto lower = std::count_if(std::begin(kSuites), std::end(kSuites),
                                   [&](std::uint16_t other) { return rank_of(other) < rank; });
  const bool known = std::find(std::begin(kSuites), std::end(kSuites), suite) != std::end(kSuites);
  return static_cast<std::uint8_t>(known ? lower + 1 : std::ssize(kSuites) + 1);
}

}  // namespace observatory
