// SPDX-License-Identifier: MIT
// The probe against servers behind the TLS that operators put in front of them: nginx and stunnel.
// What was recorded of handshake and certificates is judged by the `openssl` command. Where these
// programs are missing the cases are skipped, and say so.
#include <algorithm>
#include <limits>

#include "tests/catch2.h"
#include "tests/integration/demo_process.h"
#include "tests/integration/tls_stack.h"

namespace observatory::integration {
namespace {

// What handshakes on loopback stay below unless somebody waits for a delayed acknowledgement,
// which takes 40 ms and more.
#if defined(__SANITIZE_ADDRESS__)
constexpr long kSlowestHandshakeUs = 400000;
#else
constexpr long kSlowestHandshakeUs = 35000;
#endif

enum class Versions { kOld, kNew, kBoth };

// One service of a stack: its place in the table is its address.
struct Service {
  std::string certificate;
  Words chain;
  Versions versions = Versions::kBoth;
  bool trusted = false;
  bool prefers_own_ciphers = false;  // and has all that it knows
};

const std::vector<Service>& services() {
  static const std::vector<Service> table = {
      {"rsa", {"rsa"}, Versions::kOld},
      {"ec", {"ec"}, Versions::kOld},
      {"rsa", {"rsa"}, Versions::kNew},
      {"ec", {"ec"}, Versions::kNew},
      {"leaf", {"leaf", "inter", "root"}, Versions::kBoth, true},
      {"expired", {"expired"}, Versions::kBoth, true},
      {"rsa", {"rsa"}, Versions::kOld, false, true},
  };
  return table;
}

bool is_rsa(const Service& service) { return service.certificate == "rsa"; }

std::string address_of(std::size_t index) { return own_network() + std::to_string(101 + index); }

// The demo server behind every stack of a case, on TCP.
constexpr const char* kBackend = "electrumx-1.16-git";
std::string backend() { return own_network() + "2:50001"; }

std::string nginx_server(const Service& service, const std::string& address,
                         const std::string& backend, const Certificates& files) {
  const std::string versions = service.versions == Versions::kOld   ? "TLSv1.2"
                               : service.versions == Versions::kNew ? "TLSv1.3"
                                                                    : "TLSv1.2 TLSv1.3";
  const std::string ciphers = service.prefers_own_ciphers
                                  ? "ssl_prefer_server_ciphers on;"
                                  : "ssl_ciphers ECDHE+AESGCM+AES128;"
                                    "ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;";
  return "server { listen " + address + ":" + kTlsPort + " ssl; proxy_pass " + backend +
         "; ssl_protocols " + versions + "; ssl_certificate " +
         files.path(service.certificate + ".chain") + "; ssl_certificate_key " +
         files.path(service.certificate + ".key") + "; " + ciphers + " }\n";
}

std::string stunnel_service(const Service& service, const std::string& address,
                            const std::string& backend, const Certificates& files) {
  const bool old = service.versions == Versions::kOld;
  return "[s" + address + "]\naccept = " + address + ":" + kTlsPort + "\nconnect = " + backend +
         "\ncert = " + files.path(service.certificate + ".chain") +
         "\nkey = " + files.path(service.certificate + ".key") +
         "\nsslVersionMin = " + (service.versions == Versions::kNew ? "TLSv1.3" : "TLSv1.2") +
         "\nsslVersionMax = " + (old ? "TLSv1.2" : "TLSv1.3") +
         (service.prefers_own_ciphers ? "\noptions = CIPHER_SERVER_PREFERENCE\n"
                                      : "\nciphers = ECDHE+AESGCM+AES128\n"
                                        "ciphersuites = TLS_AES_128_GCM_SHA256\n");
}

Words addresses() {
  Words all;
  for (std::size_t i = 0; i < services().size(); ++i) all.push_back(address_of(i));
  return all;
}

void check_leaf(const Json& record, const std::string& name, const Certificates& files) {
  CHECK(text_of(record, "tls.leaf.sha256") == files.sha256(name));
  CHECK(text_of(record, "tls.leaf.subject") ==
        files.say(name, {"-subject", "-nameopt", "RFC2253"}));
  CHECK(text_of(record, "tls.leaf.issuer") == files.say(name, {"-issuer", "-nameopt", "RFC2253"}));
  CHECK(text_of(record, "tls.leaf.not_before") == files.seconds(name, "-startdate"));
  CHECK(text_of(record, "tls.leaf.not_after") == files.seconds(name, "-enddate"));
  const bool own = name == "rsa" || name == "ec";
  CHECK(text_of(record, "tls.leaf.self_signed") == (own ? "true" : "false"));
  CHECK(text_of(record, "tls.leaf.key") == (name == "rsa" ? "rsa-2048" : "ec-p256"));
  CHECK(text_of(record, "tls.leaf.san") ==
        (name == "leaf" ? R"(["stack.example","other.example"])" : "absent"));
}

void check_service(const Service& service, const Json& record, const Json& run,
                   const Certificates& files) {
  const bool speaks_new = text_of(run, "tls_newest") == "TLSv1.3";
  if (service.versions == Versions::kNew && !speaks_new) {
    CHECK(text_of(record, "outcome") == "tls_no_version");
    return;
  }
  CHECK(text_of(record, "outcome") == "ok");
  CHECK(text_of(record, "electrum.software") == "ElectrumX 1.16.0");
  CHECK(text_of(record, "wire.arrival") == "1,2,3,4,5,6,7,8");
  const bool is_new = speaks_new && service.versions != Versions::kOld;
  CHECK(text_of(record, "tls.version") == (is_new ? "TLSv1.3" : "TLSv1.2"));
  const std::string cipher = text_of(record, "tls.cipher");
  if (service.prefers_own_ciphers) {
    CHECK(cipher == "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
  } else if (is_new) {
    CHECK(cipher == "TLS_AES_128_GCM_SHA256");
  } else {
    CHECK(cipher == std::string("TLS_ECDHE_") + (is_rsa(service) ? "RSA" : "ECDSA") +
                        "_WITH_AES_128_GCM_SHA256");
  }
  // mbedTLS 3.6.6 fails at a server of TLS 1.2 that signs with RSA-PSS, which it then asked for by
  // mistake (Mbed-TLS issue 10668). OpenSSL does where its own order counts.
  const bool defect = text_of(run, "tls_engine") == "mbedTLS 3.6.6" && is_rsa(service) &&
                      service.prefers_own_ciphers && !is_new;
  CHECK(text_of(record, "tls.fallback") == (defect ? "true" : "absent"));
  CHECK(text_of(record, "connections") == (defect ? "2" : "absent"));

  std::string chain;
  for (const std::string& name : service.chain) {
    chain += (chain.empty() ? "[\"" : ",\"") + files.sha256(name) + "\"";
  }
  CHECK(text_of(record, "tls.chain") == chain + "]");
  CHECK(text_of(record, "tls.leaf.trusted") == (service.trusted ? "true" : "false"));
  CHECK(text_of(record, "tls.leaf.name_matches") == "false");
  check_leaf(record, service.certificate, files);
}

// Visits every service of a stack that is up, and checks what was recorded.
void check_stack(const Certificates& files) {
  Words endpoints;
  for (const std::string& address : addresses()) {
    endpoints.push_back(address + ":" + kTlsPort + ":s");
  }
  const Log log = visit(endpoints, {"--ca-file", files.path("root.pem")});
  const std::map<std::string, Json> records = by_endpoint(log);
  for (std::size_t i = 0; i < services().size(); ++i) {
    CAPTURE(i, services()[i].certificate);
    const std::string endpoint = address_of(i) + ":" + kTlsPort + ":tls";
    REQUIRE(records.count(endpoint) == 1);
    CAPTURE(to_text(records.at(endpoint)));
    check_service(services()[i], records.at(endpoint), log.run, files);
  }
}

// The shortest of the handshakes: what is in every one of them is in it too.
long shortest_handshake(const std::string& endpoint) {
  long shortest = std::numeric_limits<long>::max();
  for (int i = 0; i < 5; ++i) {
    const Log log = visit({endpoint});
    const Json& record = log.observations.at(0);
    CHECK(text_of(record, "outcome") == "ok");
    CHECK(text_of(record, "tls.version") == "TLSv1.2");
    REQUIRE(has(record, "us.tls"));
    shortest = std::min(shortest, std::stol(text_of(record, "us.tls")));
  }
  return shortest;
}

}  // namespace

TEST_CASE("servers behind nginx are recorded with their handshakes and chains as they are") {
  const std::string nginx = program("nginx");
  if (nginx.empty() || program("openssl").empty() || !has_stream_module()) return;
  const Certificates files;
  const DemoProcess network(kBackend);
  const TempFolder folder;
  std::string body;
  for (std::size_t i = 0; i < services().size(); ++i) {
    body += nginx_server(services()[i], address_of(i), backend(), files);
  }
  const Stack stack(nginx_command(nginx, folder, "stream {\n" + body + "}\n"), addresses());
  check_stack(files);
}

TEST_CASE("servers behind stunnel are recorded with their handshakes and chains as they are") {
  const std::string stunnel = program("stunnel4");
  if (stunnel.empty() || program("openssl").empty()) return;
  const Certificates files;
  const DemoProcess network(kBackend);
  const TempFolder folder;
  std::string text;
  for (std::size_t i = 0; i < services().size(); ++i) {
    text += stunnel_service(services()[i], address_of(i), backend(), files);
  }
  const Stack stack(stunnel_command(stunnel, folder, text), addresses());
  check_stack(files);
}

TEST_CASE("a web server is another protocol, with TLS and without, and its certificate is kept") {
  const std::string nginx = program("nginx");
  if (nginx.empty() || program("openssl").empty() || !has_stream_module()) return;
  const std::string address = own_network() + "1";
  const Certificates files;
  const TempFolder folder;
  const std::string body = "http { " + nginx_folders(folder) + "server { listen " + address + ":" +
                           kTlsPort + " ssl; listen " + address + ":50001; ssl_certificate " +
                           files.path("ec.chain") + "; ssl_certificate_key " +
                           files.path("ec.key") + "; } }\n";
  const Stack stack(nginx_command(nginx, folder, body), {address});
  const std::map<std::string, Json> records =
      by_endpoint(visit({address + ":" + kTlsPort + ":s", address + ":" + kTlsPort + ":t",
                         address + ":50001:t", address + ":50001:s"}));
  const Json& tls = records.at(address + ":" + kTlsPort + ":tls");
  CHECK(text_of(tls, "outcome") == "wrong_protocol");
  check_leaf(tls, "ec", files);
  // Plain text on the port for TLS, plain text on the other, and TLS on the other: it answers all
  // with its page of error 400.
  CHECK(text_of(records.at(address + ":" + kTlsPort + ":tcp"), "outcome") == "wrong_protocol");
  CHECK(text_of(records.at(address + ":50001:tcp"), "outcome") == "wrong_protocol");
  CHECK(text_of(records.at(address + ":50001:tls"), "outcome") == "wrong_protocol");
}

TEST_CASE("no handshake of TLS 1.2 waits for a delayed acknowledgement") {
  if (is_emulated()) {
    WARN("skipped: the emulator takes longer than an acknowledgement is delayed");
    return;
  }
  const DemoProcess network(std::string(kBackend) + ",tls-1.2-only");
  CHECK(shortest_handshake(own_network() + "37:50002:s") < kSlowestHandshakeUs);

  const std::string nginx = program("nginx");
  if (nginx.empty() || program("openssl").empty() || !has_stream_module()) return;
  const Certificates files;
  const TempFolder folder;
  const std::string address = address_of(0);
  const Service service{"ec", {"ec"}, Versions::kOld};
  const Stack stack(
      nginx_command(nginx, folder,
                    "stream {\n" + nginx_server(service, address, backend(), files) + "}\n"),
      {address});
  CHECK(shortest_handshake(address + ":" + kTlsPort + ":s") < kSlowestHandshakeUs);
}

}  // namespace observatory::integration
