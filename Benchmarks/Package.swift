// swift-tools-version: 6.3
import PackageDescription

/// The programs that are compared: servers with the same response as `HelloServer`, clients, and a program that creates
/// spans.
///
/// It is a separate package, so that users of Spoor never resolve its dependencies. Versions are exact, so that figures stay
/// comparable.
let package = Package(
    name: "spoor-benchmarks",
    dependencies: [
        .package(name: "spoor", path: ".."),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git", exact: "2.28.1"),
        .package(url: "https://github.com/swhitty/FlyingFox.git", exact: "0.27.1"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.80.0"),
        .package(
            url: "https://github.com/swift-server/async-http-client.git", exact: "1.37.0"),
    ],
    targets: [
        .executableTarget(
            name: "HummingbirdHello",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .executableTarget(
            name: "FlyingFoxHello",
            dependencies: [
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "SpoorRoutes",
            dependencies: [
                .product(name: "Spoor", package: "spoor"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "SpoorEcho",
            dependencies: [
                .product(name: "Spoor", package: "spoor"),
                .product(name: "SpoorJSON", package: "spoor"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "SpanLoad",
            dependencies: [
                .product(name: "JaegerTracing", package: "spoor"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "SpoorClientLoad", dependencies: [.product(name: "Spoor", package: "spoor")]),
        .executableTarget(
            name: "AHCClientLoad",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
