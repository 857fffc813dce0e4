// SPDX-License-Identifier: MIT
// GeoJSON (RFC 7946).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace observatory::host {

struct Coordinates {
  double latitude = 0;
  double longitude = 0;
};

// A Feature with these properties (an object): a Point, or of no known place (null geometry,
// section 3.2), which is also where coordinates go that are none. Positions are longitude first
// (section 3.1.1).
nlohmann::ordered_json geojson_feature(const std::optional<Coordinates>& place,
                                       nlohmann::ordered_json properties);

// A FeatureCollection; `about` is one more member of it, "about" (section 6.1, foreign members).
nlohmann::ordered_json geojson_collection(nlohmann::ordered_json features,
                                          nlohmann::ordered_json about);

}  // namespace observatory::host
