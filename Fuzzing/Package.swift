// swift-tools-version: 6.3
import PackageDescription

/// The fuzz targets of the parsers of network input, for libFuzzer with the address sanitizer; run by `Scripts/fuzz`.
///
/// It is a separate package, so that its flags affect no other build. Most targets are symbolic links to the sources of the main
/// package: they are compiled here with coverage counters for the fuzzer, and their `package` declarations are visible.
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
/// Coverage counters in the fuzzed code, the address sanitizer everywhere.
let guided: [SwiftSetting] = [
    .unsafeFlags(["-sanitize=address", "-sanitize-coverage=edge,inline-8bit-counters,pc-table"])
]
let watched: [SwiftSetting] = [.unsafeFlags(["-sanitize=address"])]

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")

let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")

let package = Package(
    name: "spoor-fuzzing",
    dependencies: [
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CFuzzer"),
        .target(name: "SpoorText"),
        .target(name: "SpoorHTTP", dependencies: ["SpoorText", httpTypes]),
        .target(name: "SpoorHTTP1", dependencies: ["SpoorText", "SpoorHTTP", httpTypes]),
        .target(
            name: "SpoorMiddleware",
            dependencies: ["SpoorText", "SpoorHTTP", httpTypes, logging, metrics]),
        .target(name: "JaegerContext", dependencies: ["SpoorText"]),
        .target(
            name: "JaegerTracing",
            dependencies: ["SpoorText", "JaegerContext", tracing, logging, metrics]),
        .target(name: "JaegerThrift", dependencies: ["SpoorText", "JaegerTracing"]),
        .target(name: "JaegerOTLP", dependencies: ["SpoorText", "JaegerTracing"]),
        .systemLibrary(name: "CSpoorLinux"),
        .target(name: "SpoorNetworking", dependencies: ["SpoorText", "CSpoorLinux"]),
        .systemLibrary(name: "CSpoorOpenSSL", pkgConfig: "openssl"),
        .target(name: "SpoorTLS", dependencies: ["SpoorHTTP", "SpoorNetworking", "CSpoorOpenSSL"]),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CFuzzer", "SpoorText", "SpoorHTTP", "SpoorHTTP1", "SpoorMiddleware",
                "JaegerContext", "JaegerTracing",
                "JaegerThrift",
                "JaegerOTLP", "SpoorTLS", httpTypes,
            ],
            linkerSettings: [.unsafeFlags(["-sanitize=address"]), .linkedLibrary("stdc++")]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = settings + (target.name == "Fuzz" ? watched : guided)
}
