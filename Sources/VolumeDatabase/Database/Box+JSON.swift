// SPDX-License-Identifier: Apache-2.0

import Arrays
import Zarr

extension Box {
  /// `[[z, y, x], [z, y, x]]`: the lower bounds and the upper ones.
  var json: JSONValue { .array([JSONValue(lower), JSONValue(upper)]) }
}
