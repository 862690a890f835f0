// swift-tools-version: 6.3
import PackageDescription

/// Measures the CPU time of a span on the thread that creates it: sampled, unsampled, and with a flight recorder.
///
/// It is a separate package without the compared servers, so that it builds in a minute or two.
let package = Package(
    name: "spoor-span-cost",
    dependencies: [.package(name: "spoor", path: "../..")],
    targets: [
        .executableTarget(
            name: "SpanCost", dependencies: [.product(name: "JaegerTracing", package: "spoor")])
    ],
    swiftLanguageModes: [.v6]
)
