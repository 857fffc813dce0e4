// SPDX-License-Identifier: MIT
// The TLS that operators put in front of their servers, nginx and stunnel, as processes of a test.
#pragma once

#include <string>

#include "tests/integration/demo_process.h"
#include "tests/integration/process.h"

namespace observatory::integration {

inline constexpr const char* kTlsPort = "50002";

// The program's path; empty, and a reason is printed, when there is none.
std::string program(const std::string& name);

// Whether nginx can stand in front of servers that speak no HTTP; if not, a reason is printed.
bool has_stream_module();

// Keys and certificates, made by the openssl command: `rsa` and `ec` are their own issuers, `leaf`
// leads over `inter` to `root`, and `expired` is of `root`. NAME.key is the key, NAME.pem the
// certificate, NAME.chain (but for `inter` and `root`) what a server sends.
class Certificates {
 public:
  Certificates();

  std::string path(const std::string& file) const { return folder_.path(file); }

  // What `openssl x509` prints, without the name in front.
  std::string say(const std::string& name, const Words& options) const;

  std::string sha256(const std::string& name) const;                              // hexadecimal
  std::string seconds(const std::string& name, const std::string& option) const;  // since 1970

 private:
  void shell(const std::string& command) const;
  void self_signed(const std::string& name, const std::string& key) const;
  void request(const std::string& name) const;
  void sign(const std::string& name, const std::string& issuer,
            const std::string& extensions) const;

  TempFolder folder_;
};

// A TLS server program, once its addresses accept connections on kTlsPort.
class Stack {
 public:
  Stack(const Words& command, const Words& addresses);

 private:
  Process process_;
};

// What starts nginx with that behind the beginning of its configuration, which it writes.
Words nginx_command(const std::string& nginx, const TempFolder& folder, const std::string& body);

// The paths that nginx's http part wants to write to, as part of its configuration.
std::string nginx_folders(const TempFolder& folder);

// What starts stunnel with those services; writes its configuration.
Words stunnel_command(const std::string& stunnel, const TempFolder& folder,
                      const std::string& services);

// The log of a run of the probe over these endpoints.
Log visit(const Words& endpoints, const Words& options = {});

}  // namespace observatory::integration
