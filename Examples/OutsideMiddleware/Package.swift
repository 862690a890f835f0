// swift-tools-version: 6.3
import PackageDescription

/// Middlewares that are not part of Spoor: they use its public interface only, as those of any other package do.
let package = Package(
    name: "outside-middleware",
    products: [.library(name: "OutsideMiddleware", targets: ["OutsideMiddleware"])],
    dependencies: [
        .package(name: "spoor", path: "../.."),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    ],
    targets: [
        .target(
            name: "OutsideMiddleware",
            dependencies: [
                .product(name: "Spoor", package: "spoor"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]),
        .testTarget(
            name: "OutsideMiddlewareTests",
            dependencies: [
                "OutsideMiddleware", .product(name: "SpoorTesting", package: "spoor"),
            ],
            swiftSettings: [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]),
    ],
    swiftLanguageModes: [.v6]
)
