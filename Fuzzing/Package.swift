// swift-tools-version: 6.3
import PackageDescription

/// The fuzz targets of the protocol core, for libFuzzer under the address sanitiser; run by `Scripts/fuzz`.
///
/// A package of its own, so that its flags touch no other build. `SpoorHTTP` and `SpoorHTTP1` are links to the sources of
/// the main package: they are compiled here once more, with the counters that guide the fuzzer, and what is `package`
/// there is `package` here.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]
/// Counters for the fuzzer in what is fuzzed, the address sanitiser everywhere.
let guided: [SwiftSetting] = [
    .unsafeFlags(["-sanitize=address", "-sanitize-coverage=edge,inline-8bit-counters,pc-table"])
]
let watched: [SwiftSetting] = [.unsafeFlags(["-sanitize=address"])]

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")

let package = Package(
    name: "spoor-fuzzing",
    dependencies: [
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: [])
    ],
    targets: [
        .systemLibrary(name: "CFuzzer"),
        .target(name: "SpoorHTTP", dependencies: [httpTypes]),
        .target(name: "SpoorHTTP1", dependencies: ["SpoorHTTP", httpTypes]),
        .executableTarget(
            name: "Fuzz", dependencies: ["CFuzzer", "SpoorHTTP", "SpoorHTTP1", httpTypes],
            linkerSettings: [.unsafeFlags(["-sanitize=address"]), .linkedLibrary("stdc++")]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = settings + (target.name == "Fuzz" ? watched : guided)
}
