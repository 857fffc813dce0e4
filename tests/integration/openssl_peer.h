// SPDX-License-Identifier: MIT
// The openssl command as a maker of certificates and as a TLS server.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace observatory::test {

using Bytes = std::vector<std::uint8_t>;
using Words = std::vector<std::string>;

Bytes read_file(const std::filesystem::path& path);

// What a command writes to its standard output.
std::string output_of(const std::string& command);

// True, with a warning, if there is no openssl command.
bool no_openssl();

// Keys (NAME.key) and certificates (NAME.pem) in a temporary folder of their own.
class CertificateFolder {
 public:
  CertificateFolder();
  ~CertificateFolder();
  CertificateFolder(const CertificateFolder&) = delete;
  CertificateFolder& operator=(const CertificateFolder&) = delete;

  std::string path(const std::string& file) const { return folder_ / file; }
  Bytes der(const std::string& name) const;
  // As MbedtlsShared::add_roots() wants it.
  Bytes pem_with_zero(const std::string& name) const;

  // Runs a shell command in the folder; the test fails if it does.
  void run(const std::string& command) const;
  // `key` and `options` in the words of `openssl req`.
  void self_signed(const std::string& name, const std::string& key,
                   const std::string& options = "") const;
  // A request, NAME.csr, and its key.
  void request(const std::string& name, const std::string& key) const;
  // A certificate by `issuer` for a new key; as an authority, or for electrum.example.
  void issued(const std::string& name, const std::string& key, const std::string& issuer,
              bool authority) const;

 private:
  std::filesystem::path folder_;
};

// An `openssl s_server` on a free port of 127.0.0.1 that answers each line with the same line
// reversed. It ends with this object, and by itself after a minute.
class Server {
 public:
  Server(const CertificateFolder& files, const std::string& name, const Words& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  void read_port();

  pid_t child_ = -1;
  int output_ = -1;
  int input_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace observatory::test
