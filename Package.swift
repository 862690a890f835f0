// swift-tools-version: 6.3
import PackageDescription

/// The language settings of every target of this package.
var settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

/// Warnings are errors where this variable says so, as `.ci/run` does: a warning of a later compiler must not break
/// the build of a package that depends on a clone of this one.
if Context.environment["SPOOR_WARNINGS_AS_ERRORS"] == "1" {
    settings.append(.treatAllWarnings(as: .error))
}

// MARK: Dependencies

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let inMemoryTracing = Target.Dependency.product(
    name: "InMemoryTracing", package: "swift-distributed-tracing")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let metricsTestKit = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let serviceLifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "spoor",
    products: [
        .library(name: "Spoor", targets: ["Spoor"]),
        .library(name: "SpoorJSON", targets: ["SpoorJSON"]),
        .library(name: "SpoorTesting", targets: ["SpoorTesting"]),
        .library(name: "SpoorJSONTesting", targets: ["SpoorJSONTesting"]),
        .library(
            name: "JaegerTracing",
            targets: [
                "JaegerTracing", "JaegerReporter", "JaegerRemoteSampling", "JaegerConfiguration",
            ]),
        .library(name: "JaegerCollector", targets: ["JaegerCollector"]),
        .executable(name: "spoor-collector", targets: ["spoor-collector"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    ],
    targets: [
        // MARK: Ring 0 - what things are
        .target(name: "SpoorText"),
        .target(name: "SpoorHTTP", dependencies: ["SpoorText", httpTypes]),
        .target(name: "JaegerContext", dependencies: ["SpoorText"]),
        .target(
            name: "JaegerTracing",
            dependencies: ["SpoorText", "JaegerContext", tracing, logging, metrics]),

        // MARK: Ring 1 - pure protocol
        .target(name: "SpoorHTTP1", dependencies: ["SpoorText", "SpoorHTTP", httpTypes]),
        .target(
            name: "SpoorMiddleware",
            dependencies: ["SpoorText", "SpoorHTTP", httpTypes, logging, metrics]),
        .target(name: "JaegerThrift", dependencies: ["SpoorText", "JaegerTracing"]),
        .target(name: "JaegerOTLP", dependencies: ["SpoorText", "JaegerTracing"]),
        .target(
            name: "SpoorTracing",
            dependencies: [
                "SpoorText", "SpoorHTTP", "SpoorMiddleware", "JaegerTracing", httpTypes, tracing,
                metrics,
            ]),

        // MARK: Ring 2 - JSON by FoundationEssentials, which nothing else links
        .target(
            name: "SpoorJSON",
            dependencies: ["SpoorText", "SpoorHTTP", "SpoorMiddleware", httpTypes]),

        // MARK: Ring 2 - the kernel
        .systemLibrary(name: "CSpoorLinux"),
        .target(name: "SpoorNetworking", dependencies: ["SpoorText", "CSpoorLinux"]),
        .systemLibrary(
            name: "CSpoorOpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"]), .yum(["openssl-devel"])]),
        .target(
            name: "SpoorTLS",
            dependencies: ["SpoorText", "SpoorHTTP", "SpoorNetworking", "CSpoorOpenSSL"]),

        // MARK: Ring 3 - both ends of a connection
        .target(
            name: "SpoorServer",
            dependencies: [
                "SpoorText", "SpoorHTTP", "SpoorHTTP1", "SpoorMiddleware", "SpoorNetworking",
                "SpoorTLS",
                httpTypes,
                logging, metrics, serviceLifecycle, unixSignals,
            ]),
        .target(
            name: "SpoorClient",
            dependencies: [
                "SpoorText", "SpoorHTTP", "SpoorHTTP1", "SpoorMiddleware", "SpoorNetworking",
                "SpoorTLS",
                httpTypes,
            ]),

        // MARK: Ring 4 - sending spans
        .systemLibrary(
            name: "CSpoorZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"])]),
        .target(
            name: "JaegerReporter",
            dependencies: [
                "JaegerTracing", "JaegerThrift", "JaegerOTLP", "SpoorText", "SpoorHTTP", "SpoorTLS",
                "SpoorNetworking", "SpoorClient", "CSpoorZlib", httpTypes, logging, metrics,
                serviceLifecycle,
            ]),
        .target(
            name: "JaegerRemoteSampling",
            dependencies: [
                "JaegerTracing", "SpoorText", "SpoorHTTP", "SpoorTLS", "SpoorNetworking",
                "SpoorClient",
                httpTypes, logging, metrics,
            ]),
        .target(
            name: "JaegerConfiguration",
            dependencies: [
                "SpoorText", "JaegerTracing", "JaegerReporter", "JaegerRemoteSampling", "SpoorHTTP",
                "SpoorTLS",
                "SpoorClient", httpTypes, logging, metrics, serviceLifecycle,
            ]),

        // MARK: Ring 5 - the local collector
        .target(
            name: "JaegerCollector",
            dependencies: [
                "JaegerTracing", "JaegerThrift", "JaegerOTLP", "SpoorText", "SpoorHTTP",
                "SpoorHTTP1",
                "SpoorMiddleware", "SpoorNetworking", "SpoorServer", "CSpoorZlib", httpTypes,
                logging, serviceLifecycle,
            ],
            resources: [
                .embedInCode("Page/index.html"), .embedInCode("Page/page.css"),
                .embedInCode("Page/page.js"), .embedInCode("Page/address.mjs"),
                .embedInCode("Page/dom.mjs"), .embedInCode("Page/search.mjs"),
                .embedInCode("Page/terms.mjs"), .embedInCode("Page/texts.mjs"),
                .embedInCode("Page/trace.mjs"), .embedInCode("Page/tree.mjs"),
            ]),
        .executableTarget(
            name: "spoor-collector",
            dependencies: ["JaegerCollector", argumentParser, logging]),

        // MARK: Ring 5 - testing a service
        .target(
            name: "SpoorTesting",
            dependencies: [
                "SpoorText", "SpoorHTTP", "SpoorMiddleware", "SpoorNetworking", "SpoorTLS",
                "SpoorServer", "SpoorClient", "JaegerTracing", httpTypes, logging,
            ]),
        .target(
            name: "SpoorJSONTesting",
            dependencies: ["SpoorText", "SpoorHTTP", "SpoorJSON", "SpoorTesting", httpTypes]),

        // MARK: The umbrella
        .target(
            name: "Spoor",
            dependencies: [
                httpTypes, "SpoorText", "SpoorHTTP", "SpoorHTTP1", "SpoorMiddleware",
                "SpoorNetworking",
                "SpoorTLS", "SpoorServer", "SpoorClient", "SpoorTracing", "JaegerTracing",
                "JaegerReporter", "JaegerRemoteSampling", "JaegerConfiguration",
            ]),

        // MARK: Examples
        .executableTarget(name: "Greeter", dependencies: ["Spoor"], path: "Examples/Greeter"),

        .executableTarget(
            name: "HelloServer", dependencies: ["Spoor", argumentParser, serviceLifecycle],
            path: "Examples/HelloServer"),

        .executableTarget(
            name: "ConformanceServer", dependencies: ["Spoor", argumentParser],
            path: "Examples/ConformanceServer"),

        .executableTarget(
            name: "EventStream", dependencies: ["Spoor", argumentParser],
            path: "Examples/EventStream"),

        .executableTarget(
            name: "Shop", dependencies: ["Spoor", argumentParser, logging, tracing],
            path: "Examples/Shop"),

        .executableTarget(
            name: "TraceContextServer", dependencies: ["Spoor", argumentParser],
            path: "Examples/TraceContextServer"),

        // MARK: Tests
        .testTarget(name: "ArchitectureTests"),
        .testTarget(name: "SpoorTextTests", dependencies: ["SpoorText", "TestSupport"]),
        .testTarget(
            name: "SpoorHTTPTests",
            dependencies: ["SpoorText", "SpoorHTTP", "TestSupport", httpTypes]),
        .testTarget(
            name: "SpoorHTTP1Tests",
            dependencies: ["SpoorHTTP", "SpoorHTTP1", "TestSupport", httpTypes]),
        .target(
            name: "TestSupport",
            dependencies: ["JaegerContext", "SpoorHTTP", "SpoorText", httpTypes, logging],
            path: "Tests/TestSupport"),
        .target(
            name: "PeerSupport", dependencies: ["SpoorNetworking", "SpoorTLS"],
            path: "Tests/PeerSupport"),
        .target(
            name: "CollectorSupport",
            dependencies: ["JaegerCollector", "JaegerReporter", logging],
            path: "Tests/CollectorSupport"),
        .testTarget(
            name: "SpoorMiddlewareTests",
            dependencies: [
                "SpoorMiddleware", "SpoorHTTP", "SpoorText", "TestSupport", httpTypes, logging,
            ]),
        .testTarget(
            name: "SpoorJSONTests",
            dependencies: [
                "SpoorJSON", "SpoorJSONTesting", "SpoorText", "SpoorHTTP", "SpoorMiddleware",
                "SpoorClient", "SpoorTesting", "TestSupport", httpTypes,
            ]),
        .testTarget(
            name: "SpoorServerTests",
            dependencies: [
                "SpoorText", "SpoorServer", "SpoorHTTP", "SpoorHTTP1", "SpoorMiddleware",
                "SpoorNetworking", "SpoorTLS", "SpoorClient", "SpoorTesting", "TestSupport",
                "HelloServer", httpTypes, logging, metrics, metricsTestKit, serviceLifecycle,
                unixSignals,
            ]),
        .testTarget(
            name: "JaegerThriftTests",
            dependencies: ["JaegerThrift", "JaegerTracing", "TestSupport"],
            exclude: ["Golden"]),
        .testTarget(
            name: "JaegerOTLPTests", dependencies: ["JaegerOTLP", "JaegerTracing", "TestSupport"],
            exclude: ["Golden"]),
        .testTarget(
            name: "JaegerCollectorTests",
            dependencies: [
                "SpoorText",
                "JaegerCollector", "JaegerThrift", "JaegerOTLP", "JaegerTracing", "SpoorHTTP",
                "SpoorMiddleware", "SpoorNetworking", "SpoorServer", "SpoorTesting", "TestSupport",
                httpTypes,
                logging,
            ],
            exclude: ["Golden"]),
        .testTarget(
            name: "SpoorNetworkingTests",
            dependencies: [
                "SpoorNetworking", "CSpoorLinux", "SpoorTesting", "TestSupport", "PeerSupport",
            ]),
        .testTarget(
            name: "SpoorTLSTests",
            dependencies: [
                "SpoorTLS", "SpoorNetworking", "SpoorHTTP", "SpoorTesting", "CSpoorOpenSSL",
                "TestSupport", "PeerSupport",
            ]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Spoor", "SpoorJSON", "SpoorTLS", "JaegerCollector", "SpoorTesting",
                "SpoorJSONTesting", "TestSupport", "PeerSupport", "CollectorSupport", "Greeter",
                "Shop",
                httpTypes, tracing, logging, serviceLifecycle, unixSignals,
            ]),
        .testTarget(
            name: "SpoorClientTests",
            dependencies: [
                "SpoorClient", "SpoorNetworking", "SpoorMiddleware", "SpoorHTTP", "SpoorHTTP1",
                "SpoorServer", "SpoorTLS", "SpoorTesting", "TestSupport", httpTypes, logging,
            ]),
        .testTarget(
            name: "SpoorTestingTests",
            dependencies: [
                "SpoorTesting", "SpoorServer", "SpoorClient", "SpoorMiddleware", "SpoorHTTP",
                "SpoorText", "SpoorHTTP1", "SpoorNetworking", "SpoorTLS", "SpoorTracing",
                "JaegerTracing",
                "TestSupport", httpTypes,
            ]),
        .testTarget(
            name: "JaegerReporterTests",
            dependencies: [
                "JaegerReporter", "JaegerOTLP", "JaegerThrift", "JaegerTracing", "SpoorClient",
                "SpoorHTTP", "SpoorMiddleware", "SpoorNetworking", "SpoorServer", "SpoorTLS",
                "SpoorTesting", "TestSupport", httpTypes, logging, metricsTestKit,
            ]),
        .testTarget(
            name: "JaegerRemoteSamplingTests",
            dependencies: [
                "JaegerRemoteSampling", "JaegerTracing", "SpoorHTTP", "SpoorMiddleware",
                "SpoorServer", "SpoorTesting", "TestSupport", httpTypes, logging, metrics,
                metricsTestKit,
            ]),
        .testTarget(
            name: "JaegerConfigurationTests",
            dependencies: [
                "JaegerConfiguration", "JaegerReporter", "JaegerTracing",
                "SpoorHTTP", "SpoorMiddleware", "SpoorServer", "SpoorTLS", "SpoorTesting",
                "TestSupport", httpTypes, logging, metricsTestKit, tracing,
            ]),
        .testTarget(
            name: "JaegerContextTests", dependencies: ["JaegerContext", "TestSupport"]),
        .testTarget(
            name: "JaegerTracingTests",
            dependencies: [
                "JaegerTracing", "SpoorTesting", "TestSupport", tracing, logging, metrics,
                metricsTestKit,
            ]),
        .testTarget(
            name: "SpoorTracingTests",
            dependencies: [
                "SpoorText",
                "SpoorTracing", "SpoorHTTP", "SpoorMiddleware", "SpoorServer", "SpoorClient",
                "SpoorTesting", "JaegerTracing", "TestSupport", httpTypes, logging, tracing,
                metrics,
                metricsTestKit, inMemoryTracing,
            ]),
        .testTarget(
            name: "InteropTests",
            dependencies: [
                "JaegerTracing", "JaegerThrift", "JaegerOTLP", "JaegerCollector", "Spoor",
                "SpoorHTTP", "SpoorMiddleware", "SpoorNetworking", "SpoorServer", "SpoorTLS",
                "SpoorTesting", "SpoorText", "TestSupport", "CollectorSupport", httpTypes, logging,
                metrics, tracing,
            ],
            exclude: ["Clients", "Python"]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = settings
}

// SPOOR_TEST_TARGETS="SpoorHTTPTests,SpoorHTTP1Tests" reduces the package to these test targets and what they need:
// for Scripts/sanitize --core, and for a short build while working on one part.
if let names = Context.environment["SPOOR_TEST_TARGETS"], !names.isEmpty {
    var needed = Set(names.split(separator: ",").map(String.init))
    while true {
        let all = needed.union(
            package.targets.filter { needed.contains($0.name) }.flatMap(\.dependencies).compactMap {
                if case .byNameItem(let name, _) = $0 { name } else { nil }
            })
        if all == needed { break }
        needed = all
    }
    package.products.removeAll()
    package.targets.removeAll { !needed.contains($0.name) }
}
