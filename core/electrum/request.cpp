// SPDX-License-Identifier: MIT
#include "core/electrum/request.h"

#include "core/base/limits.h"
#include "core/base/number.h"
#include "core/base/text_buffer.h"
#include "core/json/reader.h"

namespace observatory {
namespace {

struct Line {
  Request request;
  std::string_view id;
  std::string_view method;
};

constexpr std::string_view kPing = "server.ping";

constexpr Line kFirstWrite[] = {
    {Request::kVersion, "1", "server.version"},
    {Request::kHeaders, "2.0", "blockchain.headers.subscribe"},
    {Request::kDonation, R"("3\u00e9</&\u007f\u2028")", "server.donation_address"},
    {Request::kPing, "9007199254740993", kPing},
    {Request::kBanner, "5", "server.banner"},
    {Request::kPeers, "6", "server.peers.subscribe"},
};
constexpr Line kSecondWrite[] = {
    {Request::kFeatures, "7", "server.features"},
    {Request::kMempoolInfo, "8", "mempool.get_info"},
};

static_assert(std::size(kFirstWrite) == kFirstWriteRequests);
static_assert(std::size(kFirstWrite) + std::size(kSecondWrite) == kRequests);

// No member beyond these four: Fulcrum refuses a request that has one (src/RPC.cpp).
void put_line(const Line& line, std::string_view client_name, VersionForm form, ByteSink& into) {
  into.put(R"({"jsonrpc":"2.0","id":)");
  into.put(line.id);
  into.put(R"(,"method":")");
  into.put(line.method);
  into.put(R"(","params":[)");
  if (line.request == Request::kVersion) {
    into.put("\"");
    into.put(client_name);
    into.put(form == VersionForm::kList ? R"(",["1.4","1.7"])" : R"(","1.4")");
  }
  into.put("]}\n");
}

// The request whose id is this number; 0 when none is.
int request_of_number(std::string_view id) {
  // 2^53 + 1, exact or rounded, with or without an exponent.
  if (id.substr(0, 6) == "900719" || id.substr(0, 7) == "9.00719") {
    return static_cast<int>(Request::kPing);
  }
  const bool one_digit = id.size() == 1 || (id.size() > 1 && id[1] == '.');
  return one_digit && id[0] >= '1' && id[0] <= '0' + kRequests ? id[0] - '0' : 0;
}

}  // namespace

void put_first_write(std::string_view client_name, VersionForm form, ByteSink& into) {
  for (const Line& line : kFirstWrite) put_line(line, client_name, form, into);
}

void put_second_write(ByteSink& into) {
  for (const Line& line : kSecondWrite) put_line(line, {}, VersionForm::kList, into);
}

std::string_view client_name_problem(std::string_view client_name) {
  if (client_name.size() > limits::kClientName) return "longer than 80 characters";
  for (const char c : client_name) {
    if (c < 0x20 || c > 0x7e) return "holds a character that is not printable ASCII";
    if (c == '"' || c == '\\') return "holds a quote or a backslash";
  }
  return {};
}

bool request_of_id(std::string_view id, Request& request) {
  const JsonType type = json_type(id);
  int number = 0;
  if (type == JsonType::kString) {
    // A server that turns ids into strings is still understood.
    number = request_of_number(id.substr(1, id.size() - 2));
    if (number == 0) number = static_cast<int>(Request::kDonation);
  } else if (type == JsonType::kNumber) {
    number = request_of_number(id);
  }
  request = static_cast<Request>(number);
  return number != 0;
}

void put_ping(unsigned id, ByteSink& into) {
  TextBuffer<4> number;
  put_unsigned(id, number);
  put_line({Request::kPing, number.text(), kPing}, {}, VersionForm::kList, into);
}

bool is_ping_id(std::string_view id, unsigned number) {
  if (json_type(id) == JsonType::kString) id = id.substr(1, id.size() - 2);
  if (id.ends_with(".0")) id.remove_suffix(2);
  std::uint64_t read = 0;
  return read_unsigned(id, read, number) && read == number;
}

}  // namespace observatory
