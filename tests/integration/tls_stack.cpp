// SPDX-License-Identifier: MIT
#include "tests/integration/tls_stack.h"

#include <unistd.h>

#include <cctype>
#include <ctime>

#include "tests/catch2.h"

namespace observatory::integration {
namespace {

constexpr const char* kStreamModule = "/usr/lib/nginx/modules/ngx_stream_module.so";

}  // namespace

std::string program(const std::string& name) {
  for (const std::string folder :
       {"/usr/sbin/", "/usr/bin/", "/usr/local/bin/", "/usr/local/sbin/"}) {
    if (::access((folder + name).c_str(), X_OK) == 0) return folder + name;
  }
  WARN("skipped: " << name << " is not installed");
  return {};
}

bool has_stream_module() {
  if (::access(kStreamModule, R_OK) == 0) return true;
  WARN("skipped: there is no " << kStreamModule);
  return false;
}

Certificates::Certificates() {
  folder_.write("req.cnf", "[req]\ndistinguished_name=d\n[d]\n");
  folder_.write("ca.cnf",
                "[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=index\nserial=serial\n"
                "default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n");
  folder_.write("index", "");
  folder_.write("serial", "1000\n");
  folder_.write("ca.ext", "basicConstraints=critical,CA:TRUE\n");
  folder_.write("leaf.ext", "subjectAltName=DNS:stack.example,DNS:other.example\n");
  self_signed("rsa", "rsa:2048");
  self_signed("ec", "ec -pkeyopt ec_paramgen_curve:P-256");
  self_signed("root", "ec -pkeyopt ec_paramgen_curve:P-256");
  request("inter");
  sign("inter", "root", "ca.ext");
  request("leaf");
  sign("leaf", "inter", "leaf.ext");
  shell(
      "cat leaf.pem inter.pem root.pem > leaf.chain && cat rsa.pem > rsa.chain && "
      "cat ec.pem > ec.chain");
  request("expired");
  shell(
      "openssl ca -batch -config ca.cnf -notext -cert root.pem -keyfile root.key -startdate "
      "20200101000000Z -enddate 20210203040506Z -in expired.csr -out expired.pem && "
      "cat expired.pem > expired.chain");
}

std::string Certificates::say(const std::string& name, const Words& options) const {
  Words words = {"openssl", "x509", "-noout", "-in", path(name + ".pem")};
  words.insert(words.end(), options.begin(), options.end());
  const Result result = run(words);
  REQUIRE(result.status == 0);
  const std::string text = result.out.substr(result.out.find('=') + 1);
  return text.substr(0, text.find('\n'));
}

std::string Certificates::sha256(const std::string& name) const {
  std::string text = say(name, {"-fingerprint", "-sha256"});
  std::erase(text, ':');
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string Certificates::seconds(const std::string& name, const std::string& option) const {
  std::tm time{};
  const std::string text = say(name, {option});
  REQUIRE(::strptime(text.c_str(), "%b %d %H:%M:%S %Y", &time) != nullptr);
  return std::to_string(::timegm(&time));
}

void Certificates::shell(const std::string& command) const {
  const Result result = run({"sh", "-c", "cd '" + folder_.path("") + "' && " + command});
  INFO(command << "\n" << result.err);
  REQUIRE(result.status == 0);
}

void Certificates::self_signed(const std::string& name, const std::string& key) const {
  // An issuer has to say so from version 3 on, which newer OpenSSL always writes.
  shell(
      "openssl req -config req.cnf -x509 -nodes -days 30 "
      "-addext basicConstraints=critical,CA:TRUE -subj '/C=XX/O=Test, of stacks/CN=" +
      name + "' -newkey " + key + " -keyout " + name + ".key -out " + name + ".pem");
}

void Certificates::request(const std::string& name) const {
  shell("openssl req -config req.cnf -new -nodes -subj '/O=Test/CN=" + name +
        "' -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout " + name + ".key -out " + name +
        ".csr");
}

void Certificates::sign(const std::string& name, const std::string& issuer,
                        const std::string& extensions) const {
  shell("openssl x509 -req -days 30 -in " + name + ".csr -CA " + issuer + ".pem -CAkey " + issuer +
        ".key -CAcreateserial -extfile " + extensions + " -out " + name + ".pem");
}

Stack::Stack(const Words& command, const Words& addresses) : process_(command) {
  for (const std::string& address : addresses) {
    INFO("waiting for " << address);
    const bool up = eventually(
        [&] { return process_.ended() || accepts_connections(address, std::stoi(kTlsPort)); });
    INFO(process_.out() << process_.err());
    REQUIRE(up);
    REQUIRE_FALSE(process_.ended());
  }
}

Words nginx_command(const std::string& nginx, const TempFolder& folder, const std::string& body) {
  const std::string conf =
      folder.write("nginx.conf", "daemon off;\nmaster_process off;\npid " + folder.path("pid") +
                                     ";\nload_module " + kStreamModule + ";\nevents {}\n" + body);
  return {nginx, "-p", folder.path(""), "-e", "stderr", "-c", conf};
}

std::string nginx_folders(const TempFolder& folder) {
  std::string text = "access_log off;";
  for (const std::string kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text += kind + "_temp_path " + folder.path(kind) + ";";
  }
  return text;
}

Words stunnel_command(const std::string& stunnel, const TempFolder& folder,
                      const std::string& services) {
  return {stunnel, folder.write("stunnel.conf", "foreground = yes\npid =\nsyslog = no\noutput = " +
                                                    folder.path("log") + "\n" + services)};
}

Log visit(const Words& endpoints, const Words& options) {
  Words words = probe_command();
  words.insert(words.end(), {"--timeout", "10", "--slots", "8"});
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), endpoints.begin(), endpoints.end());
  const Result result = run(words);
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  return read_log(result.out);
}

}  // namespace observatory::integration
