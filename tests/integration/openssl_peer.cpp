// SPDX-License-Identifier: MIT
#include "tests/integration/openssl_peer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/catch2.h"

namespace observatory::test {
namespace {

constexpr unsigned kServerLifetimeSeconds = 60;

}  // namespace

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  ::pclose(pipe);
  return text;
}

bool no_openssl() {
  static const bool missing = std::system("openssl version >/dev/null 2>&1") != 0;
  if (missing) WARN("skipped: there is no openssl command");
  return missing;
}

CertificateFolder::CertificateFolder() {
  char name[] = "/tmp/observatory-tls-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  folder_ = name;
  std::ofstream(folder_ / "req.cnf") << "[req]\ndistinguished_name=d\n[d]\n";
  std::ofstream(folder_ / "ca.ext") << "basicConstraints=critical,CA:TRUE\n"
                                       "keyUsage=critical,keyCertSign,cRLSign\n";
  std::ofstream(folder_ / "leaf.ext") << "basicConstraints=CA:FALSE\n"
                                         "subjectAltName=DNS:electrum.example\n";
}

CertificateFolder::~CertificateFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Bytes CertificateFolder::der(const std::string& name) const {
  run("openssl x509 -in " + name + ".pem -outform DER -out " + name + ".der");
  return read_file(folder_ / (name + ".der"));
}

Bytes CertificateFolder::pem_with_zero(const std::string& name) const {
  Bytes bytes = read_file(folder_ / (name + ".pem"));
  bytes.push_back(0);
  return bytes;
}

void CertificateFolder::run(const std::string& command) const {
  INFO(command);
  REQUIRE(std::system(("cd " + folder_.string() + " && " + command + " >log 2>&1").c_str()) == 0);
}

void CertificateFolder::self_signed(const std::string& name, const std::string& key,
                                    const std::string& options) const {
  run("openssl req -x509 -nodes -days 30 -subj /CN=" + name + " -newkey " + key + " " + options +
      " -keyout " + name + ".key -out " + name + ".pem");
}

void CertificateFolder::request(const std::string& name, const std::string& key) const {
  run("openssl req -new -nodes -subj /CN=" + name + " -newkey " + key + " -keyout " + name +
      ".key -out " + name + ".csr");
}

void CertificateFolder::issued(const std::string& name, const std::string& key,
                               const std::string& issuer, bool authority) const {
  static int serial = 1;
  request(name, key);
  run("openssl x509 -req -in " + name + ".csr -CA " + issuer + ".pem -CAkey " + issuer +
      ".key -set_serial " + std::to_string(++serial) + " -days 30 -extfile " +
      (authority ? "ca.ext" : "leaf.ext") + " -out " + name + ".pem");
}

Server::Server(const CertificateFolder& files, const std::string& name, const Words& options) {
  Words words = {"openssl",
                 "s_server",
                 "-accept",
                 "127.0.0.1:0",
                 "-rev",
                 "-cert",
                 files.path(name + ".pem"),
                 "-key",
                 files.path(name + ".key")};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  int out[2];
  int in[2];
  REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
  REQUIRE(::pipe2(in, O_CLOEXEC) == 0);
  child_ = ::fork();
  REQUIRE(child_ >= 0);
  if (child_ == 0) {
    ::alarm(kServerLifetimeSeconds);  // outlives exec
    ::dup2(in[0], 0);                 // a pipe that stays open: s_server may end with its input
    ::dup2(out[1], 1);
    ::dup2(::open("/dev/null", O_WRONLY), 2);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(in[0]);
  output_ = out[0];
  input_ = in[1];
  read_port();
}

Server::~Server() {
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
  ::close(output_);
  ::close(input_);
}

// It says "ACCEPT 127.0.0.1:40123" once it listens, after some words on its parameters.
void Server::read_port() {
  std::string line;
  char c = 0;
  while (::read(output_, &c, 1) == 1 && !(c == '\n' && line.starts_with("ACCEPT"))) {
    line = c == '\n' ? std::string() : line + c;
  }
  INFO("s_server said: " << line);
  const std::size_t colon = line.rfind(':');
  REQUIRE(line.starts_with("ACCEPT"));
  REQUIRE(colon != std::string::npos);
  port_ = static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)));
}

}  // namespace observatory::test
