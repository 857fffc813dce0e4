// SPDX-License-Identifier: MIT
#include "tests/servers/options.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace observatory::demo {
namespace {

uint64_t read_whole_number(const std::string& option, const std::string& text, uint64_t max) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end || value > max) {
    throw std::invalid_argument(option + " wants a whole number up to " + std::to_string(max) +
                                ", not \"" + text + "\"");
  }
  return value;
}

double read_number(const std::string& option, const std::string& text, double max) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value) || value < 0 || value > max) {
    throw std::invalid_argument(option + " wants a number from 0 to " +
                                std::to_string(static_cast<int>(max)) + ", not \"" + text + "\"");
  }
  return value;
}

std::vector<std::string> split_names(const std::string& text) {
  std::vector<std::string> names;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) names.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

}  // namespace

const char* usage() {
  return "Usage: demo-network [OPTION]...\n"
         "\n"
         "Serves make-believe Electrum servers on loopback addresses, for people who write and\n"
         "test Electrum clients. Prints one line when all of them are up, then serves until\n"
         "SIGTERM, SIGINT or the end of its time.\n"
         "\n"
         "  --seed N             network number N: the same N gives the same answers (default 1)\n"
         "  --base ADDRESS       servers get ADDRESS+1, ADDRESS+2, .. within 127.0.0.0/8\n"
         "                       (default 127.70.0.0)\n"
         "  --only NAME[,NAME]   only these servers; the others keep their addresses\n"
         "  --delay-scale X      multiplies the network delays; 0: none (default 1)\n"
         "  --ports-from N       ports N, N+1, .. instead of those of the roster\n"
         "  --for SECONDS        stop after so long (default 3600, at most 604800)\n"
         "  --list FILE          write the endpoints: \"127.70.0.1 t50001 s50002\" per server\n"
         "  --truth FILE         write what a probe should find, one JSON object per endpoint\n"
         "  --ca FILE            write the root certificate of the demo CA as PEM\n"
         "  --help               print this\n"
         "\n"
         "Exit status: 0 done, 1 failed (an address is in use, ..), 2 wrong usage.\n";
}

Options parse_options(const std::vector<std::string>& arguments) {
  Options options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& option = arguments[i];
    if (option == "--help" || option == "-h") {
      options.help = true;
      return options;
    }
    static constexpr std::array<std::string_view, 9> kKnown = {
        "--seed", "--base", "--only",  "--delay-scale", "--ports-from",
        "--for",  "--list", "--truth", "--ca"};
    bool known = false;
    for (const std::string_view name : kKnown) known = known || name == option;
    if (!known) throw std::invalid_argument("unknown option \"" + option + "\"");
    if (i + 1 >= arguments.size()) throw std::invalid_argument(option + " wants a value");
    const std::string& value = arguments[++i];
    if (option == "--seed") {
      options.seed = read_whole_number(option, value, UINT64_MAX);
    } else if (option == "--base") {
      options.base = value;
    } else if (option == "--only") {
      options.only = split_names(value);
    } else if (option == "--delay-scale") {
      options.delay_scale = read_number(option, value, 100);
    } else if (option == "--ports-from") {
      options.ports_from = static_cast<int>(read_whole_number(option, value, 65000));
    } else if (option == "--for") {
      options.seconds = read_number(option, value, 604800);
    } else if (option == "--list") {
      options.list_path = value;
    } else if (option == "--truth") {
      options.truth_path = value;
    } else {
      options.ca_path = value;
    }
  }
  address_at(options.base, 1);
  return options;
}

std::string address_at(const std::string& base, uint32_t offset) {
  in_addr address{};
  if (inet_pton(AF_INET, base.c_str(), &address) != 1) {
    throw std::invalid_argument("--base wants an IPv4 address, not \"" + base + "\"");
  }
  const uint32_t number = ntohl(address.s_addr) + offset;
  if (number >> 24 != 127 || (number & 0xffffffU) == 0xffffffU) {
    throw std::invalid_argument("the servers must stay within 127.0.0.0/8");
  }
  address.s_addr = htonl(number);
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address, text.data(), text.size());
  return text.data();
}

}  // namespace observatory::demo
