// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/endpoint_sheet.h"

#include <algorithm>

#include "targets/observatory/answers/facts_text.h"

namespace observatory::host {
namespace {

// What the vantages saw, summed up.
struct Sights {
  explicit Sights(const EndpointView& view) {
    const auto shorter = [](std::optional<std::uint32_t>& least,
                            const std::optional<std::uint32_t>& time) {
      if (time && (!least || *time < *least)) least = time;
    };
    for (const auto& [vantage, sight] : view.sights) {
      tried += sight.tried > 0 ? 1 : 0;
      reached += sight.reached > 0 ? 1 : 0;
      samples += sight.samples;
      shorter(min_us, sight.min_us);
      shorter(median_us, sight.median_us);
    }
  }

  std::size_t tried = 0;
  std::size_t reached = 0;
  std::uint64_t samples = 0;
  std::optional<std::uint32_t> min_us;
  std::optional<std::uint32_t> median_us;
};

const std::vector<SheetColumn> kColumns = {{"endpoint", "endpoint"},
                                           {"host", "host"},
                                           {"port", "port", true},
                                           {"transport", "transport"},
                                           {"server", "server"},
                                           {"addresses", "addresses"},
                                           {"tried", "tried"},
                                           {"reached", "reached"},
                                           {"vantages_tried", "tried by", true},
                                           {"vantages_reached", "reached by", true},
                                           {"outcomes", "outcomes"},
                                           {"rtt_ms", "rtt ms", true},
                                           {"connect_ms", "connect ms", true},
                                           {"samples", "samples", true},
                                           {"software", "software"},
                                           {"protocol", "protocol"},
                                           {"protocol_min", "protocol min"},
                                           {"protocol_max", "protocol max"},
                                           {"genesis_hash", "genesis hash"},
                                           {"tip_height", "height", true},
                                           {"donation", "donation"},
                                           {"banner_sha256", "banner sha256"},
                                           {"tls", "tls"},
                                           {"cipher", "cipher"},
                                           {"ja3s", "ja3s"},
                                           {"jarm", "jarm"},
                                           {"certificate", "certificate"},
                                           {"certificate_sha256", "certificate sha256"},
                                           {"changed", "changed"},
                                           {"first_seen", "first seen"},
                                           {"last_seen", "last seen"}};

}  // namespace

Sheet endpoint_sheet(const Snapshot& snapshot) {
  Sheet sheet{kColumns, {}};
  const Facts none;
  for (const EndpointView& view : snapshot.endpoints) {
    const Facts& facts = view.facts ? *view.facts : none;
    const Sights sights(view);
    const bool joined = view.server < snapshot.servers.size();
    sheet.rows.push_back({endpoint_text(view.endpoint),
                          view.endpoint.host,
                          view.endpoint.port,
                          transport_text(view.endpoint.transport),
                          joined ? Cell(snapshot.servers[view.server].name) : Cell(),
                          cell_of(view.addresses),
                          view.tried(),
                          view.reached(),
                          sights.tried,
                          sights.reached,
                          outcomes_text(view.outcomes),
                          cell_of_us(sights.min_us),
                          cell_of_us(sights.median_us),
                          sights.samples,
                          cell_of(facts.software),
                          cell_of(facts.protocol),
                          cell_of(facts.protocol_min),
                          cell_of(facts.protocol_max),
                          cell_of(view.genesis),
                          cell_of(view.tip_height),
                          cell_of(facts.donation),
                          cell_of(facts.banner_sha256),
                          cell_of(facts.tls_version),
                          cell_of(facts.cipher),
                          cell_of(facts.ja3s),
                          cell_of(facts.jarm),
                          certificate_state(view),
                          view.certificate ? Cell(view.certificate->sha256) : Cell(),
                          view.changed,
                          cell_of_date(view.first),
                          cell_of_date(view.last)});
  }
  return sheet;
}

}  // namespace observatory::host
