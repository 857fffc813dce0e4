// SPDX-License-Identifier: MIT
// What the core reads from certificates against what `openssl x509` prints of the same bytes:
// those of tests/vectors/certificates, and more that the openssl command makes here. Without that
// command the cases are skipped.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/tls/certificate_record.h"
#include "tests/catch2.h"
#include "tests/integration/openssl_peer.h"
#include "tests/support/sha256.h"
#include "tests/unit/vectors.h"

namespace observatory {
namespace {

using test::no_openssl;
using test::output_of;
using test::Words;

struct Subject {
  std::string name;
  std::string der;
};

// --- Certificates that the openssl command makes.

class Workshop final : public test::CertificateFolder {
 public:
  Workshop() {
    run("openssl ecparam -name prime256v1 -genkey -noout -out ec.key");
    self_signed("ca", "ec -pkeyopt ec_paramgen_curve:P-256");
  }

  // Signs itself, with a key in KEY.key; extensions in the words of openssl's configuration.
  void own(const std::string& name, const std::string& extensions,
           const std::string& options = "-subj /CN=x.example", const std::string& key = "ec") {
    configure(name, extensions);
    run("openssl req -x509 -utf8 -config " + name + ".cnf -key " + key + ".key -days 30 " +
        options + (extensions.empty() ? "" : " -extensions e") + " -out " + name + ".pem");
    keep(name);
  }

  void key(const std::string& name, const std::string& algorithm) {
    run("openssl genpkey " + algorithm + " -out " + name + ".key");
    own(name, "subjectAltName=DNS:" + name + ".example", "-subj /CN=" + name, name);
  }

  // Of a key that cannot sign: its public half, signed by the authority.
  void forced_key(const std::string& name, const std::string& algorithm) {
    configure(name, "basicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid");
    run("openssl genpkey -algorithm " + algorithm + " | openssl pkey -pubout -out " + name +
        ".pub && openssl req -new -config req.cnf -key ec.key -subj /CN=" + name + " -out " + name +
        ".csr && openssl x509 -req -in " + name +
        ".csr -CA ca.pem -CAkey ca.key -set_serial 9 "
        "-force_pubkey " +
        name + ".pub -extfile " + name + ".cnf -extensions e -out " + name + ".pem");
    keep(name);
  }

  // A copy with every `from` replaced by as many other bytes; its signature holds no more.
  void changed(const std::string& name, const std::string& of, const std::string& from,
               const std::string& to) {
    REQUIRE(from.size() == to.size());
    std::string der = find(of).der;
    std::size_t count = 0;
    for (std::size_t at = der.find(from); at != std::string::npos; at = der.find(from, at)) {
      der.replace(at, to.size(), to);
      ++count;
    }
    INFO(name);
    REQUIRE(count > 0);
    made_.push_back({name, der});
  }

  const std::vector<Subject>& made() const { return made_; }
  const Subject& find(const std::string& name) const {
    return *std::find_if(made_.begin(), made_.end(),
                         [&](const Subject& one) { return one.name == name; });
  }

 private:
  void configure(const std::string& name, const std::string& extensions) const {
    std::ofstream(path(name + ".cnf")) << "[req]\ndistinguished_name=d\nstring_mask=utf8only\n"
                                          "[d]\n[e]\n"
                                       << extensions << "\n";
  }
  void keep(const std::string& name) {
    const test::Bytes bytes = der(name);
    made_.push_back({name, std::string(bytes.begin(), bytes.end())});
  }

  std::vector<Subject> made_;
};

std::string many_names(int count) {
  std::string section = "subjectAltName=@names\n[names]\n";
  for (int i = 0; i < count; ++i) {
    section += "DNS." + std::to_string(i) + "=server-" + std::to_string(i) + ".many.example\n";
  }
  return section;
}

// A signed certificate timestamp of RFC 6962 section 3.2 with a signature of eight bytes.
std::string timestamp() {
  std::string sct(1, '\0');
  sct += std::string(32, 'L') + std::string("\0\0\1\x90\0\0\0\0\0\0\4\3\0\x08", 14) + "signature";
  sct.pop_back();
  return std::string("\0", 1) + static_cast<char>(sct.size()) + sct;
}

std::string timestamps(std::size_t count) {
  std::string list;
  while (count-- > 0) list += timestamp();
  const std::string tls = std::string("\0", 1) + static_cast<char>(list.size()) + list;
  const std::string length = tls.size() < 128 ? std::string() : std::string("\x81");
  return vectors::hex("\x04" + length + static_cast<char>(tls.size()) + tls);
}

void make_all(Workshop& shop) {
  // Keys.
  shop.key("rsa-pss-key", "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:1024");
  shop.key("brainpool", "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1");
  shop.key("brainpool512", "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP512r1");
  shop.key("p224", "-algorithm EC -pkeyopt ec_paramgen_curve:P-224");
  shop.key("sect283k1", "-algorithm EC -pkeyopt ec_paramgen_curve:sect283k1");
  shop.key("explicit",
           "-algorithm EC -pkeyopt ec_paramgen_curve:P-384 -pkeyopt "
           "ec_param_enc:explicit");
  shop.key("explicit-binary",
           "-algorithm EC -pkeyopt ec_paramgen_curve:sect163k1 -pkeyopt "
           "ec_param_enc:explicit");
  shop.key("rsa-1023", "-algorithm RSA -pkeyopt rsa_keygen_bits:1023");
  shop.forced_key("x25519", "X25519");
  shop.forced_key("x448", "X448");

  // Signatures.
  for (const std::string hash : {"sha1", "sha224", "sha384", "sha512"}) {
    shop.own("ecdsa-" + hash, "", "-subj /CN=" + hash + " -" + hash);
    shop.own("rsa-" + hash, "", "-subj /CN=" + hash + " -" + hash, "rsa-1023");
  }
  shop.own("md5", "", "-subj /CN=md5 -md5", "rsa-1023");
  shop.own("pss-sha1", "", "-subj /CN=pss -sha1 -sigopt rsa_padding_mode:pss", "rsa-1023");
  shop.own("pss-sha384", "",
           "-subj /CN=pss -sha384 -sigopt rsa_padding_mode:pss -sigopt "
           "rsa_pss_saltlen:20",
           "rsa-1023");

  // Extensions.
  shop.own("ca-true", "basicConstraints=critical,CA:TRUE");
  shop.own("ca-path", "basicConstraints=CA:TRUE,pathlen:0\nkeyUsage=keyCertSign,cRLSign");
  shop.own("ca-false", "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth");
  shop.own("key-ids", "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always,issuer");
  shop.own("own-key-id", "subjectKeyIdentifier=01:02:03\nauthorityKeyIdentifier=issuer:always");
  shop.own("unknown", "1.2.3.4.5=critical,ASN1:UTF8:unknown\n1.2.840.113556.1.4.1=DER:05:00");
  shop.own("two-alike", "1.2.3.4.5=ASN1:UTF8:one\n1.2.3.4.6=ASN1:UTF8:two");
  shop.changed("twice", "two-alike", "\x06\x04\x2a\x03\x04\x06", "\x06\x04\x2a\x03\x04\x05");
  shop.own("one-timestamp", "1.3.6.1.4.1.11129.2.4.2=DER:" + timestamps(1));
  shop.own("two-timestamps", "1.3.6.1.4.1.11129.2.4.2=DER:" + timestamps(2));

  // Alternative names.
  shop.own("wildcard",
           "subjectAltName=DNS:*.example.org,DNS:example.org,DNS:*.xn--bcher-kva.example");
  shop.own("addresses", "subjectAltName=IP:192.0.2.1,IP:2001:db8::1,IP:::,IP:2001:db8:0:1::ff");
  shop.own("kinds",
           "subjectAltName=email:a@b.example,URI:https://c.example/,otherName:1.2.3;UTF8:o,"
           "dirName:dir,RID:1.2.3.4,DNS:d.example\n[dir]\nCN=directory");
  shop.own("no-hosts", "subjectAltName=email:a@b.example");
  shop.own("two-hundred", many_names(200));
  shop.own("64-kib", many_names(2700));

  // Names.
  shop.own("all-types", "",
           "-subj '/C=DE/ST=Berlin/L=Berlin/street=Platz 1/O=Beh\xc3\xb6rde/OU=a/OU=b/title=T/"
           "serialNumber=1/UID=u/DC=example/CN=all/emailAddress=a@b.example'");
  shop.own("together", "", "-multivalue-rdn -subj '/O=x+OU=y+CN=z/DC=one+DC=two'");
  shop.own("universal", "", "-subj /CN=abcdefgh");
  shop.changed("universal-string", "universal",
               "\x0c\x08"
               "abcdefgh",
               std::string("\x1c\x08\0\x01\xd1\x1e\0\0\0A", 10));
  shop.changed("bmp-string", "universal",
               "\x0c\x08"
               "abcdefgh",
               std::string("\x1e\x08\x20\xac\0A\x04\x16\0\x20", 10));
  shop.changed("t61-string", "universal",
               "\x0c\x08"
               "abcdefgh",
               "\x14\x08"
               "Caf\xe9 \xfc\xdf"
               "x");
  shop.changed("control-characters", "universal",
               "\x0c\x08"
               "abcdefgh",
               std::string("\x0c\x08"
                           "a\0b\n\t\x1b\x7f"
                           "c",
                           10));
  shop.own("long-name", "",
           "-subj /O=" + std::string(60, 'o') + "/OU=" + std::string(60, 'u') +
               "/OU=" + std::string(60, 'v') + "/L=" + std::string(120, 'l') +
               "/CN=" + std::string(60, 'c'));

  // Serial numbers.
  const std::string name = "-subj /CN=x -set_serial ";
  shop.own("serial-0", "", name + "0");
  shop.own("serial-128", "", name + "128");
  shop.own("serial-minus-1", "", name + "-1");
  shop.own("serial-minus-128", "", name + "-128");
  shop.own("serial-minus-129", "", name + "-129");
  shop.own("serial-20", "", name + "0x7f" + std::string(38, '1'));
  shop.own("serial-21", "", name + "0xff" + std::string(38, '0'));
  shop.own("serial-28", "", name + "0x1" + std::string(55, '2'));
}

// --- What openssl says.

std::string line_behind(const std::string& text, const std::string& label) {
  const std::size_t at = text.find(label);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + label.size();
  std::string line = text.substr(begin, text.find('\n', begin) - begin);
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
  return text;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

// The shortest two's complement of a number as openssl prints it.
std::string serial_bytes(std::string number) {
  const bool negative = number.front() == '-';
  if (negative) number.erase(0, 1);
  std::string bytes = from_hex((number.size() % 2 == 0 ? "" : "0") + number);
  bytes.insert(0, 1, '\0');
  if (negative) {
    bool carry = true;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      const int digit = (~bytes[i] & 0xff) + (carry ? 1 : 0);
      carry = digit > 0xff;
      bytes[i] = static_cast<char>(digit);
    }
  }
  const auto sign = [](char byte) { return (byte & 0x80) != 0; };
  while (bytes.size() > 1 && (bytes[0] == '\0' || bytes[0] == '\xff') &&
         sign(bytes[0]) == sign(bytes[1])) {
    bytes.erase(0, 1);
  }
  return vectors::hex(bytes);
}

// "Jan  1 00:00:00 2026 GMT" in seconds since 1970.
std::string seconds(const std::string& date) {
  std::tm broken{};
  if (::strptime(date.c_str(), "%b %d %H:%M:%S %Y GMT", &broken) == nullptr) return "absent";
  return std::to_string(::timegm(&broken));
}

// An element that `openssl asn1parse` lists.
struct Parsed {
  int depth;
  std::string type;
  std::string content;
};

std::vector<Parsed> structure_of(const std::string& listing, const std::string& der) {
  std::vector<Parsed> all;
  for (const std::string& line : vectors::split(listing, '\n')) {
    std::size_t offset = 0;
    std::size_t header = 0;
    std::size_t length = 0;
    int depth = 0;
    std::array<char, 32> type{};
    // "  145:d=5  hl=2 l=   3 prim:      OBJECT            :X509v3 Key Usage"
    if (std::sscanf(line.c_str(), " %zu:d=%d hl=%zu l= %zu %*4s: %31[^:\n]", &offset, &depth,
                    &header, &length, type.data()) < 5) {
      continue;
    }
    std::string word = type.data();
    while (!word.empty() && word.back() == ' ') word.pop_back();
    all.push_back({depth, word, der.substr(offset + header, length)});
  }
  return all;
}

std::string dotted(const std::string& oid) {
  std::string text;
  unsigned long arc = 0;
  for (const char c : oid) {
    arc = arc << 7 | (static_cast<unsigned char>(c) & 0x7f);
    if ((c & 0x80) != 0) continue;
    if (text.empty()) {
      const unsigned long top = std::min(arc / 40, 2UL);
      text = std::to_string(top);
      arc -= 40 * top;
    }
    text += "." + std::to_string(arc);
    arc = 0;
  }
  return text;
}

// What is printed behind a label, up to another.
std::string between(const std::string& text, const std::string& label, const std::string& end) {
  const std::size_t at = text.find(label);
  if (at == std::string::npos) return "absent";
  const std::size_t from = at + label.size();
  return text.substr(from, text.find(end, from) - from);
}

class Openssl {
 public:
  Openssl(const Workshop& shop, const Subject& subject) : der_(subject.der) {
    const std::string file = shop.path("tested.der");
    std::ofstream(file, std::ios::binary) << der_;
    text_ = output_of("openssl x509 -inform DER -noout -in " + file +
                      " -nameopt RFC2253,utf8,-esc_msb,-esc_ctrl -subject -issuer -serial "
                      "-startdate -enddate -fingerprint -sha256 -pubkey -text 2>/dev/null");
    structure_ = structure_of(output_of("openssl asn1parse -inform DER -in " + file), der_);
  }

  std::string subject() const { return name(between(text_, "subject=", "\nissuer=")); }
  std::string issuer() const { return name(between(text_, "issuer=", "\nserial=")); }
  std::string serial() const { return serial_bytes(line_behind(text_, "serial=")); }
  std::string not_before() const { return seconds(line_behind(text_, "notBefore=")); }
  std::string not_after() const { return seconds(line_behind(text_, "notAfter=")); }
  std::string sha256() const {
    return lower(replaced(line_behind(text_, "Fingerprint="), ":", ""));
  }
  std::string version() const { return line_behind(text_, "Version: ").substr(0, 1); }
  std::string subject_key_id() const { return key_id("X509v3 Subject Key Identifier"); }
  std::string authority_key_id() const { return key_id("X509v3 Authority Key Identifier"); }

  std::string spki() const {
    const std::string pem =
        between(text_, "-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----");
    const std::string der = vectors::from_base64(replaced(pem, "\n", ""));
    test::Sha256Digest digest;
    return vectors::hex(as_text(sha256_of(as_bytes(der), digest)));
  }

  std::string signature() const {
    const std::string& text = text_;
    std::string name = line_behind(text, "Signature Algorithm: ");
    if (name == "rsassaPss") name += "-" + line_behind(text, "Hash Algorithm: ");
    return name.substr(0, name.find(' '));
  }

  // `key` in our words, from openssl's.
  std::string key() const {
    const std::string& text = text_;
    const std::string kind = line_behind(text, "Public Key Algorithm: ");
    const std::size_t bit = text.find(" bit)");
    std::string bits;
    if (bit != std::string::npos) {
      const std::size_t open = text.rfind('(', bit);
      bits = text.substr(open + 1, bit - open - 1);
    }
    if (kind == "rsaEncryption") return "rsa-" + bits;
    if (kind == "rsassaPss") return "rsa-pss-" + bits;
    if (kind == "dsaEncryption") return "dsa-" + bits;
    if (kind != "id-ecPublicKey") return lower(kind);
    if (line_behind(text, "Field Type: ") == "prime-field") return "ec-explicit-" + bits;
    if (!line_behind(text, "Field Type: ").empty()) return "ec-explicit";
    const std::string curve = line_behind(text, "ASN1 OID: ");
    if (curve == "prime256v1") return "ec-p256";
    if (curve == "secp384r1") return "ec-p384";
    if (curve == "secp521r1") return "ec-p521";
    if (curve == "secp256k1" || curve.rfind("brainpool", 0) == 0) return "ec-" + curve;
    return "ec-" + curve_oid();
  }

  // In the order of the certificate, as hexadecimal.
  Words extensions() const {
    Words oids;
    bool inside = false;
    for (const Parsed& element : structure_) {
      if (element.depth == 2) inside = element.type == "cont [ 3 ]";
      if (inside && element.depth == 5 && element.type == "OBJECT") {
        oids.push_back(vectors::hex(element.content));
      }
    }
    return oids;
  }

  std::string ca() const {
    if (text_.find("CA:TRUE") != std::string::npos) return "1";
    return text_.find("CA:FALSE") != std::string::npos ? "0" : "absent";
  }

  std::string timestamps() const {
    std::size_t count = 0;
    const std::string label = "Signed Certificate Timestamp:";
    for (std::size_t at = text_.find(label); at != std::string::npos;
         at = text_.find(label, at + 1)) {
      ++count;
    }
    return count == 0 ? "absent" : std::to_string(count);
  }

  bool has_names() const { return extension("X509v3 Subject Alternative Name") != "absent"; }

  // As openssl lists them; the names of these certificates have no comma in them.
  Words names() const {
    return vectors::split(replaced(extension("X509v3 Subject Alternative Name"), ", ", "\1"), '\1');
  }

 private:
  // RFC 4514 demands the escape of NUL alone, openssl's -esc_ctrl would escape every control.
  static std::string name(const std::string& text) {
    return replaced(text, std::string(1, '\0'), "\\00");
  }

  // The first line of what an extension holds.
  std::string extension(const std::string& label) const {
    const std::string rest = between(text_, label + ":", "Signature Value");
    if (rest == "absent") return rest;
    const std::size_t line = rest.find('\n') + 1;  // behind "critical"
    const std::size_t begin = rest.find_first_not_of(' ', line);
    return rest.substr(begin, rest.find('\n', begin) - begin);
  }

  std::string key_id(const std::string& label) const {
    std::string id = extension(label);
    if (id.rfind("keyid:", 0) == 0) id.erase(0, 6);
    return id.find_first_not_of("0123456789ABCDEF:") == std::string::npos
               ? lower(replaced(id, ":", ""))
               : "absent";
  }

  // The OBJECT behind id-ecPublicKey.
  std::string curve_oid() const {
    for (std::size_t i = 0; i + 1 < structure_.size(); ++i) {
      if (structure_[i].content == "\x2a\x86\x48\xce\x3d\x02\x01") {
        return dotted(structure_[i + 1].content);
      }
    }
    return {};
  }

  std::string der_;
  std::string text_;
  std::vector<Parsed> structure_;
};

// --- What we say.

class Ours {
 public:
  explicit Ours(const std::string& der) {
    test::Sha256Digest digest;
    record_leaf(as_bytes(der), "nobody.invalid", digest, record_);
  }

  std::string text(FieldId field) const {
    return record_.has(field) ? std::string(record_.text(field)) : "absent";
  }
  std::string hex(FieldId field) const {
    return record_.has(field) ? vectors::hex(as_text(record_.bytes(field))) : "absent";
  }
  std::string number(FieldId field) const {
    return record_.has(field) ? std::to_string(record_.number(field)) : "absent";
  }
  std::string time(FieldId field) const {
    return record_.has(field) ? std::to_string(record_.signed_number(field)) : "absent";
  }
  Words list(FieldId field) const {
    Words all;
    if (!record_.has(field)) return all;
    Items items = record_.items(field);
    for (std::string_view item; items.next(item);) {
      all.push_back(field == FieldId::kLeafExtensions ? vectors::hex(item) : std::string(item));
    }
    return all;
  }
  bool has(FieldId field) const { return record_.has(field); }
  bool is_cut(FieldId field) const { return record_.is_cut(field); }

 private:
  std::vector<std::uint8_t> pool_ = std::vector<std::uint8_t>(limits::kRecordPool);
  Record record_{pool_};
};

// RFC 4514 leaves the order within a multi-valued part open: openssl turns it round.
std::string ordered(const std::string& name) {
  std::string result;
  Words parts{""};
  const auto close = [&](char end) {
    std::sort(parts.begin(), parts.end());
    for (std::size_t i = 0; i < parts.size(); ++i) result += (i == 0 ? "" : "+") + parts[i];
    result += end;
    parts = {""};
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == ',') {
      close(',');
    } else if (name[i] == '+') {
      parts.push_back("");
    } else {
      parts.back() += name[i];
      if (name[i] == '\\' && i + 1 < name.size()) parts.back() += name[++i];
    }
  }
  close('.');
  return result;
}

// openssl's entry as we record it; empty for the kinds that are only counted.
std::string recorded(const std::string& name) {
  if (name.rfind("DNS:", 0) == 0) return name.substr(4);
  if (name.rfind("IP Address:", 0) != 0) return {};
  const std::string address = name.substr(11);
  const int family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  REQUIRE(::inet_pton(family, address.c_str(), bytes.data()) == 1);
  REQUIRE(::inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr);
  return text.data();
}

void compare_names(const Openssl& theirs, const Ours& ours) {
  CHECK(ours.has(FieldId::kLeafSan) == theirs.has_names());
  CHECK(ours.has(FieldId::kLeafSanCount) == theirs.has_names());
  if (!theirs.has_names()) return;
  const Words names = theirs.names();
  CHECK(ours.number(FieldId::kLeafSanCount) == std::to_string(names.size()));
  Words expected;
  for (const std::string& name : names) {
    const std::string kept = recorded(name);
    if (!kept.empty()) expected.push_back(kept);
  }
  CHECK(ours.is_cut(FieldId::kLeafSan) == (expected.size() > 32));
  expected.resize(std::min<std::size_t>(expected.size(), 32));
  CHECK(ours.list(FieldId::kLeafSan) == expected);
}

void compare(const Workshop& shop, const Subject& subject) {
  const Openssl theirs(shop, subject);
  const Ours ours(subject.der);
  // openssl has short names for more types of attributes than RFC 4514, and gives up on
  // alternative names with a NUL in them; tests/unit has these by hand.
  const bool special_subject = subject.name == "certificates/unknown-attribute.txt";
  const bool special_names = subject.name == "certificates/nul-and-controls.txt";
  CHECK(ours.hex(FieldId::kLeafSha256) == theirs.sha256());
  CHECK(ours.number(FieldId::kLeafBytes) == std::to_string(subject.der.size()));
  CHECK(ours.number(FieldId::kLeafVersion) == theirs.version());
  CHECK(ours.hex(FieldId::kLeafSerial) == theirs.serial());
  if (!special_subject) {
    CHECK(ordered(ours.text(FieldId::kLeafSubject)) == ordered(theirs.subject()));
    CHECK(ordered(ours.text(FieldId::kLeafIssuer)) == ordered(theirs.issuer()));
  }
  CHECK(ours.time(FieldId::kLeafNotBefore) == theirs.not_before());
  CHECK(ours.time(FieldId::kLeafNotAfter) == theirs.not_after());
  CHECK(ours.hex(FieldId::kLeafSpki) == theirs.spki());
  CHECK(ours.text(FieldId::kLeafKey) == theirs.key());
  CHECK(ours.text(FieldId::kLeafSignature) == theirs.signature());
  CHECK(ours.list(FieldId::kLeafExtensions) == theirs.extensions());
  CHECK(ours.has(FieldId::kLeafExtensions) == !theirs.extensions().empty());
  CHECK(ours.number(FieldId::kLeafCa) == theirs.ca());
  CHECK(ours.hex(FieldId::kLeafSubjectKeyId) == theirs.subject_key_id());
  CHECK(ours.hex(FieldId::kLeafAuthorityKeyId) == theirs.authority_key_id());
  CHECK(ours.number(FieldId::kLeafSctCount) == theirs.timestamps());
  CHECK(ours.number(FieldId::kLeafNameMatches) == "0");
  if (!special_names) compare_names(theirs, ours);
}

}  // namespace

TEST_CASE("every fact of a certificate is what openssl x509 prints") {
  if (no_openssl()) return;
  Workshop shop;
  make_all(shop);
  std::vector<Subject> all = shop.made();
  for (const std::string& file : vectors::files("certificates")) {
    all.push_back({file, vectors::from_base64(vectors::joined(vectors::read(file), "der"))});
  }
  CHECK(all.size() >= 80);
  CHECK(shop.find("64-kib").der.size() > 65536);
  for (const Subject& subject : all) {
    CAPTURE(subject.name);
    compare(shop, subject);
  }
}

}  // namespace observatory
