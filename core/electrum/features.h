// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "core/record/record.h"

namespace observatory {

// Records the answer to server.features (its `result`, JSON text). Members of an unexpected type
// are left out; ports are kept when they are 1 to 65535. Does nothing for what is no object.
void record_features(std::string_view result, Record& record);

// Records a JSON scalar in a kScalar field. A number that is no integer from 0 becomes text;
// objects, arrays and nothing at all are left out.
void record_scalar(std::string_view value, FieldId field, Record& record);

}  // namespace observatory
