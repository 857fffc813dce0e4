// SPDX-License-Identifier: MIT
// --tls-fingerprint against OpenSSL, nginx and stunnel. What the probe recorded is compared with
// jarm.py, an implementation of JARM that shares nothing with ours. Where a program is missing, its
// servers are left out, and the case says so.
#include <memory>

#include "tests/catch2.h"
#include "tests/integration/demo_process.h"
#include "tests/integration/tls_stack.h"

namespace observatory::integration {
namespace {

constexpr int kPort = 50002;

// TLS servers of a case, each at an address of its own.
class Servers {
 public:
  void openssl(const std::string& certificate, const Words& options = {}) {
    const std::string address = next_address();
    Words words = {"openssl",
                   "s_server",
                   "-rev",
                   "-accept",
                   address + ":" + std::to_string(kPort),
                   "-cert",
                   files_.path(certificate + ".pem"),
                   "-key",
                   files_.path(certificate + ".key")};
    words.insert(words.end(), options.begin(), options.end());
    start(words, "openssl", address);
  }

  void nginx(const std::string& certificate, const std::string& options = {}) {
    const std::string nginx = program("nginx");
    if (nginx.empty()) return;
    const std::string address = next_address();
    std::string body = "daemon off; master_process off; events {} pid " + folder_.path(address) +
                       ".pid; http { access_log off; ";
    for (const std::string kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      body += kind + "_temp_path " + folder_.path(address + kind) + ";";
    }
    body += "server { listen " + address + ":50001; listen " + address + ":" +
            std::to_string(kPort) + " ssl; ssl_certificate " + files_.path(certificate + ".pem") +
            "; ssl_certificate_key " + files_.path(certificate + ".key") + "; " + options +
            " } }\n";
    const std::string conf = folder_.write(address + ".nginx", body);
    start({nginx, "-p", folder_.path(""), "-e", "stderr", "-c", conf}, "nginx", address);
  }

  // In front of the server that was started last, an nginx.
  void stunnel(const std::string& certificate) {
    const std::string stunnel = program("stunnel4");
    if (stunnel.empty() || servers_.back().name != "nginx") return;
    const std::string backend = servers_.back().address;
    const std::string address = next_address();
    const std::string conf = folder_.write(
        address + ".stunnel",
        "foreground = yes\npid =\nsyslog = no\noutput = " + folder_.path(address + ".log") +
            "\n[s]\naccept = " + address + ":" + std::to_string(kPort) + "\nconnect = " + backend +
            ":50001\ncert = " + files_.path(certificate + ".pem") +
            "\nkey = " + files_.path(certificate + ".key") + "\n");
    start({stunnel, conf}, "stunnel", address);
  }

  struct Server {
    std::string name;
    std::string address;
    std::unique_ptr<Process> process;
  };
  const std::vector<Server>& all() const { return servers_; }

 private:
  std::string next_address() const { return own_network() + std::to_string(151 + servers_.size()); }

  void start(const Words& command, const std::string& name, const std::string& address) {
    servers_.push_back({name, address, std::make_unique<Process>(command)});
    Process& process = *servers_.back().process;
    INFO("waiting for " << name << " at " << address);
    const bool up =
        eventually([&] { return process.ended() || accepts_connections(address, kPort); });
    INFO(process.out() << process.err());
    REQUIRE(up);
    REQUIRE_FALSE(process.ended());
  }

  Certificates files_;
  TempFolder folder_;
  std::vector<Server> servers_;
};

struct Jarm {
  std::string hash;
  std::string raw;
};

Jarm reference(const std::string& address) {
  const Result result = run({"python3", JARM_SCRIPT, address, std::to_string(kPort)});
  INFO(result.err);
  REQUIRE(result.status == 0);
  const std::size_t end = result.out.find('\n');
  return {result.out.substr(0, end),
          result.out.substr(end + 1, result.out.find('\n', end + 1) - end - 1)};
}

std::map<std::string, Json> visit(const Servers& servers, const std::string& fingerprint) {
  Words words = probe_command();
  words.insert(words.end(), {"--slots", "16", "--timeout", "5", "--tls-fingerprint", fingerprint});
  for (const Servers::Server& server : servers.all()) {
    words.push_back(server.address + ":" + std::to_string(kPort) + ":s");
  }
  const Result result = run(words);
  CHECK(result.status == 0);
  return by_endpoint(read_log(result.out));
}

const Json& record_of(const std::map<std::string, Json>& records, const Servers::Server& server) {
  return records.at(server.address + ":" + std::to_string(kPort) + ":tls");
}

}  // namespace

TEST_CASE("the fingerprint is what an independent implementation makes of the same server") {
  if (program("openssl").empty() || program("python3").empty()) return;
  Servers servers;
  servers.openssl("rsa");
  servers.openssl("ec");
  servers.openssl("rsa", {"-tls1_2"});
  servers.openssl("rsa", {"-tls1_3"});
  servers.openssl("rsa", {"-serverpref", "-no_ticket"});
  servers.openssl("rsa", {"-alpn", "h2,http/1.1"});
  servers.nginx("rsa");
  servers.nginx("ec", "ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on;");
  servers.stunnel("rsa");

  std::vector<Jarm> expected;
  for (const Servers::Server& server : servers.all()) expected.push_back(reference(server.address));
  const std::map<std::string, Json> records = visit(servers, "jarm");
  for (std::size_t i = 0; i < servers.all().size(); ++i) {
    const Servers::Server& server = servers.all()[i];
    const Json& record = record_of(records, server);
    CAPTURE(server.name, i, to_text(record));
    CHECK(text_of(record, "tls.jarm") == expected[i].hash);
    CHECK(text_of(record, "tls.jarm_raw") == expected[i].raw);
    CHECK(text_of(record, "tls.jarm_timeouts") == "absent");
  }
}

TEST_CASE("the hello of TLS 1.2 is answered by every server that speaks it") {
  if (program("openssl").empty()) return;
  Servers servers;
  servers.openssl("rsa");
  servers.openssl("ec", {"-serverpref"});
  servers.openssl("rsa", {"-alpn", "http/1.1"});
  servers.openssl("rsa", {"-tls1_3"});
  const std::map<std::string, Json> records = visit(servers, "hello2");
  const auto said = [&](std::size_t server, const std::string& field) {
    return text_of(record_of(records, servers.all()[server]), "tls.hello2." + field);
  };
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(said(i, "outcome") == "ok");
    CHECK(said(i, "version") == "771");
  }
  CHECK(said(0, "cipher_suite") == "49199");  // ECDHE_RSA with AES-128-GCM, the first of ours
  CHECK(said(1, "cipher_suite") == "49196");  // ECDHE_ECDSA with AES-256-GCM, the first of its own
  CHECK(said(0, "key_share") == "29");
  CHECK(said(0, "alpn") == "absent");
  CHECK(said(2, "alpn") == "http/1.1");
  // RFC 5246 section 7.2.2: protocol_version.
  CHECK(said(3, "outcome") == "tls_alert");
  CHECK(said(3, "alert") == "70");
  CHECK(text_of(record_of(records, servers.all()[0]), "tls.jarm_raw") == "absent");
}

TEST_CASE("a server that was visited with success has the fingerprint of its TLS") {
  if (program("python3").empty()) return;
  const DemoProcess network("electrumx-1.16-git");
  const std::string address = own_network() + "2";
  const Jarm expected = reference(address);
  Words words = probe_command();
  words.insert(words.end(), {"--tls-fingerprint", "jarm", address + ":50002:s"});
  const Result result = run(words);
  CHECK(result.status == 0);
  const Json record = read_log(result.out).observations.at(0);
  CAPTURE(to_text(record));
  CHECK(text_of(record, "outcome") == "ok");
  CHECK(text_of(record, "connections") == "absent");
  CHECK(text_of(record, "tls.jarm") == expected.hash);
  CHECK(text_of(record, "tls.jarm_raw") == expected.raw);
}

}  // namespace observatory::integration
