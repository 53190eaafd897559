// SPDX-License-Identifier: Apache-2.0

/// How values between pixels are had.
public enum Interpolation: String, Codable, Hashable, Sendable {
  /// The mean over the area that a new pixel covers; linear along an axis that is enlarged.
  case area

  /// Linear between the two nearest pixel centres along each axis.
  case linear

  /// The pixel that holds the new pixel's centre; the one for labels.
  case nearest
}
