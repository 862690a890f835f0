// swift-tools-version: 6.3
import PackageDescription

/// A program that compares the cost of JSON in a handler with that of the coders alone.
///
/// It is a separate package, so that it is built without the servers of the other benchmarks.
let package = Package(
    name: "spoor-json-cost",
    dependencies: [.package(name: "spoor", path: "../..")],
    targets: [
        .executableTarget(
            name: "JSONCost",
            dependencies: [
                .product(name: "Spoor", package: "spoor"),
                .product(name: "SpoorJSON", package: "spoor"),
                .product(name: "SpoorTesting", package: "spoor"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
