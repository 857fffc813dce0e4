// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/base/ip_text.h"
#include "targets/observatory/enrich/annotations.h"
#include "targets/observatory/enrich/as_table.h"
#include "targets/observatory/enrich/bundled_tables.h"
#include "targets/observatory/enrich/csv_reader.h"
#include "targets/observatory/enrich/data_age.h"
#include "targets/observatory/enrich/enricher.h"
#include "targets/observatory/enrich/libloc_source.h"
#include "targets/observatory/enrich/mmdb_guard.h"
#include "targets/observatory/enrich/mmdb_source.h"
#include "targets/observatory/enrich/provider.h"
#include "targets/observatory/enrich/published_ranges.h"
#include "tests/catch2.h"

using namespace observatory;
using namespace observatory::host;

namespace {

namespace fs = std::filesystem;

const std::string kVectors = OBSERVATORY_VECTORS;
const std::string kMmdb = kVectors + "/mmdb/";
const std::string kLibloc = kVectors + "/libloc/small.db";

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A file with this content, gone at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    std::string name = (fs::temp_directory_path() / "observatory-XXXXXX").string();
    const int file = ::mkstemp(name.data());
    REQUIRE(file >= 0);
    ::close(file);
    path_ = name;
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { fs::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

IpAddress ip(std::string_view text) {
  IpAddress address;
  REQUIRE(read_ip(text, address));
  return address;
}

// What a call has to say for itself; empty when it does not throw.
template <typename Call>
std::string complaint(Call call) {
  try {
    call();
    return "";
  } catch (const SourceError& error) {
    return error.what();
  }
}

// The same of a file's first use, without the file's name.
std::string complaint_about_mmdb(const std::string& path) {
  const std::string said = complaint([&] {
    const MmdbSource source(path);
    for (const char* const address :
         {"1.1.1.1", "11.1.0.1", "2.125.160.216", "2a0a:1::1", "2001::"})
      source.find(ip(address));
  });
  if (said.empty()) return "";
  REQUIRE(said.substr(0, path.size() + 2) == path + ": ");
  return said.substr(path.size() + 2);
}

std::string complaint_about_libloc(std::string_view content) {
  const TemporaryFile file(content);
  const std::string said = complaint([&] {
    const LibLocSource source(file.path());
    for (const char* const address : {"11.1.0.1", "11.3.0.1", "9.9.9.9", "2a0a:1::1", "ffff::"})
      source.find(ip(address));
  });
  if (said.empty()) return "";
  REQUIRE(said.substr(0, file.path().size() + 2) == file.path() + ": ");
  return said.substr(file.path().size() + 2);
}

std::string complaint_about_annotations(std::string_view content) {
  const TemporaryFile file(content);
  const std::string said = complaint([&] { Annotations().add(file.path()); });
  if (said.empty()) return "";
  REQUIRE(said.substr(0, file.path().size() + 2) == file.path() + ": ");
  return said.substr(file.path().size() + 2);
}

// `fields|of|a|record` for each record, and `!line: why` for trouble.
std::vector<std::string> csv(std::string_view text) {
  CsvReader reader(text);
  std::vector<std::string> found;
  std::vector<std::string> fields;
  try {
    while (reader.next(fields)) {
      std::string row = std::to_string(reader.line()) + ":";
      for (const std::string& field : fields) row += field + "|";
      found.push_back(row);
    }
  } catch (const CsvError& error) {
    found.push_back("!" + std::to_string(reader.line()) + ": " + error.what());
  }
  return found;
}

EnrichOptions only(const std::string& libloc, std::vector<std::string> mmdb = {},
                   std::vector<std::string> annotations = {}) {
  EnrichOptions options;
  options.libloc = libloc;
  options.without_libloc = libloc.empty();
  options.mmdb = std::move(mmdb);
  options.annotations = std::move(annotations);
  return options;
}

std::string provider_of(const Place& place) {
  return place.provider + "/" + std::string(kind_name(place.kind)) + "/" +
         std::string(rule_name(place.rule)) + "/" +
         (place.provider_source == nullptr ? "" : place.provider_source->name);
}

std::string country_of(const Place& place) {
  return place.country + "/" + (place.country_source == nullptr ? "" : place.country_source->name);
}

}  // namespace

TEST_CASE("CSV is read as RFC 4180 has it") {
  using Rows = std::vector<std::string>;
  CHECK(csv("").empty());
  CHECK(csv("a,b,c\r\n1,,3\r\n") == Rows{"1:a|b|c|", "2:1||3|"});
  CHECK(csv("a,b") == Rows{"1:a|b|"});
  CHECK(csv("a,") == Rows{"1:a||"});
  CHECK(csv("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\nnext") ==
        Rows{"1:a,b|say \"hi\"|two\r\nlines|", "3:next|"});
  CHECK(csv("\n# a comment, of one line\r\n\r\n a ,#b\n\n") == Rows{"4: a |#b|"});
  CHECK(csv("\"\"\n\"\"\"\"\r") == Rows{"1:|", "2:\"|"});
  CHECK(csv("ok\nx,\"open\n\n") == Rows{"1:ok|", "!2: a quote that is not closed"});
  CHECK(csv("\"a\"b") == Rows{"!1: something behind a closing quote"});
  CHECK(csv("a\"b\"") == Rows{"!1: a quote inside a plain field"});
}

TEST_CASE("kinds and rules have the names that stand in output") {
  for (int i = 0; i <= static_cast<int>(ProviderKind::kOnion); ++i) {
    const auto kind = static_cast<ProviderKind>(i);
    CHECK(kind_with_name(kind_name(kind)) == kind);
  }
  CHECK(kind_name(ProviderKind::kCdn) == "cdn");
  CHECK(kind_name(ProviderKind::kResidential) == "residential");
  CHECK_FALSE(kind_with_name("Cloud"));
  CHECK(rule_name(ProviderRule::kAnnotation) == "annotation");
  CHECK(rule_name(ProviderRule::kKeyword) == "keyword");
}

TEST_CASE("the age of data is counted in days, and old data are named") {
  CHECK(date_of(0) == "1970-01-01");
  CHECK(date_of(951782399) == "2000-02-28");
  CHECK(date_of(951782400) == "2000-02-29");
  CHECK(date_of(253402300799) == "9999-12-31");
  CHECK(date_of(253402300800).empty());
  CHECK(date_of(0xFFFFFFFFFFFFFFFF).empty());

  constexpr std::int64_t kNoon = 1795348800;  // 2026-11-22T12:00:00Z, by date(1)
  const auto of = [](const char* date) {
    DataSource source;
    source.name = std::string("of ") + date;
    source.date = date;
    return source;
  };
  CHECK(age_in_days(of("2026-11-22"), kNoon) == 0);
  CHECK(age_in_days(of("2026-08-24"), kNoon) == 90);
  CHECK(age_in_days(of("2022-10-29"), kNoon) == 1485);
  CHECK(age_in_days(of("2026-11-23"), kNoon) == -1);
  for (const char* const none : {"", "2026-02-30", "2026-13-01", "yesterday", "2026-1-1x"})
    CHECK_FALSE(age_in_days(of(none), kNoon));

  const std::vector<DataSource> sources = {of("2026-08-24"), of("2026-08-23"), of(""),
                                           of("2022-10-29")};
  CHECK(stale_sources(sources, kNoon) == std::vector<const DataSource*>{&sources[1], &sources[3]});
  CHECK(stale_warning(sources, kNoon) ==
        "data older than 90 days: of 2026-08-23 of 2026-08-23 (91 days), "
        "of 2022-10-29 of 2022-10-29 (1485 days)");
  CHECK(stale_warning({of("2026-08-24")}, kNoon).empty());
}

TEST_CASE("the tables of the program are whole and say where they are from") {
  for (const TableLines lines : {published_range_lines(), as_table_lines()}) {
    const DataSource about = described_source(lines);
    CHECK(about.name.size() > 4);
    CHECK(about.date == "2026-08-22");
    CHECK(about.licence == "MIT");
    CHECK_FALSE(about.attribution.empty());
    CHECK(about.entries > 1800);
  }
  std::uint64_t rows = 0;
  for_each_record(as_table_lines(), [&](const std::vector<std::string>& fields) {
    REQUIRE(fields.size() == 4);
    const auto kind = kind_with_name(fields[2]);
    REQUIRE(kind);
    // Where people live is only what a list calls so.
    const bool of_end_users = fields[3].find("fedinetmap:end-user") != std::string::npos;
    CAPTURE(fields[0]);
    CHECK((*kind == ProviderKind::kResidential) == of_end_users);
    CHECK_FALSE(fields[3].empty());
    CHECK(fields[1].find("://") == std::string::npos);
    ++rows;
  });
  CHECK(rows == described_source(as_table_lines()).entries);
}

TEST_CASE("a provider has one name and the same kinds in all tables") {
  const auto folded = [](std::string name) {
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name;
  };
  std::map<std::string, std::set<std::string>> kinds_of_systems;
  std::map<std::string, std::set<std::string>> spellings;
  for_each_record(as_table_lines(), [&](const std::vector<std::string>& fields) {
    kinds_of_systems[fields[1]].insert(fields[2]);
    spellings[folded(fields[1])].insert(fields[1]);
  });
  std::set<std::string> published;
  for_each_record(published_range_lines(),
                  [&](const std::vector<std::string>& fields) { published.insert(fields[2]); });
  std::map<std::string, std::string> renamed;
  for_each_record(provider_name_lines(), [&](const std::vector<std::string>& fields) {
    CAPTURE(fields[0]);
    CHECK(published.count(fields[0]) == 1);
    CHECK(renamed.emplace(fields[0], fields[1]).second);
    const auto row = kinds_of_systems.find(fields[1]);
    if (row != kinds_of_systems.end()) CHECK(row->second.count(fields[2]) == 1);
  });
  for (const std::string& name : published) {
    const auto other = renamed.find(name);
    const std::string& ours = other == renamed.end() ? name : other->second;
    spellings[folded(ours)].insert(ours);
    if (other != renamed.end()) continue;
    CAPTURE(name);
    const auto row = kinds_of_systems.find(name);
    if (row != kinds_of_systems.end()) CHECK(row->second.count("hosting") == 1);
  }
  for (const auto& [name, ways] : spellings) {
    CAPTURE(name);
    CHECK(ways.size() == 1);
  }
}

TEST_CASE("networks belong to whom the study of providers says") {
  const AsTable table;
  const auto row = [&](std::uint32_t asn) {
    const Provider* const found = table.find(asn);
    return found == nullptr ? "" : found->name + "/" + std::string(kind_name(found->kind));
  };
  const auto all = [&](std::initializer_list<std::uint32_t> numbers, const char* wanted) {
    for (const std::uint32_t asn : numbers) {
      CAPTURE(asn);
      CHECK(row(asn) == wanted);
    }
  };
  all({14618, 16509, 36263, 62785}, "AWS/cloud");
  all({15169, 16550, 19527, 139190, 396982}, "Google/cloud");
  all({3598, 8068, 8069, 8075}, "Azure/cloud");
  all({16276}, "OVH/cloud");
  all({24940, 212317, 213230, 215859}, "Hetzner/cloud");
  all({14061, 62567}, "DigitalOcean/cloud");
  all({63949}, "Linode/cloud");
  all({20473}, "Vultr/cloud");
  all({40021, 51167, 141995}, "Contabo/hosting");
  all({31898}, "Oracle/cloud");
  all({24429, 37963, 45102, 134963}, "Alibaba/cloud");
  all({45090, 132203}, "Tencent/cloud");
  all({12876}, "Scaleway/cloud");
  all({7203, 28753, 30633, 60781, 396362}, "Leaseweb/hosting");
  all({197540}, "netcup/hosting");
  all({8560, 51862}, "IONOS/hosting");
  all({47583}, "Hostinger/hosting");
  all({9009}, "M247/vpn");
  all({53667}, "FranTech (BuyVM)/hosting");
  all({44925}, "1984/hosting");
  all({200651}, "FlokiNET/hosting");
  all({13335, 209242}, "Cloudflare/cdn");
  // Names that mislead.
  all({35540}, "OVH Télécom/residential");
  all({37153}, "xneelo/hosting");
  all({53587}, "AZURE TECHNOLOGY CO., LIMITED/hosting");
  all({13030}, "Init7/other");
  all({64500}, "");
}

TEST_CASE("an address in a published range is its owner's, to the first and the last of them") {
  const PublishedRanges ranges;
  const auto owner = [&](const char* address) {
    const Provider* const found = ranges.find(ip(address));
    return found == nullptr ? "" : found->name + "/" + std::string(kind_name(found->kind));
  };
  // The first and the last lines of datacenters.csv, and their neighbours.
  CHECK(owner("1.178.0.255").empty());
  CHECK(owner("1.178.1.0") == "AWS/cloud");
  CHECK(owner("1.178.1.255") == "AWS/cloud");
  CHECK(owner("1.178.2.0").empty());
  CHECK(owner("223.27.168.0") == "Voxel/hosting");
  CHECK(owner("223.27.175.255") == "Voxel/hosting");
  CHECK(owner("223.27.176.0").empty());
  CHECK(owner("0.0.0.0").empty());
  CHECK(owner("255.255.255.255").empty());
  CHECK(owner("2600::1").empty());
}

TEST_CASE("the 53 servers of one operator are all Google's, without any database") {
  Enricher enricher(only(""));
  std::ifstream list(kVectors + "/enrich/sybil_addresses.txt");
  std::string address;
  int count = 0;
  while (std::getline(list, address)) {
    CAPTURE(address);
    CHECK(provider_of(enricher.place(ip(address))) == "Google/cloud/range/ipcat");
    ++count;
  }
  CHECK(count == 53);
}

TEST_CASE("names of networks tell of hosting") {
  for (const char* const name :
       {"Example Hosting Ltd", "ACME-CLOUD-7", "1GSERVERS", "BlueVPS OU", "VA-DATACENTER",
        "Adeo Data Center", "RAXIO DATA CENTRE", "xDatacentrex"})
    CHECK(sounds_like_hosting(name));
  for (const char* const name : {"", "Host", "Deutsche Telekom AG", "DATA-CENT", "Data  Center"})
    CHECK_FALSE(sounds_like_hosting(name));
}

TEST_CASE("MaxMind's own files give what their source says") {
  const MmdbSource city(kMmdb + "GeoIP2-City-Test.mmdb");
  CHECK(city.about().name == "GeoIP2-City");
  CHECK(city.about().values == "country, city, coordinates");
  CHECK(city.about().date == "2026-02-04");
  const AddressFacts boxford = city.find(ip("2.125.160.216"));
  CHECK(boxford.country == "GB");
  CHECK(boxford.city == "Boxford");
  CHECK(boxford.latitude == 51.75);
  CHECK(boxford.longitude == -1.25);
  CHECK(boxford.asn == 0);
  const AddressFacts melbourne = city.find(ip("214.0.1.77"));
  CHECK(melbourne.city == "Melbourne");
  CHECK(melbourne.latitude == -37.8159);
  CHECK(melbourne.longitude == 144.9669);
  const AddressFacts japan = city.find(ip("2001:218::1"));
  CHECK(japan.country == "JP");
  CHECK(japan.city.empty());
  CHECK(japan.latitude == 35.68536);
  // A record that holds nothing of use, and none at all.
  CHECK(city.find(ip("214.1.1.1")).country.empty());
  CHECK(city.find(ip("10.0.0.1")).country.empty());

  const MmdbSource asn(kMmdb + "GeoLite2-ASN-Test.mmdb");
  CHECK(asn.about().values == "AS");
  CHECK(asn.about().licence == "GeoLite2 End User License Agreement");
  CHECK(asn.find(ip("1.128.0.0")).asn == 1221);
  CHECK(asn.find(ip("1.159.255.255")).as_name == "Telstra Pty Ltd");
  CHECK(asn.find(ip("12.81.96.1")).asn == 7018);
  CHECK(asn.find(ip("12.81.96.1")).as_name.empty());
  CHECK(asn.find(ip("1.160.0.0")).asn == 0);
  CHECK(MmdbSource(kMmdb + "GeoLite2-City-Test.mmdb").find(ip("89.160.20.112")).country == "SE");
}

TEST_CASE("flat schemas are understood, and each file asked for its own family") {
  const MmdbSource v4(kMmdb + "flat-city-ipv4.mmdb");
  const MmdbSource v6(kMmdb + "flat-city-ipv6.mmdb");
  const AddressFacts reykjavik = v4.find(ip("11.1.255.255"));
  CHECK(reykjavik.country == "IS");
  CHECK(reykjavik.city == "Reykjavík");
  CHECK(reykjavik.latitude == 64.125);
  CHECK(reykjavik.longitude == -21.75);
  CHECK(v4.find(ip("11.2.0.0")).city.empty());
  CHECK(v4.find(ip("11.2.0.0")).latitude == 39.5);
  CHECK(v4.find(ip("11.3.0.0")).country.empty());
  CHECK(v4.find(ip("2a0a:1::1")).country.empty());
  CHECK(v6.find(ip("2a0a:1::1")).city == "Tartu");
  CHECK(v6.find(ip("11.1.0.0")).city.empty());

  Enricher both(only("", {kMmdb + "flat-city-ipv4.mmdb", kMmdb + "flat-city-ipv6.mmdb"}));
  CHECK(both.place(ip("11.1.0.1")).city == "Reykjavík");
  CHECK(both.place(ip("2a0a:1::1")).city == "Tartu");
  CHECK(both.place(ip("2a0a:1::1")).city_source->name == "city ipv6");

  const MmdbSource asn(kMmdb + "flat-asn.mmdb");
  const auto network = [&](const char* address) {
    const AddressFacts facts = asn.find(ip(address));
    return facts.country + "/" + std::to_string(facts.asn) + "/" + facts.as_name;
  };
  CHECK(network("11.1.0.1") == "IS/64500/Example Networks");
  CHECK(network("11.2.0.1") == "PT/64501/Example Fibre");
  CHECK(network("11.3.0.1") == "/64502/");
  CHECK(network("11.4.0.1") == "/64503/Example Cloud");
  CHECK(network("11.5.0.1") == "/0/");
  CHECK(network("11.6.0.1") == "/0/");
  CHECK(network("2a0a:1::1") == "/24940/Example Six");
}

TEST_CASE("every corrupt MaxMind DB ends in a message that names it") {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(kMmdb + "bad")) {
    CAPTURE(entry.path().string());
    CHECK_FALSE(complaint_about_mmdb(entry.path().string()).empty());
    ++count;
  }
  CHECK(count == 23);
  CHECK(complaint_about_mmdb("/nowhere/x.mmdb") == "No such file or directory");
  CHECK(complaint_about_mmdb("/") == "not a regular file");
  CHECK(complaint_about_mmdb("/dev/null") == "not a regular file");
  CHECK(complaint_about_mmdb(kLibloc) == "not a MaxMind DB");
  const TemporaryFile empty("");
  CHECK(complaint_about_mmdb(empty.path()) == "not a MaxMind DB");
  CHECK(complaint_about_mmdb(kMmdb + "flat-other-kind.mmdb") ==
        "a MaxMind DB of type \"anonymous\", which holds no country, city, coordinates or AS "
        "numbers");
  CHECK(complaint_about_mmdb(kMmdb + "flat-nowhere.mmdb") ==
        "broken MaxMind DB: coordinates that are nowhere on Earth");
}

TEST_CASE("metadata that would fill the memory or the stack are refused at once") {
  const std::string marker = "\xAB\xCD\xEFMaxMind.com";
  const auto complaint_about_metadata = [&](const std::string& metadata) {
    const TemporaryFile file(marker + metadata);
    return complaint_about_mmdb(file.path());
  };
  const auto begun = std::chrono::steady_clock::now();
  // Sixty thousand maps, each in the one before it under an empty key.
  std::string nested;
  for (int i = 0; i < 60000; ++i) nested += "\xE1\x40";
  CHECK(complaint_about_metadata(nested) == "broken MaxMind DB: metadata: data nested too deeply");
  // `languages`: an array of four pointers to an array of four pointers, twelve times: 16 million
  // texts, if followed.
  std::string bomb = "\xE1\x49languages";
  for (int i = 0; i < 12; ++i) {
    const auto next = static_cast<char>(bomb.size() + 10);
    bomb += "\x04\x04";
    for (int j = 0; j < 4; ++j) bomb += std::string("\x20") + next;
  }
  bomb += "\x41x";
  CHECK(complaint_about_metadata(bomb) == "broken MaxMind DB: metadata: data without an end");
  // An array that holds itself.
  CHECK(complaint_about_metadata(std::string("\xE1\x49languages\x01\x04\x20\x0B", 15)) ==
        "broken MaxMind DB: metadata: data nested too deeply");
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
}

TEST_CASE("records that would fill the stack or the time are refused at once") {
  const auto text = [](const std::string& content) {
    return std::string(1, static_cast<char>(0x40 + content.size())) + content;
  };
  const std::string metadata = "\xE9" + text("binary_format_major_version") + "\xA1\x02" +
                               text("binary_format_minor_version") + "\xA0" + text("build_epoch") +
                               "\x04\x02\x60" + std::string("\0\0\0", 3) + text("database_type") +
                               text("City") + text("description") + "\xE0" + text("ip_version") +
                               "\xA1\x04" + text("languages") + std::string("\0\x04", 2) +
                               text("node_count") + "\xC1\x01" + text("record_size") + "\xA1\x18";
  // A tree of one node whose two ways lead to the one record.
  const auto complaint_about_record = [&](const std::string& record) {
    const TemporaryFile file(std::string("\0\0\x11\0\0\x11", 6) + std::string(16, '\0') + record +
                             "\xAB\xCD\xEFMaxMind.com" + metadata);
    return complaint_about_mmdb(file.path());
  };
  CHECK(complaint_about_record("\xE1" + text("country_code") + text("IS")).empty());
  std::string nested = "\xE2" + text("x");
  for (int i = 0; i < 500000; ++i) nested += "\xE1\x40";
  nested += "\xE0" + text("country_code") + text("IS");
  CHECK(complaint_about_record(nested) == "broken MaxMind DB: data nested too deeply");
  // A million empty maps under one key.
  CHECK(complaint_about_record("\xE1" + text("x") + "\x1F\x04\x0F\x42\x40" +
                               std::string(1100000, '\xE0')) ==
        "broken MaxMind DB: data without an end");
}

TEST_CASE("a database of libloc gives country and network of both families") {
  const LibLocSource source(kLibloc);
  const auto say = [&](const char* address) {
    const AddressFacts facts = source.find(ip(address));
    return facts.country + "/" + std::to_string(facts.asn) + "/" + facts.as_name;
  };
  CHECK(source.about().name == "libloc");
  CHECK(source.about().date == "2026-10-01");
  CHECK(source.about().licence == "CC BY-SA 4.0");
  CHECK(source.about().entries == 10);
  CHECK(say("11.1.0.0") == "FI/24940/Hetzner Online GmbH");
  CHECK(say("11.1.127.255") == "FI/24940/Hetzner Online GmbH");
  CHECK(say("11.1.128.0") == "FR/16276/OVH SAS");
  CHECK(say("11.2.255.255") == "US/64500/Example Cloud Services");
  CHECK(say("11.4.0.0") == "NO/0/");
  CHECK(say("11.5.0.0") == "/64502/");
  // Here the tree goes on below the network, towards another: libloc 0.9.18 finds neither.
  CHECK(say("11.6.6.255") == "DK/64503/");
  CHECK(say("11.6.7.0") == "DE/64503/");
  CHECK(say("11.6.8.0") == "DK/64503/");
  CHECK(say("2a0a:1:ffff::") == "NL/13335/CLOUDFLARENET");
  CHECK(say("11.0.255.255") == "/0/");
  CHECK(say("2a0a:2::") == "/0/");
}

TEST_CASE("a file that libloc would fall over is refused") {
  const std::string whole = content_of(kLibloc);
  const auto with = [&](std::size_t at, std::string_view bytes) {
    std::string changed = whole;
    return changed.replace(at, bytes.size(), bytes);
  };
  CHECK(complaint_about_libloc(whole).empty());
  CHECK(complaint_about_libloc("") == "not a database of libloc, or a torn one: too short");
  CHECK(complaint_about_libloc("some text") ==
        "not a database of libloc, or a torn one: too short");
  CHECK(complaint_about_libloc(std::string(10000, 'x')) == "not a database of libloc");
  CHECK(complaint_about_libloc(with(7, "\x02")) == "a database of libloc in version 2, not 1");
  CHECK(complaint_about_libloc(with(8, "\xFF")) == "broken: made at a time that is no date");
  for (std::size_t size = 0; size < whole.size(); size += 97)
    CHECK_FALSE(complaint_about_libloc(whole.substr(0, size)).empty());
  // Offsets and sizes of the parts: AS, networks, nodes, countries, texts.
  for (std::size_t at = 28; at < 68; at += 4) {
    CAPTURE(at);
    CHECK(complaint_about_libloc(with(at, "\xFF\xFF\xFF\xF0")) ==
          "broken or torn: a part of it lies beyond its end");
  }
  CHECK(complaint_about_libloc(with(whole.size() - 1, "x")) == "broken: its texts do not end");
  CHECK(complaint_about_libloc(with(64, std::string(4, '\0'))) == "broken: its texts do not end");
  CHECK(complaint_about_libloc(with(48, std::string(4, '\0'))) ==
        "a database of libloc without networks");

  // The first node, whose both ways lead to itself, to one far away; and a network far away.
  const auto number = [&](std::size_t at) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
      value = value << 8U | static_cast<unsigned char>(whole[at + i]);
    return value;
  };
  const std::size_t nodes = number(44);
  const std::size_t second = nodes + 12;
  // Round and round, which ends with the bits of the address.
  CHECK(complaint_about_libloc(with(second, std::string("\0\0\0\1\0\0\0\1", 8))).empty());
  CHECK(complaint_about_libloc(with(nodes, "\x7F\xFF\xFF\xFF\x7F\xFF\xFF\xFF")) ==
        "broken: no such node");
  CHECK(complaint_about_libloc(with(nodes + 8, std::string("\0\0\xFF\xFF", 4))) ==
        "broken: no such network");
  CHECK(complaint([] { LibLocSource("/nowhere/x.db"); }) ==
        "/nowhere/x.db: No such file or directory");
  CHECK(complaint([] { LibLocSource("/dev/null"); }) == "/dev/null: not a regular file");
}

TEST_CASE("files with a few bytes changed give answers or a message, and nothing worse") {
  std::mt19937 chance(1);
  int refused = 0;
  for (const std::string& path :
       {kMmdb + "flat-asn.mmdb", kMmdb + "GeoLite2-ASN-Test.mmdb", kLibloc}) {
    const std::string whole = content_of(path);
    for (int round = 0; round < 300; ++round) {
      std::string changed = whole;
      for (auto i = chance() % 3; i < 4; ++i)
        changed[chance() % changed.size()] = static_cast<char>(chance() % 2 == 0 ? 0xFF : chance());
      if (path == kLibloc) {
        changed[8 + chance() % 64] = static_cast<char>(chance());
        refused += complaint_about_libloc(changed).empty() ? 0 : 1;
      } else {
        const TemporaryFile file(changed);
        refused += complaint_about_mmdb(file.path()).empty() ? 0 : 1;
      }
    }
  }
  CHECK(refused > 300);
}

TEST_CASE("providers are found by annotation, range, network and word, in this order") {
  const TemporaryFile notes(
      "AS64500,provider,Example\n"
      "2a0a:0001::9,kind,vpn\n"
      "136.107.155.173,provider,Somebody\n");
  Enricher plain(only(kLibloc));
  // A range before its network's row: 1.178.1.0 is nobody's in this database.
  CHECK(provider_of(plain.place(ip("1.178.1.9"))) == "AWS/cloud/range/ipcat");
  CHECK(provider_of(plain.place(ip("11.1.0.1"))) == "Hetzner/cloud/asn/AS table");
  CHECK(provider_of(plain.place(ip("2a0a:1::1"))) == "Cloudflare/cdn/asn/AS table");
  CHECK(provider_of(plain.place(ip("11.2.0.1"))) ==
        "Example Cloud Services/hosting/keyword/libloc");
  CHECK(provider_of(plain.place(ip("11.3.0.1"))) == "/unknown/none/");
  CHECK(plain.place(ip("11.3.0.1")).as_name == "Quiet Fibre AB");
  CHECK(provider_of(plain.place(ip("11.4.0.1"))) == "/unknown/none/");

  Enricher noted(only(kLibloc, {}, {notes.path()}));
  CHECK(provider_of(noted.place(ip("11.2.0.1"))) == "Example/hosting/annotation/annotations");
  CHECK(provider_of(noted.place(ip("2a0a:1::9"))) == "Cloudflare/vpn/annotation/annotations");
  CHECK(provider_of(noted.place(ip("2a0a:1::8"))) == "Cloudflare/cdn/asn/AS table");
  CHECK(provider_of(noted.place(ip("136.107.155.173"))) == "Somebody/cloud/annotation/annotations");
}

TEST_CASE("the first file that knows a value gives it, and is named with it") {
  Enricher enricher(only(kLibloc, {kMmdb + "flat-asn.mmdb", kMmdb + "flat-city-ipv4.mmdb"}));
  const Place& place = enricher.place(ip("11.2.0.1"));
  CHECK(country_of(place) == "PT/asn");
  CHECK(place.city.empty());
  CHECK(place.latitude == 39.5);
  CHECK(place.city_source->name == "city ipv4");
  CHECK(place.city_source->date == "2026-11-21");
  CHECK(place.asn == 64501);
  CHECK(place.asn_source->name == "asn");
  // Coordinates of one file and a city of another might contradict each other.
  Enricher two(only("", {kMmdb + "flat-city-ipv4.mmdb", kMmdb + "flat-second-city-ipv4.mmdb"}));
  CHECK(two.place(ip("11.2.0.1")).city.empty());
  CHECK(two.place(ip("11.2.0.1")).latitude == 39.5);
  CHECK(two.place(ip("11.9.0.1")).city == "Vigo");
  // What none of them knows comes from libloc.
  CHECK(country_of(enricher.place(ip("11.4.0.1"))) == "NO/libloc");
  CHECK(enricher.place(ip("11.4.0.1")).city_source == nullptr);

  std::vector<std::string> names;
  for (const DataSource& source : enricher.sources()) names.push_back(source.name);
  CHECK(names == std::vector<std::string>{"asn", "city ipv4", "libloc", "ipcat", "AS table"});
  CHECK(enricher.missing().empty());
}

TEST_CASE("addresses that nobody can reach have no place, whatever the data say") {
  Enricher enricher(only(kLibloc));
  for (const char* const address : {"192.168.1.1", "127.0.0.1", "10.9.8.7", "203.0.113.5",
                                    "169.254.1.1", "::1", "fe80::1", "2001:db8::1", "fd00::1"}) {
    CAPTURE(address);
    const Place& place = enricher.place(ip(address));
    CHECK(place.country.empty());
    CHECK(place.asn == 0);
    CHECK(provider_of(place) == "/unknown/none/");
  }
  const TemporaryFile notes("192.168.1.1,country,de\n");
  Enricher noted(only(kLibloc, {}, {notes.path()}));
  CHECK(country_of(noted.place(ip("192.168.1.1"))) == "DE/annotations");
}

TEST_CASE("an address is looked up once, in either of its forms") {
  Enricher enricher(only(kLibloc));
  const Place* const first = &enricher.place(ip("11.1.0.1"));
  for (int i = 0; i < 5000; ++i) {
    IpAddress other = ip("12.0.0.0");
    other.bytes[2] = static_cast<std::uint8_t>(i >> 8U);
    other.bytes[3] = static_cast<std::uint8_t>(i);
    enricher.place(other);
  }
  CHECK(&enricher.place(ip("11.1.0.1")) == first);
  CHECK(&enricher.place(ip("::ffff:11.1.0.1")) == first);
  CHECK(first->country == "FI");
  CHECK(enricher.onion().kind == ProviderKind::kOnion);
  CHECK(enricher.onion().rule == ProviderRule::kNone);
  CHECK(enricher.onion().country.empty());
}

TEST_CASE("annotations are found by host, address, network, provider and certificate") {
  const std::string sha(64, 'a');
  std::string colons;
  for (int i = 0; i < 32; ++i) colons += i == 0 ? "AA" : ":AA";
  const TemporaryFile first(
      "\xEF\xBB\xBFKey,Field,Value,Note\r\n"
      "# who runs what\r\n"
      "Electrum.Example.ORG,operator,\"Alice, and Bob\",told by mail\r\n"
      "2001:DB8:0:0::1 , Operator , Carol\r\n"
      "as64500,note,\"a \"\"quiet\"\" network\"\r\n" +
      colons + ",operator,Dave\r\n");
  const TemporaryFile second(
      "electrum.example.org,operator,Eve\n"
      "electrum.example.org.,note,second file\n"
      "\"Quiet Hosts, Inc.\",operator,Frank\n");
  Enricher enricher(only("", {}, {first.path(), second.path()}));
  CHECK(enricher.annotation("electrum.example.org", "operator") == "Alice, and Bob");
  CHECK(enricher.annotation("electrum.example.org", "note") == "second file");
  CHECK(enricher.annotation("ELECTRUM.example.org.", "note") == "second file");
  CHECK(enricher.annotation("2001:db8::1", "operator") == "Carol");
  CHECK(enricher.annotation("AS64500", "note") == "a \"quiet\" network");
  CHECK(enricher.annotation(sha, "operator") == "Dave");
  CHECK(enricher.annotation("quiet hosts, inc.", "operator") == "Frank");
  CHECK(enricher.annotation("electrum.example.org", "city").empty());
  CHECK(enricher.annotation("other.example.org", "operator").empty());
  CHECK(enricher.sources()[0].entries == 4);
  CHECK(enricher.sources()[1].path == second.path());
}

TEST_CASE("an annotated address is where the user says") {
  const TemporaryFile notes(
      "11.1.0.1,city,Helsinki\n"
      "11.1.0.1,latitude,60.17\n"
      "11.1.0.1,longitude,24.94\n"
      "11.1.0.2,city,Turku\n"
      "11.1.0.3,provider,HETZNER ONLINE\n"
      "hetzner online,provider,Hetzner\n"
      "Hetzner,kind,other\n"
      "AS16276,kind,residential\n"
      "11.1.200.7,kind,cdn\n");
  Enricher enricher(only(kLibloc, {kMmdb + "flat-city-ipv4.mmdb"}, {notes.path()}));
  const Place& helsinki = enricher.place(ip("11.1.0.1"));
  CHECK(helsinki.city == "Helsinki");
  CHECK(helsinki.latitude == 60.17);
  CHECK(helsinki.longitude == 24.94);
  CHECK(helsinki.city_source->name == "annotations");
  CHECK(country_of(helsinki) == "IS/city ipv4");
  // A city of the user's and coordinates of a file's might contradict each other.
  CHECK(enricher.place(ip("11.1.0.2")).city == "Turku");
  CHECK_FALSE(enricher.place(ip("11.1.0.2")).latitude);
  // The address before its network before its provider.
  CHECK(provider_of(enricher.place(ip("11.1.0.4"))) == "Hetzner/other/annotation/annotations");
  CHECK(provider_of(enricher.place(ip("11.1.200.1"))) == "OVH/residential/annotation/annotations");
  CHECK(provider_of(enricher.place(ip("11.1.200.7"))) == "OVH/cdn/annotation/annotations");
  CHECK(enricher.place(ip("11.1.0.3")).provider == "HETZNER ONLINE");
}

TEST_CASE("a bad line of annotations is named") {
  const auto complain = complaint_about_annotations;
  CHECK(complain("").empty());
  CHECK(complain("a,b\n") == "line 1: 2 fields; key,field,value,note expected");
  CHECK(complain("key,field,value\nx,operator,Alice,why,more\n") ==
        "line 2: 5 fields; key,field,value,note expected");
  CHECK(complain("\n\nx,operater,Alice\n") ==
        "line 3: \"operater\" is no field (operator, provider, kind, country, city, latitude, "
        "longitude, note)");
  CHECK(complain("x,kind,Cloud\n") ==
        "line 1: \"Cloud\" is no kind (unknown, cloud, hosting, vpn, cdn, residential, other)");
  CHECK(complain("x,kind,onion\n").substr(0, 8) == "line 1: ");
  CHECK(complain("x,country,GER\n") == "line 1: \"GER\" is no country code of two letters");
  for (const char* const number : {"91", "x", "", "nan", "1,5", "0x10", "1e999", "5 N"}) {
    CAPTURE(number);
    CHECK(complain("1.1.1.1,latitude,\"" + std::string(number) + "\"\n1.1.1.1,longitude,1\n")
              .substr(0, 8) == "line 1: ");
  }
  CHECK(complain("1.1.1.1,latitude,-90\n1.1.1.1,longitude,180.0\n").empty());
  CHECK(complain("x,note,a\n1.1.1.1,latitude,5\n") ==
        "line 2: \"1.1.1.1\" has a latitude or a longitude alone");
  CHECK(complain("x,operator,\n") == "line 1: an empty value");
  CHECK(complain(",operator,Alice\n") == "line 1: an empty key");
  CHECK(complain("x,operator,\xFF\n") == "line 1: not UTF-8");
  CHECK(complain("x,operator,\"Alice\n\n") == "line 1: a quote that is not closed");
  CHECK(complain("X,operator,Alice\nx,operator,Alice\n").empty());
  CHECK(complain("X,operator,Alice\ny,note,1\nx,operator,Bob\n") ==
        "line 3: not what line 1 says: \"x\" has operator \"Alice\"");
  CHECK(complaint([] { Annotations().add("/nowhere.csv"); }) ==
        "/nowhere.csv: No such file or directory");
}

TEST_CASE("without libloc's database it is said what stays unknown") {
  EnrichOptions options;
  options.libloc = "/nowhere/location.db";
  CHECK(complaint([&] { const Enricher enricher(options); }) ==
        "/nowhere/location.db: No such file or directory");
  Enricher nothing(only(""));
  CHECK(nothing.missing().empty());
  CHECK(nothing.sources().size() == 2);
  CHECK(nothing.place(ip("8.8.8.8")).country.empty());
}
