// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/observation_sheet.h"

#include <unordered_map>

#include "targets/observatory/answers/facts_text.h"
#include "targets/observatory/snapshot/addresses.h"

namespace observatory::host {
namespace {

// Rows of the store that were asked for before.
template <typename Row>
class Kept {
 public:
  template <typename Ask>
  const Row& get(RowId id, Ask ask) {
    const auto found = rows_.find(id);
    return found != rows_.end() ? found->second : rows_.emplace(id, ask(id)).first->second;
  }

 private:
  std::unordered_map<RowId, Row> rows_;
};

struct Claims {
  Cell software;
  Cell protocol;
  Cell certificate;
};

Claims claims_of(const Store& store, RowId id) {
  if (id == 0) return {};
  const Facts facts = store.facts(id);
  return {cell_of(facts.software), cell_of(facts.protocol),
          facts.certificate == 0 ? Cell() : Cell(store.certificate(facts.certificate).sha256)};
}

}  // namespace

const std::vector<SheetColumn>& observation_columns() {
  static const std::vector<SheetColumn> kColumns = {{"vantage", "vantage"},
                                                    {"run", "run"},
                                                    {"seq", "seq", true},
                                                    {"t", "t", true},
                                                    {"date", "date"},
                                                    {"host", "host"},
                                                    {"port", "port", true},
                                                    {"transport", "transport"},
                                                    {"ip", "ip"},
                                                    {"outcome", "outcome"},
                                                    {"connect_us", "connect us", true},
                                                    {"tls_us", "tls us", true},
                                                    {"version_us", "version us", true},
                                                    {"ping_us", "ping us", true},
                                                    {"min_rtt_us", "min rtt us", true},
                                                    {"retransmitted", "retransmitted"},
                                                    {"proxied", "proxied"},
                                                    {"tip_height", "height", true},
                                                    {"software", "software"},
                                                    {"protocol", "protocol"},
                                                    {"certificate_sha256", "certificate sha256"},
                                                    {"visit", "visit", true},
                                                    {"changed", "changed"}};
  return kColumns;
}

void each_observation_cells(const Store& store, const Selection& selection,
                            const std::function<void(const std::vector<Cell>&)>& use) {
  Kept<std::string> vantages;
  Kept<std::string> runs;
  Kept<Endpoint> endpoints;
  Kept<Cell> addresses;
  Kept<Claims> claims;
  store.each_observation(selection, [&](const ObservationRow& row) {
    const Endpoint& endpoint =
        endpoints.get(row.endpoint, [&](RowId id) { return store.endpoint(id); });
    const Claims& said = claims.get(row.facts, [&](RowId id) { return claims_of(store, id); });
    const std::string_view outcome = outcome_name(row.outcome);
    use({vantages.get(row.vantage, [&](RowId id) { return store.vantage(id); }),
         runs.get(row.run, [&](RowId id) { return store.run(id).name; }),
         row.seq,
         row.t,
         cell_of_date(row.t),
         endpoint.host,
         endpoint.port,
         transport_text(endpoint.transport),
         addresses.get(
             row.address,
             [&](RowId id) { return id == 0 ? Cell() : Cell(address_text(store.address(id))); }),
         outcome.empty() ? Cell(static_cast<unsigned>(row.outcome)) : Cell(outcome),
         cell_of(row.connect_us),
         cell_of(row.tls_us),
         cell_of(row.version_us),
         cell_of(row.ping_us),
         cell_of(row.min_rtt_us),
         row.retransmitted,
         row.proxied,
         cell_of(row.tip_height),
         said.software,
         said.protocol,
         said.certificate,
         cell_of(row.visit),
         cell_of(row.changed)});
  });
}

}  // namespace observatory::host
