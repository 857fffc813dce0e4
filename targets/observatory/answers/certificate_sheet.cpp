// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/certificate_sheet.h"

#include <map>
#include <set>

#include "targets/observatory/answers/facts_text.h"

namespace observatory::host {
namespace {

const std::vector<SheetColumn> kColumns = {{"sha256", "sha256"},
                                           {"spki_sha256", "key sha256"},
                                           {"subject", "subject"},
                                           {"issuer", "issuer"},
                                           {"serial", "serial"},
                                           {"san", "names"},
                                           {"key", "key"},
                                           {"signature", "signature"},
                                           {"not_before", "valid from"},
                                           {"not_after", "valid until"},
                                           {"self_signed", "self-signed"},
                                           {"state", "state"},
                                           {"endpoints", "endpoints"},
                                           {"servers", "servers"}};

}  // namespace

Sheet certificate_sheet(const Snapshot& snapshot) {
  std::map<std::string, std::vector<const EndpointView*>> shown_by;
  for (const EndpointView& view : snapshot.endpoints) {
    if (view.certificate) shown_by[view.certificate->sha256].push_back(&view);
  }
  Sheet sheet{kColumns, {}};
  for (const auto& [sha256, views] : shown_by) {
    const Certificate& certificate = *views.front()->certificate;
    std::vector<std::string> endpoints;
    std::set<std::string> servers;
    for (const EndpointView* const view : views) {
      endpoints.push_back(endpoint_text(view->endpoint));
      if (view->server < snapshot.servers.size()) {
        servers.insert(snapshot.servers[view->server].name);
      }
    }
    sheet.rows.push_back({sha256, cell_of(certificate.spki_sha256), cell_of(certificate.subject),
                          cell_of(certificate.issuer), cell_of(certificate.serial), certificate.san,
                          cell_of(certificate.key), cell_of(certificate.signature),
                          cell_of_seconds(certificate.not_before),
                          cell_of_seconds(certificate.not_after), cell_of(certificate.self_signed),
                          certificate_state(*views.front()), endpoints, servers});
  }
  return sheet;
}

}  // namespace observatory::host
