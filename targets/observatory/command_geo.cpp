// SPDX-License-Identifier: MIT
#include "targets/observatory/command_geo.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <nlohmann/json.hpp>

#include "core/base/ip_text.h"
#include "targets/observatory/enrich/data_age.h"
#include "targets/observatory/enrich_options.h"
#include "targets/observatory/show/output.h"
#include "targets/observatory/show/table.h"
#include "targets/observatory/show/text_sink.h"

namespace observatory::host {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Degrees in as few digits as name the same number.
std::string degrees(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

std::string date_or_unknown(const DataSource& source) {
  return source.date.empty() ? "unknown" : source.date;
}

std::string status_table(const Enricher& enricher, std::int64_t now) {
  Table table({{"SOURCE", false, 24},
               {"GIVES", false, 32},
               {"ENTRIES", true},
               {"DATE"},
               {"DAYS OLD", true},
               {"LICENCE", false, 34},
               {"FILE", false, 60}});
  for (const DataSource& source : enricher.sources()) {
    const auto age = age_in_days(source, now);
    table.add_row({source.name, source.values,
                   source.entries == 0 ? "" : std::to_string(source.entries), source.date,
                   age ? std::to_string(*age) : "", source.licence,
                   source.path.empty() ? "in the program" : source.path});
  }
  std::string attributions;
  for (const DataSource& source : enricher.sources()) {
    const std::string line = source.attribution + "\n";
    if (!source.attribution.empty() && attributions.find(line) == std::string::npos)
      attributions += line;
  }
  return table.text() + "\n" + attributions;
}

Json status_json(const Enricher& enricher, std::int64_t now) {
  Json sources = Json::array();
  for (const DataSource& source : enricher.sources()) {
    Json one = {{"name", source.name}, {"values", Json::array()}};
    for (const std::string& value : CLI::detail::split(source.values, ','))
      one["values"].push_back(CLI::detail::trim_copy(value));
    if (source.entries != 0) one["entries"] = source.entries;
    if (!source.date.empty()) one["date"] = source.date;
    if (const auto age = age_in_days(source, now)) one["age_days"] = *age;
    if (!source.licence.empty()) one["licence"] = source.licence;
    if (!source.attribution.empty()) one["attribution"] = source.attribution;
    if (!source.path.empty()) one["file"] = source.path;
    sources.push_back(std::move(one));
  }
  return {{"sources", std::move(sources)}, {"missing", enricher.missing()}};
}

// What annotations say of an address, or else of its network, that is no part of its place.
struct Remark {
  const char* field;
  std::string_view text;
};

std::vector<Remark> remarks(const Enricher& enricher, const std::string& address,
                            const Place& place) {
  std::vector<Remark> found;
  for (const char* const field : {"operator", "note"}) {
    std::string_view text = enricher.annotation(address, field);
    if (text.empty() && place.asn != 0)
      text = enricher.annotation("AS" + std::to_string(place.asn), field);
    if (!text.empty()) found.push_back({field, text});
  }
  return found;
}

void add_place(Table& table, const std::string& address, const Place& place,
               const std::vector<Remark>& remarks) {
  const auto add = [&](const char* value, const std::string& is, const DataSource* source) {
    table.add_row({address, value, is, source == nullptr ? "" : source->name,
                   source == nullptr ? "" : date_or_unknown(*source)});
  };
  add("country", place.country, place.country_source);
  add("city", place.city, place.city_source);
  add("coordinates",
      place.latitude ? degrees(*place.latitude) + " " + degrees(*place.longitude) : "",
      place.latitude ? place.city_source : nullptr);
  add("network", place.asn == 0 ? "" : "AS" + std::to_string(place.asn) + " " + place.as_name,
      place.asn_source);
  add("provider", place.provider, place.provider_source);
  add("kind", std::string(kind_name(place.kind)), place.provider_source);
  add("by rule", std::string(rule_name(place.rule)), place.provider_source);
  for (const Remark& remark : remarks)
    table.add_row({address, remark.field, std::string(remark.text), "annotations"});
}

Json with_source(Json value, const DataSource* source) {
  if (source != nullptr) {
    value["source"] = source->name;
    if (!source->date.empty()) value["date"] = source->date;
  }
  return value;
}

Json place_json(const std::string& address, const Place& place,
                const std::vector<Remark>& remarks) {
  Json json = {{"address", address}};
  if (!place.country.empty())
    json["country"] = with_source({{"code", place.country}}, place.country_source);
  if (!place.city.empty()) json["city"] = with_source({{"name", place.city}}, place.city_source);
  if (place.latitude) {
    json["coordinates"] = with_source(
        {{"latitude", *place.latitude}, {"longitude", *place.longitude}}, place.city_source);
  }
  if (place.asn != 0) {
    json["network"] = with_source({{"asn", place.asn}, {"name", place.as_name}}, place.asn_source);
  }
  Json provider = Json::object();
  if (!place.provider.empty()) provider["name"] = place.provider;
  provider["kind"] = kind_name(place.kind);
  provider["rule"] = rule_name(place.rule);
  json["provider"] = with_source(std::move(provider), place.provider_source);
  for (const Remark& remark : remarks) json[remark.field] = remark.text;
  return json;
}

std::string trouble_with_address(const std::string& text) {
  IpAddress address;
  return read_ip(text, address) ? "" : text + " is not an IP address";
}

}  // namespace

CLI::App* CommandGeo::setup(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("geo", "Show the data of countries, networks and providers, or ask them");
  command->require_subcommand(1);
  command->group("Commands");
  CLI::App* const status =
      command->add_subcommand("status", "Name the data that are loaded, with date and licence");
  lookup_ = command->add_subcommand("lookup", "Tell what the data say of addresses");
  lookup_->add_option("ADDRESS", addresses_, "IPv4 or IPv6")
      ->required()
      ->check(
          CLI::Validator([](const std::string& text) { return trouble_with_address(text); }, ""));
  for (CLI::App* const part : {status, lookup_}) {
    part->add_option("--format", format_, "table or json")
        ->type_name("")
        ->check(CLI::IsMember({"table", "json"}));
    add_enrich_options(*part, options_);
  }
  return command;
}

bool CommandGeo::run() {
  Enricher enricher(options_);
  const std::int64_t now = std::time(nullptr);
  Output out;
  if (!lookup_->parsed()) {
    out.write(format_ == "json" ? text_of(status_json(enricher, now))
                                : status_table(enricher, now));
  } else {
    Json places = Json::array();
    Table table({{"ADDRESS"}, {"VALUE"}, {"IS"}, {"SOURCE"}, {"DATE OF DATA"}});
    for (const std::string& text : addresses_) {
      IpAddress address;
      if (!read_ip(text, address)) continue;
      TextSink written;
      put_ip(address, written);
      const std::string name = written.take();
      const Place& place = enricher.place(address);
      const std::vector<Remark> said = remarks(enricher, name, place);
      if (format_ == "json") {
        places.push_back(place_json(name, place, said));
      } else {
        add_place(table, name, place, said);
      }
    }
    out.write(format_ == "json" ? text_of(places) : table.text());
  }
  out.flush();
  for (const std::string& missing : enricher.missing()) report(missing);
  const std::string warning = stale_warning(enricher.sources(), now);
  if (!warning.empty()) report(warning);
  return true;
}

}  // namespace observatory::host
