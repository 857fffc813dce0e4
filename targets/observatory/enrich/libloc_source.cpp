// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/libloc_source.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

#include "core/base/utf8.h"
#include "targets/observatory/enrich/data_age.h"
#include "targets/observatory/enrich/libloc_file.h"

// Most of its headers do not say that they are C.
extern "C" {
#include <libloc/as.h>
#include <libloc/database.h>
#include <libloc/libloc.h>
}

namespace observatory::host {
namespace {

constexpr int kNothingIsUrgentEnough = -1;  // below LOG_EMERG

template <auto Release>
struct Unref {
  template <typename T>
  void operator()(T* object) const {
    Release(object);
  }
};
using Context = std::unique_ptr<loc_ctx, Unref<loc_unref>>;
using Database = std::unique_ptr<loc_database, Unref<loc_database_unref>>;
using AutonomousSystem = std::unique_ptr<loc_as, Unref<loc_as_unref>>;

Context quiet_context() {
  loc_ctx* context = nullptr;
  if (loc_new(&context) != 0) throw std::bad_alloc();
  loc_set_log_priority(context, kNothingIsUrgentEnough);
  return Context(context);
}

// libloc knows IPv4 addresses as IPv4-mapped ones.
in6_addr in6_of(const IpAddress& address) {
  in6_addr in6{};
  if (address.family == IpAddress::Family::kV6) {
    std::copy(address.bytes.begin(), address.bytes.end(), in6.s6_addr);
  } else {
    in6.s6_addr[10] = in6.s6_addr[11] = 0xFF;
    std::copy_n(address.bytes.begin(), 4, in6.s6_addr + 12);
  }
  return in6;
}

}  // namespace

struct LibLocSource::Library {
  explicit Library(const std::string& path) : file(path), context(quiet_context()) {}

  LibLocFile file;
  Context context;
  Database database;
  DataSource about;
};

LibLocSource::LibLocSource(const std::string& path) : library_(std::make_unique<Library>(path)) {
  loc_database* database = nullptr;
  errno = 0;
  if (loc_database_new(library_->context.get(), &database, library_->file.handle()) != 0) {
    throw SourceError(path + ": libloc cannot use it" +
                      (errno == 0 ? "" : ": " + std::generic_category().message(errno)));
  }
  library_->database.reset(database);
  DataSource& about = library_->about;
  about.name = "libloc";
  about.path = path;
  about.date = date_of(static_cast<std::uint64_t>(loc_database_created_at(database)));
  if (about.date.empty()) throw SourceError(path + ": broken: made at a time that is no date");
  about.licence = "CC BY-SA 4.0";
  about.attribution = "IPFire Location, https://location.ipfire.org, CC BY-SA 4.0";
  about.values = "country, AS";
  about.entries = library_->file.networks();
}

LibLocSource::~LibLocSource() = default;

const DataSource& LibLocSource::about() const { return library_->about; }

AddressFacts LibLocSource::find(const IpAddress& address) const {
  AddressFacts facts;
  const auto network = library_->file.find(in6_of(address));
  if (!network) return facts;
  facts.country = country_code(network->country);
  facts.asn = network->asn;
  if (facts.asn == 0) return facts;
  loc_as* system = nullptr;
  if (loc_database_get_as(library_->database.get(), &system, facts.asn) != 0) return facts;
  const AutonomousSystem owned(system);
  const char* const name = loc_as_get_name(system);
  if (name != nullptr && is_valid_utf8(name)) facts.as_name = name;
  return facts;
}

}  // namespace observatory::host
