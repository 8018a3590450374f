// swift-tools-version: 6.1
import PackageDescription

/// A system library that pkg-config knows, with the Debian package that brings it.
func system(_ name: String, pkgConfig: String? = nil, debian: String) -> Target {
  .systemLibrary(
    name: name,
    path: "Sources/System/\(name)",
    pkgConfig: pkgConfig,
    providers: [.apt([debian])])
}

/// Settings with which a target cannot import the modules named, even where they were built before.
///
/// The compiler looks for another module in their stead, which does not exist.
func without(_ modules: String...) -> [SwiftSetting] {
  [.unsafeFlags(modules.flatMap { ["-module-alias", "\($0)=\($0)IsNotForThisTarget"] })]
}

let package = Package(
  name: "overinterp",
  products: [
    .executable(name: "overinterp", targets: ["overinterp"]),
    .library(name: "SufficientInputSubsets", targets: ["SufficientInputSubsets"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
  ],
  targets: [
    // Layer 0: module maps of system libraries.
    system("CCairo", debian: "libpango1.0-dev"),
    system("CGIF", debian: "libgif-dev"),
    system("COneDNN", debian: "libdnnl-dev"),
    system("COpenBLAS", pkgConfig: "openblas", debian: "libopenblas-dev"),
    system("COpenSSL", pkgConfig: "libcrypto", debian: "libssl-dev"),
    system("CQPDF", pkgConfig: "libqpdf", debian: "libqpdf-dev"),
    system("CSPNG", pkgConfig: "spng", debian: "libspng-dev"),
    system("CTIFF", pkgConfig: "libtiff-4", debian: "libtiff-dev"),
    system("CTurboJPEG", pkgConfig: "libturbojpeg", debian: "libturbojpeg0-dev"),
    system("CVLFeat", debian: "libvlfeat-dev"),
    system("CWebP", pkgConfig: "libwebpdemux", debian: "libwebp-dev"),
    system("CZip", pkgConfig: "libzip", debian: "libzip-dev"),
    system("CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),

    // Layer 1
    .target(name: "Tensors", dependencies: ["COpenBLAS"]),
    .target(name: "Spelling"),
    .target(name: "Statistics"),
    .target(name: "SharedWork", dependencies: ["COpenSSL"]),

    // Layer 2
    .target(
      name: "ONNX",
      dependencies: ["Tensors", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["Protobuf/onnx.proto"]),
    .target(name: "Figures", dependencies: ["CCairo", "CQPDF"]),
    .target(name: "Schedulers", dependencies: [.product(name: "Yams", package: "Yams")]),

    // Layer 3
    .target(name: "Inference", dependencies: ["COneDNN", "ONNX", "Spelling", "Tensors"]),
    .target(name: "SufficientInputSubsets"),
    .target(
      name: "Datasets",
      dependencies: [
        "CGIF", "CSPNG", "CTIFF", "CTurboJPEG", "CWebP", "CZip", "CZlib", "Spelling",
        .product(name: "SwiftCSV", package: "SwiftCSV"),
      ]),
    .target(
      name: "Reports",
      dependencies: ["Figures", .product(name: "Mustache", package: "swift-mustache")]),
    .target(name: "History", dependencies: [.product(name: "GRDB", package: "GRDB.swift")]),

    // Layer 4
    .target(
      name: "Audit",
      dependencies: [
        "CZlib", "Datasets", "Figures", "History", "Reports", "SharedWork", "Spelling",
        "Statistics",
        "SufficientInputSubsets", .product(name: "SwiftCSV", package: "SwiftCSV"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: without("Inference", "ONNX")),

    .target(
      name: "Features", dependencies: ["Inference", "ONNX", "Statistics", "Tensors"],
      swiftSettings: without("Audit", "Reports", "SufficientInputSubsets")),

    // Layer 5
    .target(
      name: "AuditRun",
      dependencies: [
        "Audit", "CVLFeat", "Datasets", "Features", "Figures", "Inference", "ONNX", "SharedWork",
        "Statistics", "SufficientInputSubsets", "Tensors",
      ]),

    // Layer 6
    .executableTarget(
      name: "overinterp",
      dependencies: [
        "Audit", "AuditRun", "Datasets", "Features", "Figures", "History", "Inference", "ONNX",
        "Reports", "Schedulers", "SharedWork", "Spelling", "Tensors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Measures the methods against each other; see docs/FIDELITY.md.
    .executableTarget(
      name: "fidelity",
      dependencies: [
        "Audit", "AuditRun", "Datasets", "Figures", "Inference", "ONNX", "SharedWork", "Statistics",
        "SufficientInputSubsets",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Runs networks by themselves, beside other engines; see CONTRIBUTING.md.
    .executableTarget(
      name: "engine",
      dependencies: [
        "Datasets", "Inference", "ONNX", "Tensors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Makes up records of large audits, to measure how they merge; see docs/SCALE.md.
    .executableTarget(
      name: "scale",
      dependencies: [
        "Audit", "Datasets", "SharedWork", "SufficientInputSubsets",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
    .testTarget(name: "SpellingTests", dependencies: ["Spelling"]),
    .testTarget(name: "StatisticsTests", dependencies: ["Statistics"]),
    .testTarget(name: "SharedWorkTests", dependencies: ["SharedWork"]),
    .testTarget(name: "SchedulersTests", dependencies: ["Schedulers"]),
    .testTarget(name: "ONNXTests", dependencies: ["ONNX", "Tensors"]),
    .testTarget(
      name: "InferenceTests", dependencies: ["Datasets", "Inference", "ONNX", "Tensors"]),
    .testTarget(name: "SufficientInputSubsetsTests", dependencies: ["SufficientInputSubsets"]),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets"]),
    .testTarget(
      name: "HistoryTests",
      dependencies: ["History", .product(name: "GRDB", package: "GRDB.swift")]),
    .testTarget(name: "FiguresTests", dependencies: ["Figures"]),
    .testTarget(name: "ReportsTests", dependencies: ["Figures", "Reports"]),
    .testTarget(
      name: "AuditTests",
      dependencies: [
        "Audit", "Datasets", "Figures", "History", "Reports", "SharedWork", "Statistics",
        "SufficientInputSubsets",
      ]),
    .testTarget(
      name: "AuditRunTests",
      dependencies: [
        "Audit", "AuditRun", "Datasets", "Features", "Inference", "ONNX", "Reports", "SharedWork",
        "SufficientInputSubsets",
      ]),
    .testTarget(
      name: "FeaturesTests",
      dependencies: ["Datasets", "Features", "Inference", "ONNX", "Tensors"]),
    .testTarget(name: "CommandTests", dependencies: ["overinterp"]),
  ]
)
