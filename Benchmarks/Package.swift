// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "vemdb", path: "..")],
  targets: [
    .systemLibrary(name: "CZstandard", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .executableTarget(
      name: "storage",
      dependencies: [
        "CZstandard",
        .product(name: "Zarr", package: "vemdb"), .product(name: "ImageFiles", package: "vemdb"),
      ],
      swiftSettings: strict),
    .target(name: "CFuzzing"),
    .executableTarget(
      name: "fuzz", dependencies: ["CFuzzing", .product(name: "ZarrFuzzing", package: "vemdb")],
      swiftSettings: strict),
    .executableTarget(
      name: "compute",
      dependencies: [
        .product(name: "Networks", package: "vemdb"), .product(name: "Training", package: "vemdb"),
      ],
      swiftSettings: strict),
  ]
)
