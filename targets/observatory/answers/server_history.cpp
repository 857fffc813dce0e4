// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/server_history.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "targets/observatory/answers/facts_text.h"
#include "targets/observatory/snapshot/addresses.h"

namespace observatory::host {
namespace {

enum What : std::uint8_t { kSoftware, kProtocol, kDonation, kBanner, kAddress, kTls, kCertificate };

constexpr std::array<std::string_view, 7> kNames = {"software", "protocol", "donation",   "banner",
                                                    "address",  "tls",      "certificate"};

struct Value {
  What what;
  std::string text;
  std::string detail;
};

// How often, when and where a value was seen.
struct Span {
  std::string detail;
  std::set<std::string> endpoints;
  std::uint64_t observations = 0;
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
};

std::string certificate_detail(const Certificate& certificate) {
  std::string detail = certificate.subject;
  if (certificate.not_after) {
    detail += (detail.empty() ? "until " : ", until ") +
              cell_text(cell_of_seconds(certificate.not_after)).substr(0, 10);
  }
  return detail;
}

std::vector<Value> values_of(const Store& store, RowId id) {
  const Facts facts = store.facts(id);
  std::vector<Value> values = {{kSoftware, facts.software, ""},
                               {kProtocol, facts.protocol, ""},
                               {kDonation, facts.donation, ""},
                               {kBanner, facts.banner_sha256, ""},
                               {kTls, facts.tls_version, ""}};
  if (facts.certificate != 0) {
    const Certificate certificate = store.certificate(facts.certificate);
    values.push_back({kCertificate, certificate.sha256, certificate_detail(certificate)});
  }
  std::erase_if(values, [](const Value& value) { return value.text.empty(); });
  return values;
}

}  // namespace

Sheet server_history(const Store& store, const std::vector<Endpoint>& endpoints) {
  std::map<std::pair<What, std::string>, Span> spans;
  std::map<RowId, std::vector<Value>> facts;  // those that were asked for
  std::map<RowId, std::string> addresses;
  std::map<RowId, std::string> names;  // of endpoints
  const auto see = [&](const Value& value, const ObservationRow& row) {
    Span& span = spans[{value.what, value.text}];
    span.detail = value.detail;
    span.endpoints.insert(names[row.endpoint]);
    ++span.observations;
    span.first = std::min(span.first, row.t);
    span.last = std::max(span.last, row.t);
  };
  store.each_observation_of(endpoints, [&](const ObservationRow& row) {
    std::string& name = names[row.endpoint];
    if (name.empty()) name = endpoint_text(store.endpoint(row.endpoint));
    if (row.facts != 0) {
      const auto [known, fresh] = facts.try_emplace(row.facts);
      if (fresh) known->second = values_of(store, row.facts);
      for (const Value& value : known->second) see(value, row);
    }
    if (row.address != 0) {
      std::string& text = addresses[row.address];
      if (text.empty()) text = address_text(store.address(row.address));
      see({kAddress, text, ""}, row);
    }
  });

  Sheet sheet{{{"what", "what"},
               {"value", "value"},
               {"detail", "detail"},
               {"endpoints", "endpoints"},
               {"observations", "observations", true},
               {"first_seen", "first seen"},
               {"last_seen", "last seen"}},
              {}};
  std::vector<std::pair<std::pair<What, std::string>, Span>> order(spans.begin(), spans.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.first, a.second.first) < std::tie(b.first.first, b.second.first);
  });
  for (const auto& [value, span] : order) {
    sheet.rows.push_back({kNames[value.first], value.second, cell_of(span.detail), span.endpoints,
                          span.observations, cell_of_date(span.first), cell_of_date(span.last)});
  }
  return sheet;
}

}  // namespace observatory::host
