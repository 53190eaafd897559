// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#endif

/// How OpenMP's threads wait for each other.
///
/// libgomp's default is to spin for long, which makes a step five to ten times slower as soon as anything
/// else runs on the machine. It reads its settings when it is loaded, before `main`; hence commands that
/// compute start the program once more with threads that sleep, unless a person has chosen otherwise.
enum WaitPolicy {
  private static let commands = ["train", "finetune", "predict", "demo", "experiment"]

  /// Whether a network will be computed: no other command needs to start twice.
  private static var computes: Bool {
    let words = CommandLine.arguments.dropFirst().prefix(2)
    return words.first.map(commands.contains) == true || words.elementsEqual(["run", "resume"])
  }

  /// Starts the program once more where that is needed; returns where it is not, or cannot be done.
  static func settle() {
    #if canImport(Glibc)
      guard computes else { return }
      // SAFETY: the names are constants; nothing else runs yet that could change the environment.
      guard unsafe getenv("OMP_WAIT_POLICY") == nil, unsafe getenv("GOMP_SPINCOUNT") == nil,
        unsafe setenv("OMP_WAIT_POLICY", "passive", 1) == 0
      else { return }
      // SAFETY: the arguments are those of this process and end with a null pointer.
      unsafe execv("/proc/self/exe", CommandLine.unsafeArgv)
    #endif
  }
}
