// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <string_view>

#include "targets/observatory/metrics_text.h"
#include "targets/observatory/show/csv.h"

namespace observatory::host {
namespace {

using Json = nlohmann::ordered_json;

// The members that name an entry of a list, in the order in which they stand in the key.
constexpr std::array<std::string_view, 9> kNames = {"key", "with",  "country", "server", "vantage",
                                                    "by",  "value", "genesis", "source"};

// A group's numbers and texts, line by line.
class Lines {
 public:
  Lines(std::string group, std::string& into) : group_(std::move(group)), into_(into) {}

  void put(const std::string& metric, const std::string& key, const Json& value) {
    if (value.is_object()) {
      for (const auto& [name, member] : value.items()) put(below(metric, name), key, member);
    } else if (value.is_array()) {
      put_list(metric, key, value);
    } else {
      put_line(metric, key, value);
    }
  }

 private:
  static std::string below(const std::string& metric, const std::string& name) {
    return metric.empty() ? name : metric + "." + name;
  }

  static bool is_interval(const std::string& metric, const Json& list) {
    return list.size() == 2 && list[0].is_number() && metric.find("ci95") != std::string::npos;
  }

  void put_list(const std::string& metric, const std::string& key, const Json& list) {
    if (is_interval(metric, list)) {
      put_line(metric + ".low", key, list[0]);
      put_line(metric + ".high", key, list[1]);
      return;
    }
    if (std::all_of(list.begin(), list.end(), [](const Json& one) { return one.is_string(); })) {
      put_line(metric, key, list);
      return;
    }
    std::size_t place = 0;
    for (const Json& entry : list) put_entry(metric, std::to_string(++place), entry);
  }

  void put_entry(const std::string& metric, const std::string& place, const Json& entry) {
    std::string key;
    for (const std::string_view name : kNames) {
      const auto found = entry.find(name);
      if (found == entry.end() || !found->is_string()) continue;
      key += (key.empty() ? "" : " ") + found->get<std::string>();
    }
    if (key.empty()) key = place;
    for (const auto& [name, member] : entry.items()) {
      const bool named = std::find(kNames.begin(), kNames.end(), name) != kNames.end();
      if (!named || member.is_array()) put(below(metric, name), key, member);
    }
  }

  void put_line(const std::string& metric, const std::string& key, const Json& value) {
    into_ += csv_line({group_, csv_text(metric), csv_text(key), cell_of(value)});
  }

  static std::string cell_of(const Json& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return csv_text(value.get<std::string>());
    if (!value.is_array()) return value.dump();
    std::string text;
    for (const Json& one : value) text += (text.empty() ? "" : "; ") + one.get<std::string>();
    return csv_text(text);
  }

  std::string group_;
  std::string& into_;
};

}  // namespace

std::string metrics_csv(const Json& metrics) {
  std::string text = csv_line({"group", "metric", "key", "value"});
  for (const auto& [group, members] : metrics.items()) Lines(group, text).put("", "", members);
  return text;
}

}  // namespace observatory::host
