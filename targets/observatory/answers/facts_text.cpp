// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/facts_text.h"

#include <algorithm>
#include <limits>

#include "targets/observatory/show/certificate_words.h"
#include "targets/observatory/show/date_text.h"
#include "targets/observatory/snapshot/addresses.h"

namespace observatory::host {

std::string_view transport_text(Transport transport) {
  return enum_name(field_of(FieldId::kTransport), static_cast<std::uint64_t>(transport));
}

std::string endpoint_text(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port) +
         (endpoint.transport == Transport::kTls ? ":s" : ":t");
}

std::string port_text(const Endpoint& endpoint) {
  return (endpoint.transport == Transport::kTls ? "s" : "t") + std::to_string(endpoint.port);
}

Cell cell_of(const std::string& text) { return text.empty() ? Cell() : Cell(text); }

Cell cell_of_date(std::int64_t milliseconds) {
  return milliseconds == 0 ? Cell() : Cell(date_text(milliseconds));
}

Cell cell_of_seconds(const std::optional<std::int64_t>& seconds) {
  if (!seconds) return {};
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 1000;
  return date_text(std::clamp(*seconds, -kMost, kMost) * 1000);
}

Cell cell_of_us(const std::optional<std::uint32_t>& microseconds) {
  return microseconds ? Cell(*microseconds / 1000.0) : Cell();
}

Cell cell_of(const DataSource* source) {
  if (source == nullptr) return {};
  return source->date.empty() ? source->name : source->name + " " + source->date;
}

Cell cell_of(const std::vector<IpAddress>& addresses) {
  Cell texts = Cell::array();
  for (const IpAddress& address : addresses) texts.push_back(address_text(address));
  return texts;
}

std::vector<std::string_view> certificate_state(const EndpointView& view) {
  if (!view.certificate) return {};
  CertificateFacts facts;
  facts.self_signed = view.certificate->self_signed;
  facts.not_before = view.certificate->not_before;
  facts.not_after = view.certificate->not_after;
  if (view.facts) {
    facts.trusted = view.facts->trusted;
    facts.name_matches = view.facts->name_matches;
  }
  return certificate_words(facts, view.last / 1000);
}

std::vector<std::string> outcomes_text(const std::array<std::uint64_t, 32>& outcomes) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] > 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return outcomes[a] > outcomes[b]; });
  std::vector<std::string> texts;
  for (const std::size_t outcome : order) {
    const std::string_view name = outcome_name(static_cast<Outcome>(outcome));
    texts.push_back((name.empty() ? "outcome " + std::to_string(outcome) : std::string(name)) +
                    " " + std::to_string(outcomes[outcome]));
  }
  return texts;
}

std::string provider_text(const Place& place) {
  if (!place.provider.empty()) return place.provider;
  if (place.asn != 0) {
    const std::string number = "AS" + std::to_string(place.asn);
    return place.as_name.empty() ? number : number + " " + place.as_name;
  }
  return place.kind == ProviderKind::kOnion ? "onion" : "unknown";
}

}  // namespace observatory::host
