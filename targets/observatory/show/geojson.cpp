// SPDX-License-Identifier: MIT
#include "targets/observatory/show/geojson.h"

#include <cmath>
#include <utility>

namespace observatory::host {
namespace {

// Also false for what is no number.
bool on_earth(const Coordinates& place) {
  return std::fabs(place.latitude) <= 90 && std::fabs(place.longitude) <= 180;
}

}  // namespace

nlohmann::ordered_json geojson_feature(const std::optional<Coordinates>& place,
                                       nlohmann::ordered_json properties) {
  nlohmann::ordered_json geometry;
  if (place && on_earth(*place)) {
    geometry["type"] = "Point";
    geometry["coordinates"] = {place->longitude, place->latitude};
  }
  nlohmann::ordered_json feature;
  feature["type"] = "Feature";
  feature["geometry"] = std::move(geometry);
  feature["properties"] = std::move(properties);
  return feature;
}

nlohmann::ordered_json geojson_collection(nlohmann::ordered_json features,
                                          nlohmann::ordered_json about) {
  nlohmann::ordered_json collection;
  collection["type"] = "FeatureCollection";
  collection["about"] = std::move(about);
  collection["features"] = std::move(features);
  return collection;
}

}  // namespace observatory::host
