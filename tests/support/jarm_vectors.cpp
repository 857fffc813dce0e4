// SPDX-License-Identifier: MIT
#include "tests/support/jarm_vectors.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "core/base/number.h"
#include "core/json/check.h"
#include "core/json/reader.h"

namespace observatory::test {
namespace {

constexpr const char* kEdges = "edge-cases";

std::filesystem::path folder() { return std::filesystem::path(OBSERVATORY_VECTORS) / "jarm"; }

void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error("tests/vectors/jarm: " + what);
}

class StringSink final : public ByteSink {
 public:
  void put(ByteView bytes) override { text += as_text(bytes); }
  using ByteSink::put;

  std::string text;
};

std::string read_file(const std::string& name) {
  std::ifstream file(folder() / (name + ".json"), std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  require(ok(check_json(text)), name);
  return text;
}

std::string text_at(std::string_view object, std::string_view name) {
  const std::string_view value = json_member(object, name);
  require(json_type(value) == JsonType::kString, std::string(name));
  StringSink sink;
  put_json_text(value, sink);
  return sink.text;
}

std::size_t number_of(std::string_view value) {
  std::uint64_t number = 0;
  require(json_unsigned(value, number), "a number");
  return static_cast<std::size_t>(number);
}

std::string bytes_at(std::string_view object, std::string_view name) {
  const std::string digits = text_at(object, name);
  std::vector<std::uint8_t> bytes(digits.size() / 2);
  require(read_hex(digits, bytes), std::string(name));
  return std::string(as_text(bytes));
}

std::vector<std::string_view> elements_at(std::string_view object, std::string_view name) {
  std::vector<std::string_view> all;
  JsonElements rest(json_member(object, name));
  for (std::string_view value; rest.next(value);) all.push_back(value);
  return all;
}

HelloRandom injected(std::string_view probe, std::string_view hello) {
  HelloRandom bytes;
  const auto fields = elements_at(probe, "client_hello_random_fields");
  require(fields.size() == 3, "random fields");
  const std::array<std::array<std::uint8_t, 32>*, 3> into = {&bytes.random, &bytes.session_id,
                                                             &bytes.key_share};
  for (std::size_t i = 0; i < into.size(); ++i) {
    const std::string_view from = hello.substr(number_of(json_member(fields[i], "offset")), 32);
    require(from.size() == 32, "random bytes");
    std::copy(from.begin(), from.end(), into[i]->begin());
  }
  const auto grease = elements_at(probe, "client_hello_grease_offsets");
  for (std::size_t i = 0; i < grease.size(); ++i) {
    const char first = hello.at(number_of(grease[i]));
    bytes.grease.at(i) = static_cast<std::uint8_t>(static_cast<unsigned char>(first) >> 4);
  }
  return bytes;
}

}  // namespace

std::vector<std::string> jarm_servers() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() == ".json" && name != kEdges) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

JarmVector jarm_vector(const std::string& server) {
  const std::string file = read_file(server);
  JarmVector vector{
      text_at(file, "sni_host"), text_at(file, "jarm"), text_at(file, "jarm_raw"), {}};
  const auto probes = elements_at(file, "probes");
  require(probes.size() == vector.exchanges.size(), server);
  for (std::size_t i = 0; i < probes.size(); ++i) {
    JarmExchange& exchange = vector.exchanges[i];
    exchange.hello = bytes_at(probes[i], "client_hello_hex");
    exchange.injected = injected(probes[i], exchange.hello);
    exchange.reply = bytes_at(probes[i], "server_reply_hex");
    exchange.flight = bytes_at(probes[i], "server_flight_hex");
    exchange.raw = text_at(probes[i], "raw");
  }
  return vector;
}

std::vector<JarmEdge> jarm_edges() {
  const std::string file = read_file(kEdges);
  std::vector<JarmEdge> all;
  for (const std::string_view edge : elements_at(file, "cases")) {
    all.push_back({text_at(edge, "name"), bytes_at(edge, "reply_hex"), text_at(edge, "reference"),
                   text_at(edge, "reference_three_chars")});
  }
  return all;
}

std::vector<JarmHashCase> jarm_hash_cases() {
  const std::string file = read_file(kEdges);
  std::vector<JarmHashCase> all;
  for (const std::string_view edge : elements_at(file, "hash_cases")) {
    all.push_back({text_at(edge, "raw"), text_at(edge, "jarm")});
  }
  return all;
}

}  // namespace observatory::test
