/// The targets, their rings and their allowed imports, for comparison with the code.
///
/// ARCHITECTURE.md has the same table. Change both together with Package.swift; the tests of this target report what is missing.
enum Rules {
    /// A target of `Sources` with its allowed imports.
    struct Target {
        /// It imports targets of lower rings, and of its own ring only those in ``Rules/withinRing``.
        let ring: Int
        /// The targets and products it may import: exactly its dependencies in Package.swift.
        let imports: Set<String>
        /// Modules of the toolchain that it may import in any file, in addition to ``Rules/importableAnywhere``.
        let toolchain: Set<String>

        init(_ ring: Int, _ imports: Set<String>, toolchain: Set<String> = []) {
            self.ring = ring
            self.imports = imports
            self.toolchain = toolchain
        }
    }

    static let targets: [String: Target] = [
        "SpoorText": Target(0, []),
        "SpoorHTTP": Target(0, ["SpoorText", "HTTPTypes"]),
        "JaegerContext": Target(0, ["SpoorText"]),
        "JaegerTracing": Target(
            0, ["SpoorText", "JaegerContext", "Tracing", "Logging", "CoreMetrics"]),

        "SpoorHTTP1": Target(1, ["SpoorText", "SpoorHTTP", "HTTPTypes"]),
        "SpoorMiddleware": Target(
            1, ["SpoorText", "SpoorHTTP", "HTTPTypes", "Logging", "CoreMetrics"]),
        "JaegerThrift": Target(1, ["SpoorText", "JaegerTracing"]),
        "JaegerOTLP": Target(1, ["SpoorText", "JaegerTracing"]),
        "SpoorTracing": Target(
            1,
            [
                "SpoorText", "SpoorHTTP", "SpoorMiddleware", "JaegerTracing", "HTTPTypes",
                "Tracing",
                "CoreMetrics",
            ]),

        "SpoorJSON": Target(
            2, ["SpoorText", "SpoorHTTP", "SpoorMiddleware", "HTTPTypes"],
            toolchain: ["FoundationEssentials"]),

        "CSpoorLinux": Target(1, []),
        "CSpoorOpenSSL": Target(1, []),
        "CSpoorZlib": Target(1, []),
        "SpoorNetworking": Target(2, ["SpoorText", "CSpoorLinux"], toolchain: ["Glibc"]),
        "SpoorTLS": Target(
            2, ["SpoorText", "SpoorHTTP", "SpoorNetworking", "CSpoorOpenSSL"],
            toolchain: ["Glibc"]),

        "SpoorServer": Target(
            3,
            [
                "SpoorText", "SpoorHTTP", "SpoorHTTP1", "SpoorMiddleware", "SpoorNetworking",
                "SpoorTLS",
                "HTTPTypes", "Logging", "CoreMetrics", "ServiceLifecycle", "UnixSignals",
            ]),
        "SpoorClient": Target(
            3,
            [
                "SpoorText", "SpoorHTTP", "SpoorHTTP1", "SpoorMiddleware", "SpoorNetworking",
                "SpoorTLS",
                "HTTPTypes",
            ]),

        "JaegerReporter": Target(
            4,
            [
                "JaegerTracing", "JaegerThrift", "JaegerOTLP", "SpoorText", "SpoorHTTP", "SpoorTLS",
                "SpoorNetworking", "SpoorClient", "CSpoorZlib", "HTTPTypes", "Logging",
                "CoreMetrics",
                "ServiceLifecycle",
            ]),
        "JaegerRemoteSampling": Target(
            4,
            [
                "JaegerTracing", "SpoorText", "SpoorHTTP", "SpoorTLS", "SpoorNetworking",
                "SpoorClient",
                "HTTPTypes", "Logging", "CoreMetrics",
            ]),
        "JaegerConfiguration": Target(
            4,
            [
                "SpoorText", "JaegerTracing", "JaegerReporter", "JaegerRemoteSampling", "SpoorHTTP",
                "SpoorTLS",
                "SpoorClient", "HTTPTypes", "Logging", "CoreMetrics", "ServiceLifecycle",
            ]),

        "JaegerCollector": Target(
            5,
            [
                "JaegerTracing", "JaegerThrift", "JaegerOTLP", "SpoorText", "SpoorHTTP",
                "SpoorHTTP1",
                "SpoorMiddleware", "SpoorNetworking", "SpoorServer", "CSpoorZlib", "HTTPTypes",
                "Logging", "ServiceLifecycle",
            ],
            toolchain: ["FoundationEssentials"]),
        "spoor-collector": Target(
            5,
            ["JaegerCollector", "ArgumentParser", "Logging"]),
        "SpoorTesting": Target(
            5,
            [
                "SpoorText", "SpoorHTTP", "SpoorMiddleware", "SpoorNetworking", "SpoorTLS",
                "SpoorServer", "SpoorClient", "JaegerTracing", "HTTPTypes", "Logging",
            ],
            // Streams in memory throw the errors that sockets throw.
            toolchain: ["Glibc"]),
        "SpoorJSONTesting": Target(
            5, ["SpoorText", "SpoorHTTP", "SpoorJSON", "SpoorTesting", "HTTPTypes"]),
        "Spoor": Target(
            5,
            [
                "SpoorText",
                "SpoorHTTP", "SpoorHTTP1", "SpoorMiddleware", "SpoorNetworking", "SpoorTLS",
                "SpoorServer", "SpoorClient", "SpoorTracing", "JaegerTracing", "JaegerReporter",
                "JaegerRemoteSampling", "JaegerConfiguration", "HTTPTypes",
            ]),
    ]

    /// The only imports between two targets of one ring.
    static let withinRing: Set<Dependency> = [
        Dependency(from: "SpoorHTTP", to: "SpoorText"),
        Dependency(from: "JaegerContext", to: "SpoorText"),
        Dependency(from: "JaegerTracing", to: "SpoorText"),
        Dependency(from: "JaegerTracing", to: "JaegerContext"),
        Dependency(from: "SpoorTracing", to: "SpoorMiddleware"),
        Dependency(from: "SpoorTLS", to: "SpoorNetworking"),
        Dependency(from: "JaegerConfiguration", to: "JaegerReporter"),
        Dependency(from: "JaegerConfiguration", to: "JaegerRemoteSampling"),
        Dependency(from: "spoor-collector", to: "JaegerCollector"),
        Dependency(from: "SpoorJSONTesting", to: "SpoorTesting"),
    ]

    struct Dependency: Hashable {
        let from: String
        let to: String
    }

    /// The only re-exports, apart from those of the umbrella module.
    static let reexports: Set<Dependency> = [
        // Users import one module for spans and their contexts.
        Dependency(from: "JaegerTracing", to: "JaegerContext")
    ]

    /// Modules of the toolchain that any file may import.
    static let importableAnywhere: Set<String> = ["Swift", "Synchronization"]

    /// Modules of the toolchain that tests may import in addition to their target's dependencies.
    static let importableInTests: Set<String> = ["Testing", "FoundationEssentials", "Glibc"]

    /// The products whose modules have other names.
    static let modulesOfProduct: [String: Set<String>] = [
        "Tracing": ["Tracing", "Instrumentation", "ServiceContextModule"],
        "Logging": ["Logging"],
    ]

    /// The additional imports of single files, with the reasons.
    static let importsOfOneFile: [String: (modules: Set<String>, reason: String)] = [
        "Sources/JaegerTracing/Host/Host.swift":
            (["Glibc"], "a span reads two clocks, and `ContinuousClock` costs twice the call"),
        "Sources/JaegerConfiguration/ProcessEnvironment.swift":
            (["Glibc"], "variables of the process, without Foundation"),
    ]

    /// The targets of lower rings use no descriptors, threads and clocks.
    static let firstImpureRing = 2

    /// The words that are not allowed in pure targets, and what to do instead.
    ///
    /// Modules of the operating system are rejected as imports.
    static let impureWords: [(word: String, cure: String)] = [
        ("Task {", "take part in the caller's task; code that starts one lives in ring 3"),
        ("Task.detached", "take part in the caller's task; code that starts one lives in ring 3"),
        ("Task.sleep", "return a deadline and let the ring above wait for it"),
        ("ContinuousClock()", "take the instant as a value, or a `Clock` as a parameter"),
        ("ContinuousClock.now", "take the instant as a value, or a `Clock` as a parameter"),
        ("SuspendingClock", "take the instant as a value, or a `Clock` as a parameter"),
    ]

    /// The pure files that may contain one of ``impureWords``, with the reasons.
    static let impureFiles: [String: String] = [
        "Sources/JaegerTracing/Reporting/SpanReporter.swift":
            "its reporters flush at the same time, as children of the caller's task"
    ]

    /// The files that may stop the program by `fatalError`, with the reasons.
    static let filesThatStop: [String: String] = [
        "Sources/SpoorHTTP/Headers/HeaderName.swift":
            "an invalid literal is a programming error, and a precondition prints no text in release builds",
        "Sources/SpoorMiddleware/Routing/Router.swift":
            "an invalid route is a programming error, and a precondition prints no text in release builds",
        "Sources/SpoorNetworking/EventLoop/EventLoopGroup.swift":
            "shutting the shared group down is a programming error, and a precondition prints no text in release builds",
    ]
}
