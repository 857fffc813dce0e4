// SPDX-License-Identifier: MIT
// What servers announce of others. The first two bytes of the input say how many endpoints may be
// followed, and which. The rest is the answer to server.peers.subscribe; or, where it is no JSON, a
// row of it a line, its columns between bars.
//
// Whatever is followed is an endpoint that a list could name, comes once, and is never an address
// that is not global; the counts add up.
#include <memory>
#include <set>
#include <tuple>

#include "core/base/ip_text.h"
#include "core/electrum/peers.h"
#include "core/run/discovery.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sha256.h"

namespace observatory::fuzz {
namespace {

using Known = std::set<std::tuple<std::string, std::uint16_t, Transport>>;

void try_followed(const Endpoint& endpoint, bool anywhere, Known& known) {
  const std::string_view host = endpoint.host.view();
  FixedString<limits::kHost> again;
  require(read_host(host, again).empty() && again == host, "a host can be read again");
  require(endpoint.port != 0, "an endpoint has a port");
  require(known.emplace(host, endpoint.port, endpoint.transport).second, "each comes once");
  IpAddress ip;
  require(!read_ip(host, ip) || anywhere || is_global(ip), "an address is global");
  StringSink written;
  if (!read_ip(host, ip)) return;
  put_ip(ip, written);
  require(written.text == host, "an address is written in one way");
}

std::string_view take(std::string_view& text, char end) {
  const std::string_view taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), taken.size() + 1));
  return taken;
}

void record_rows(std::string_view text, Record& record) {
  ListField list(record, FieldId::kPeersList);
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    const std::string_view address = take(line, '|');
    const std::string_view host = take(line, '|');
    list.add(address, host, line);
  }
}

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  fuzz::Input input(data, size);
  DiscoveryRules rules;
  rules.most = input.byte();
  const unsigned how = input.byte();
  if ((how & 1) != 0) rules.reach = Reach::kAnywhere;
  rules.follow_onions = (how & 2) != 0;

  const std::vector<std::uint8_t> exact(input.rest().begin(), input.rest().end());
  std::vector<std::uint8_t> pool((how & 4) != 0 ? 1000 : limits::kRecordPool);
  Record record(pool);
  test::Sha256Digest digest;
  if (ok(check_json(as_text(exact)))) {
    record_peers(as_text(exact), digest, record);
  } else {
    fuzz::record_rows(as_text(exact), record);
  }
  record.set(FieldId::kSeq, 7);

  const auto seen = std::make_unique<SeenEndpoints>();
  seen->start(ByteView(data, std::min<std::size_t>(size, 8)));
  const auto agenda = std::make_unique<Agenda>();
  const auto discovery = std::make_unique<Discovery>(rules);
  fuzz::Known known;
  std::uint64_t taken = 0;
  for (int turn = 0; turn < 2; ++turn) {
    discovery->read(record, *seen, *agenda, Instant{1}, (how & 8) != 0);
    fuzz::require(agenda->room() >= Agenda::kRoom / 3, "others have room, too");
    for (Visit visit; agenda->take(Instant{1}, 0, true, visit); ++taken) {
      fuzz::try_followed(visit.endpoint, rules.reach == Reach::kAnywhere, known);
      fuzz::require(visit.announced && visit.announced_by == 7, "it is known who announced it");
      fuzz::require(seen->knows(visit.endpoint), "it is remembered");
      agenda->drop(0);
    }
  }
  fuzz::require(taken == discovery->followed() && taken <= rules.most,
                "no more than was asked for");
  fuzz::require(discovery->followed() + discovery->refused() <= discovery->announced(),
                "the counts add up");
  fuzz::require(discovery->announced() <= 2 * 512 * 2 * 150, "a list has its bound");
  return 0;
}
