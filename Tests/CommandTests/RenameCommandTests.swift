// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

@Suite("Renaming from the command line")
struct RenameCommandTests {
  let small: SmallDatabase

  init() throws { small = try SmallDatabase() }

  @Test("lineage, queries and scores go on under the new names, also after the catalog was lost")
  func names() throws {
    try small.succeed("evaluate", "d/mito", "--against", "d/mito")
    try small.succeed("edit", "d/em", "--voxel-size", "50,8,8nm")
    try small.succeed("rename", "d/em", "d/raw")
    try small.succeed("rename", "d", "liver")
    #expect(try small.program("show", "d/em").exitCode == 1)
    let questions = [
      ["list", "versions"], ["list", "scores"], ["show", "liver/raw"], ["show", "liver/mito"],
      ["show", "run:1"], ["log", "liver/mito"], ["log", "liver/raw"],
      ["query", "liver", "--region", "z=1:7,y=3:50", "--in", "liver/mito"],
    ].map { $0 + ["--format", "json"] }
    let answers = try questions.map { try small.succeed($0) }
    #expect(answers[0].contains("liver/raw@2"))
    #expect(answers[5].contains("liver/raw@1"))
    #expect(try small.problems().isEmpty)
    try small.rebuild()
    for (question, answer) in zip(questions, answers) {
      #expect(try small.succeed(question) == answer, "\(question)")
    }
    #expect(try small.succeed("repair") == "nothing to repair\n")
    // Work goes on where it was.
    try small.succeed("edit", "liver/mito", "--voxel-size", "50,8,8nm")
    #expect(try small.json("show", "liver/mito")["image"] as? String == "liver/raw@2")
  }

  @Test("a version, a run, a taken name or another dataset is refused")
  func refused() throws {
    #expect(try small.program("rename", "d/em@1", "d/raw").exitCode == 2)
    #expect(try small.program("rename", "run:1", "d/raw").exitCode == 2)
    for name in ["d/mito", "e/em", "d/em", "a/b/c", "1"] {
      #expect(try small.program("rename", "d/em", name).exitCode == 1, "\(name)")
    }
    #expect(try small.problems().isEmpty)
  }
}
