// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the terminal behind standard error can do.
enum TerminalSize {
  /// Whether standard error is a terminal on which a line can be redrawn.
  static var standardErrorCanRedraw: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// Its width in columns; 80 where it does not say.
  static var columns: Int {
    var size = winsize()
    // SAFETY: TIOCGWINSZ writes one `winsize` to the pointer, which is valid during the call.
    let answer = unsafe withUnsafeMutablePointer(to: &size) {
      unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), $0)
    }
    return answer == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
  }
}
