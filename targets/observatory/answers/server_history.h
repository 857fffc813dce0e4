// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "targets/observatory/show/sheet.h"
#include "targets/observatory/store/store.h"

namespace observatory::host {

// What these endpoints said and showed in all the time that the database knows, whoever looked: a
// row for each value of software, protocol, donation, banner, address, tls and certificate, with
// the columns what, value, detail (a certificate's subject and end), endpoints, observations,
// first_seen, last_seen. By what, in that order, then by first_seen and value. Throws StoreError.
Sheet server_history(const Store& store, const std::vector<Endpoint>& endpoints);

}  // namespace observatory::host
