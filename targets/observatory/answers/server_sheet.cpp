// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/server_sheet.h"

#include <algorithm>
#include <set>

#include "targets/observatory/answers/facts_text.h"

namespace observatory::host {
namespace {

// The endpoints of a server, in its order.
std::vector<const EndpointView*> views_of(const Snapshot& snapshot, const Server& server) {
  std::vector<const EndpointView*> views;
  for (const std::uint32_t endpoint : server.endpoints) {
    views.push_back(&snapshot.endpoints[endpoint]);
  }
  return views;
}

// What `value` gives for the endpoints, each text once, in their order.
template <typename Value>
Cell texts_of(const Snapshot& snapshot, const Server& server, Value value) {
  std::set<std::string> seen;
  Cell texts = Cell::array();
  for (const EndpointView* const view : views_of(snapshot, server)) {
    const std::string text = value(*view);
    if (!text.empty() && seen.insert(text).second) texts.push_back(text);
  }
  return texts;
}

// The same of what endpoints say and show, and of certificates.
template <typename Member>
Cell facts_of(const Snapshot& snapshot, const Server& server, Member member) {
  return texts_of(snapshot, server, [&](const EndpointView& view) {
    return view.facts ? (*view.facts).*member : std::string();
  });
}

template <typename Member>
Cell certificates_of(const Snapshot& snapshot, const Server& server, Member member) {
  return texts_of(snapshot, server, [&](const EndpointView& view) {
    return view.certificate ? (*view.certificate).*member : std::string();
  });
}

// The smallest of what the vantages measured.
template <typename Member>
Cell shortest_of(const Server& server, Member member) {
  std::optional<std::uint32_t> shortest;
  for (const auto& [vantage, sight] : server.sights) {
    const std::optional<std::uint32_t>& time = sight.*member;
    if (time && (!shortest || *time < *shortest)) shortest = time;
  }
  return cell_of_us(shortest);
}

template <typename Member>
std::size_t vantages_with(const Server& server, Member member) {
  return static_cast<std::size_t>(
      std::count_if(server.sights.begin(), server.sights.end(),
                    [&](const auto& entry) { return entry.second.*member > 0; }));
}

// The states of all certificates, each word once.
Cell certificate_words_of(const Snapshot& snapshot, const Server& server) {
  std::set<std::string_view> seen;
  Cell words = Cell::array();
  for (const EndpointView* const view : views_of(snapshot, server)) {
    for (const std::string_view word : certificate_state(*view)) {
      if (seen.insert(word).second) words.push_back(word);
    }
  }
  return words;
}

Cell not_after_of(const Snapshot& snapshot, const Server& server) {
  std::optional<std::int64_t> first;
  for (const EndpointView* const view : views_of(snapshot, server)) {
    if (!view->certificate || !view->certificate->not_after) continue;
    first = std::min(first.value_or(*view->certificate->not_after), *view->certificate->not_after);
  }
  return cell_of_seconds(first);
}

Cell tip_of(const Snapshot& snapshot, const Server& server) {
  std::optional<std::uint32_t> highest;
  for (const EndpointView* const view : views_of(snapshot, server)) {
    if (view->tip_height) highest = std::max(highest.value_or(0), *view->tip_height);
  }
  return cell_of(highest);
}

Cell outcomes_of(const Snapshot& snapshot, const Server& server) {
  std::array<std::uint64_t, 32> sums{};
  for (const EndpointView* const view : views_of(snapshot, server)) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += view->outcomes[i];
  }
  return outcomes_text(sums);
}

Cell changed_of(const Snapshot& snapshot, const Server& server) {
  std::set<std::string> names;
  for (const EndpointView* const view : views_of(snapshot, server)) {
    names.insert(view->changed.begin(), view->changed.end());
  }
  return names;
}

Cell first_of(const Snapshot& snapshot, const Server& server) {
  std::int64_t first = 0;
  for (const EndpointView* const view : views_of(snapshot, server)) {
    if (first == 0 || view->first < first) first = view->first;
  }
  return cell_of_date(first);
}

Cell last_of(const Snapshot& snapshot, const Server& server) {
  std::int64_t last = 0;
  for (const EndpointView* const view : views_of(snapshot, server)) {
    last = std::max(last, view->last);
  }
  return cell_of_date(last);
}

using S = const Snapshot&;
using V = const Server&;

const ServerColumn kColumns[] = {
    {{"name", "server"}, "the host that stands for it", true, [](S, V v) { return Cell(v.name); }},
    {{"ports", "ports"},
     "t for TCP, s for TLS, as server lists have it",
     false,
     [](S s, V v) {
       return texts_of(s, v, [](const EndpointView& view) { return port_text(view.endpoint); });
     }},
    {{"hosts", "hosts"},
     "every name that leads to it",
     false,
     [](S s, V v) {
       return texts_of(s, v, [](const EndpointView& view) { return view.endpoint.host; });
     }},
    {{"addresses", "addresses"},
     "IP addresses",
     false,
     [](S, V v) { return cell_of(v.addresses); }},
    {{"onion", "onion"}, "it has no address", false, [](S, V v) { return Cell(v.onion); }},
    {{"country", "country"},
     "ISO 3166-1, of the first address",
     true,
     [](S, V v) { return cell_of(v.place->country); }},
    {{"city", "city"},
     "of the first address",
     false,
     [](S, V v) { return cell_of(v.place->city); }},
    {{"latitude", "latitude", true, 4},
     "degrees",
     false,
     [](S, V v) { return cell_of(v.place->latitude); }},
    {{"longitude", "longitude", true, 4},
     "degrees",
     false,
     [](S, V v) { return cell_of(v.place->longitude); }},
    {{"asn", "asn", true},
     "number of the autonomous system",
     false,
     [](S, V v) { return v.place->asn == 0 ? Cell() : Cell(v.place->asn); }},
    {{"as_name", "network"},
     "its name in the registry",
     false,
     [](S, V v) { return cell_of(v.place->as_name); }},
    {{"provider", "provider"},
     "hosting provider",
     true,
     [](S, V v) { return cell_of(v.place->provider); }},
    {{"kind", "kind"},
     "cloud, hosting, vpn, cdn, residential, other, onion, unknown",
     false,
     [](S, V v) { return Cell(kind_name(v.place->kind)); }},
    {{"software", "software"},
     "what it claims to be, every claim",
     true,
     [](S, V v) { return Cell(v.software); }},
    {{"protocol", "protocol"},
     "version that it negotiated",
     true,
     [](S s, V v) { return facts_of(s, v, &Facts::protocol); }},
    {{"tip_height", "height", true}, "the highest block that it told", true, tip_of},
    {{"reached", "reached"},
     "by at least one vantage",
     false,
     [](S, V v) { return Cell(v.reached_any); }},
    {{"reached_majority", "by majority"},
     "by more than half of the vantages that tried it",
     false,
     [](S, V v) { return Cell(v.reached_majority); }},
    {{"vantages", "seen", true},
     "that reached it, of those that tried: 2/3",
     true,
     [](S, V v) {
       return Cell(std::to_string(vantages_with(v, &Sight::reached)) + "/" +
                   std::to_string(vantages_with(v, &Sight::tried)));
     }},
    {{"vantages_reached", "reached by", true},
     "vantages that reached it",
     false,
     [](S, V v) { return Cell(vantages_with(v, &Sight::reached)); }},
    {{"vantages_tried", "tried by", true},
     "vantages that tried it",
     false,
     [](S, V v) { return Cell(vantages_with(v, &Sight::tried)); }},
    {{"outcomes", "outcomes"},
     "how observations ended, the most frequent first",
     false,
     outcomes_of},
    {{"rtt_ms", "rtt ms", true},
     "shortest round trip from any vantage",
     true,
     [](S, V v) { return shortest_of(v, &Sight::min_us); }},
    {{"connect_ms", "connect ms", true},
     "median TCP connect of the nearest vantage",
     false,
     [](S, V v) { return shortest_of(v, &Sight::median_us); }},
    {{"tls", "tls"},
     "versions that it negotiated",
     false,
     [](S s, V v) { return facts_of(s, v, &Facts::tls_version); }},
    {{"certificate", "certificate"},
     "self-signed, trusted, issued, expired, not yet valid, other name",
     true,
     certificate_words_of},
    {{"certificate_sha256", "certificate sha256"},
     "of each of its certificates",
     false,
     [](S s, V v) { return certificates_of(s, v, &Certificate::sha256); }},
    {{"spki_sha256", "key sha256"},
     "of each of their keys",
     false,
     [](S s, V v) { return certificates_of(s, v, &Certificate::spki_sha256); }},
    {{"subject", "subject"},
     "of each of its certificates",
     false,
     [](S s, V v) { return certificates_of(s, v, &Certificate::subject); }},
    {{"not_after", "expires"}, "when the first of them expires", false, not_after_of},
    {{"donation", "donation"},
     "donation address",
     false,
     [](S s, V v) { return facts_of(s, v, &Facts::donation); }},
    {{"banner_sha256", "banner sha256"},
     "of its banner",
     false,
     [](S s, V v) { return facts_of(s, v, &Facts::banner_sha256); }},
    {{"operator", "operator"},
     "whom it belongs to: an annotation, or the first server of the group",
     false,
     [](S s, V v) {
       return v.operated_by < s.operators.size() ? cell_of(s.operators[v.operated_by].name)
                                                 : Cell();
     }},
    {{"operator_servers", "operator's", true},
     "servers of that operator",
     false,
     [](S s, V v) {
       return v.operated_by < s.operators.size() ? Cell(s.operators[v.operated_by].servers.size())
                                                 : Cell();
     }},
    {{"joined_by", "joined by"},
     "rules that made its endpoints one server",
     false,
     [](S, V v) { return Cell(v.joined_by); }},
    {{"changed", "changed"}, "what repeated visits found to change", false, changed_of},
    {{"first_seen", "first seen"}, "first observation in the window", false, first_of},
    {{"last_seen", "last seen"}, "last observation in the window", false, last_of},
    {{"country_source", "country from"},
     "source of the country, and its date",
     false,
     [](S, V v) { return cell_of(v.place->country_source); }},
    {{"city_source", "city from"},
     "source of city and coordinates",
     false,
     [](S, V v) { return cell_of(v.place->city_source); }},
    {{"asn_source", "asn from"},
     "source of the network",
     false,
     [](S, V v) { return cell_of(v.place->asn_source); }},
    {{"provider_source", "provider from"},
     "source of the provider",
     false,
     [](S, V v) { return cell_of(v.place->provider_source); }},
    {{"provider_rule", "provider by"},
     "rule that found it: annotation, range, asn, keyword, none",
     false,
     [](S, V v) { return Cell(rule_name(v.place->rule)); }},
};

}  // namespace

std::span<const ServerColumn> server_columns() { return kColumns; }

Sheet server_sheet(const Snapshot& snapshot) {
  Sheet sheet;
  for (const ServerColumn& column : kColumns) sheet.columns.push_back(column.column);
  for (const Server& server : snapshot.servers) {
    std::vector<Cell>& row = sheet.rows.emplace_back();
    for (const ServerColumn& column : kColumns) row.push_back(column.cell(snapshot, server));
  }
  return sheet;
}

nlohmann::ordered_json server_row(const Snapshot& snapshot, const Server& server) {
  nlohmann::ordered_json row;
  for (const ServerColumn& column : kColumns) {
    row[std::string(column.column.name)] = column.cell(snapshot, server);
  }
  return row;
}

std::optional<Coordinates> coordinates_of(const Server& server) {
  const Place& place = *server.place;
  if (!place.latitude || !place.longitude) return {};
  return Coordinates{*place.latitude, *place.longitude};
}

}  // namespace observatory::host
