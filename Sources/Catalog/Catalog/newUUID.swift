// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A random UUID in lower case.
func newUUID() -> String { UUID().uuidString.lowercased() }
