// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Testing

@testable import vemdb

/// Each command's help page, as somebody last looked at it: `Tests/CommandTests/HelpPages/<command>.txt`.
/// `VEMDB_RECORD=1` writes them anew.
@Suite("Help pages")
struct HelpPageTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("HelpPages")

  /// Every command with its words, from the root down.
  static let commands: [(words: [String], type: any ParsableCommand.Type)] = {
    func below(
      _ words: [String], _ type: any ParsableCommand.Type
    ) -> [(words: [String], type: any ParsableCommand.Type)] {
      [(words, type)]
        + type.configuration.subcommands.flatMap {
          below(words + [$0.configuration.commandName ?? "\($0)".lowercased()], $0)
        }
    }
    return below(["vemdb"], VemdbCommand.self)
  }()

  @Test("a page is as it was when somebody last looked at it", arguments: commands.map { $0.words })
  func page(words: [String]) throws {
    let type = try #require(Self.commands.first { $0.words == words }).type
    let page = VemdbCommand.helpMessage(for: type, columns: 100)
    let file = Self.folder.appendingPathComponent(words.joined(separator: "-") + ".txt")
    if ProcessInfo.processInfo.environment["VEMDB_RECORD"] != nil {
      try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
      try Data(page.utf8).write(to: file)
    }
    let recorded = try? String(contentsOf: file, encoding: .utf8)
    #expect(recorded == page, "record it with VEMDB_RECORD=1 if the change is meant")
  }

  @Test("no page is left of a command that is gone")
  func noStrays() throws {
    let pages = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(pages) == Set(Self.commands.map { $0.words.joined(separator: "-") + ".txt" }))
  }

  @Test("every argument and option says what it is for")
  func everyArgumentIsExplained() throws {
    let dump = try JSONSerialization.jsonObject(with: Data(VemdbCommand._dumpHelp().utf8))
    let root = try #require((dump as? [String: Any])?["command"] as? [String: Any])
    func check(_ command: [String: Any], _ words: String) {
      #expect(!(command["abstract"] as? String ?? "").isEmpty, "\(words) has no abstract")
      for argument in command["arguments"] as? [[String: Any]] ?? [] {
        let name = argument["valueName"] as? String ?? "?"
        #expect(!(argument["abstract"] as? String ?? "").isEmpty, "\(words): \(name) has no help")
      }
      for child in command["subcommands"] as? [[String: Any]] ?? []
      where child["commandName"] as? String != "help" {
        check(child, words + " " + (child["commandName"] as? String ?? "?"))
      }
    }
    check(root, "vemdb")
  }
}
