// SPDX-License-Identifier: Apache-2.0

import Arrays
import Segmentation

extension EvaluationPlan {
  /// Counts the covered voxels of one box, such as a column, class by class.
  func count(within box: Box) throws -> [ConfusionCounts] {
    try classes.map { one in
      try score(one, box).counts.values.reduce(into: ConfusionCounts()) { $0 += $1 }
    }
  }
}
