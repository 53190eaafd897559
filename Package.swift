// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// What every Swift target is held to: see "Strict compiler settings" in CONTRIBUTING.md.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// A door to a C library of the system, found by pkg-config.
func system(_ name: String, pkgConfig: String?, debian: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

func module(
  _ name: String, path: String? = nil, _ dependencies: [Target.Dependency] = [],
  exclude: [String] = [], resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: path, exclude: exclude, resources: resources,
    swiftSettings: strict)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestData"], exclude: exclude,
    swiftSettings: strict)
}

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
/// SQLite's own interface, as GRDB finds it.
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

let httpClient: [Target.Dependency] = [
  .product(name: "AsyncHTTPClient", package: "async-http-client"),
  .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
  name: "vemdb",
  products: [
    .executable(name: "vemdb", targets: ["vemdb"]),
    .library(name: "Zarr", targets: ["Arrays", "Zarr"]),
    .library(name: "ImageFiles", targets: ["ImageFiles"]),
    .library(name: "ZarrFuzzing", targets: ["ZarrFuzzing"]),
    .library(name: "Networks", targets: ["Networks", "Tensors"]),
    .library(name: "Training", targets: ["Training"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Doors to C.
    system("CBlosc", pkgConfig: "blosc", debian: "libblosc-dev"),
    system("CLZ4", pkgConfig: "liblz4", debian: "liblz4-dev"),
    system("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev"),
    system("CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),
    system("CTIFF", pkgConfig: "libtiff-4", debian: "libtiff-dev"),
    system("COpenBLAS", pkgConfig: "openblas", debian: "libopenblas-dev"),
    system("CXXHash", pkgConfig: "libxxhash", debian: "libxxhash-dev"),
    .target(
      name: "CPNG", linkerSettings: [.linkedLibrary("png16")]),
    .target(name: "CPause"),
    .target(
      name: "CChecksum", cSettings: [.unsafeFlags(["-O3"])]),
    .target(
      name: "CNormalization", cSettings: [.unsafeFlags(["-O3"])]),
    .target(
      name: "COneDNN", cSettings: [.unsafeFlags(["-O3"])],
      linkerSettings: [.linkedLibrary("dnnl")]),

    // Modules, from the bottom up. Arrows only point down.
    module("Arrays", ["CPause"]),
    module("ImageProcessing", ["Arrays"]),
    module("Segmentation", ["Arrays", "ImageProcessing"]),
    module("Zarr", ["Arrays", "CBlosc", "CChecksum", "CLZ4", "CZlib", "CZstd"]),
    module("ZarrHTTP", ["Zarr"] + httpClient),
    module("ImageFiles", ["Arrays", "Zarr", "CTIFF", "CPNG", crypto]),
    module(
      "CatalogSchema", path: "schema", [], exclude: ["README.md"],
      resources: [
        .embedInCode("v001_initial.sql"), .embedInCode("v002_views.sql"),
        .embedInCode("v003_classes.sql"), .embedInCode("v004_housekeeping.sql"),
      ]),
    module("Catalog", ["Arrays", "CatalogSchema", grdb, sqlite]),
    module("VolumeDatabase", ["Arrays", "Catalog", "Zarr", "ImageProcessing", "CXXHash", crypto]),
    module("Tensors", ["Arrays", "CNormalization", "COneDNN", "COpenBLAS"]),
    module("Networks", ["Arrays", "ImageProcessing", "Tensors", crypto]),
    module("Training", ["Networks", "Tensors"]),
    module(
      "Runs",
      [
        "Arrays", "Catalog", "ImageFiles", "ImageProcessing", "Networks", "Segmentation", "Tensors",
        "Training", "VolumeDatabase", "Zarr", "ZarrHTTP", crypto, yams,
      ]),
    .executableTarget(
      name: "vemdb",
      dependencies: [
        "Arrays", "Catalog", "Networks", "Runs", "Segmentation", "Tensors", "VolumeDatabase", "Zarr",
        argumentParser,
      ],
      swiftSettings: strict),

    module("TestData", path: "Tests/TestData"),
    tests("Arrays", ["Arrays"]),
    tests("ImageProcessing", ["Arrays", "ImageFiles", "ImageProcessing"]),
    tests("Segmentation", ["Arrays", "ImageFiles", "Segmentation"]),
    module("ZarrFuzzing", path: "Tests/ZarrFuzzing", ["Arrays", "Zarr"]),
    tests("Zarr", ["Arrays", "CChecksum", "Zarr", "ZarrFuzzing"]),
    tests("ZarrHTTP", ["Zarr", "ZarrHTTP"]),
    tests("ImageFiles", ["Arrays", "ImageFiles"]),
    tests("Catalog", ["Arrays", "Catalog", "CatalogSchema", grdb]),
    tests("VolumeDatabase", ["Arrays", "Catalog", "VolumeDatabase", "Zarr"]),
    tests("Tensors", ["Tensors"]),
    tests("Networks", ["Arrays", "ImageProcessing", "Networks", "Tensors"]),
    tests("Training", ["Networks", "Tensors", "Training"]),
    tests(
      "Runs",
      [
        "Arrays", "Catalog", "ImageFiles", "Networks", "Runs", "Segmentation", "Tensors", "Training",
        "VolumeDatabase", "Zarr", "vemdb",
      ]),
    tests(
      "Command", ["Arrays", "Catalog", "Runs", "VolumeDatabase", "vemdb", argumentParser],
      exclude: ["HelpPages"]),
    tests("Interoperability", ["Arrays", "Zarr", "ZarrHTTP", "vemdb"], exclude: ["Python", "Requirements"]),
  ]
)
