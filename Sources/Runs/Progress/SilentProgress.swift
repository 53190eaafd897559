// SPDX-License-Identifier: Apache-2.0

/// A reporter that tells nobody, for tests and for programs that show nothing.
public struct SilentProgress: ProgressReporter {
  /// A silent reporter.
  public init() {}
  public func begin(_ stage: ProgressStage) {}
  public func advance(to done: Int, detail: String?) {}
  public func end() {}
  public func note(_ line: String) {}
}
