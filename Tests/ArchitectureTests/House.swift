/// The targets, their rings and their allowed imports, for comparison with the code.
///
/// ARCHITECTURE.md has the same table. Change both together with Package.swift; the tests of this target report what is missing.
enum House {
    /// A target of `Sources` with its allowed imports.
    struct Room {
        /// It imports targets of lower rings, and of its own ring only those in ``House/sideways``.
        let ring: Int
        /// The targets and products it may import: exactly its dependencies in Package.swift.
        let arrows: Set<String>
        /// Modules of the toolchain that it may import in any file, in addition to ``House/openToAll``.
        let toolchain: Set<String>

        init(_ ring: Int, _ arrows: Set<String>, toolchain: Set<String> = []) {
            self.ring = ring
            self.arrows = arrows
            self.toolchain = toolchain
        }
    }

    static let rooms: [String: Room] = [
        "SpoorText": Room(0, []),
        "SpoorHTTP": Room(0, ["SpoorText", "HTTPTypes"]),
        "JaegerContext": Room(0, ["SpoorText"]),
        "JaegerTracing": Room(
            0, ["SpoorText", "JaegerContext", "Tracing", "Logging", "CoreMetrics"]),

        "SpoorHTTP1": Room(1, ["SpoorText", "SpoorHTTP", "HTTPTypes"]),
        "SpoorMiddleware": Room(
            1, ["SpoorText", "SpoorHTTP", "HTTPTypes", "Logging", "CoreMetrics"]),
        "JaegerThrift": Room(1, ["SpoorText", "JaegerTracing"]),
        "JaegerOTLP": Room(1, ["SpoorText", "JaegerTracing"]),
        "SpoorTracing": Room(
            1,
            [
                "SpoorText", "SpoorHTTP", "SpoorMiddleware", "JaegerTracing", "HTTPTypes",
                "Tracing",
                "CoreMetrics",
            ]),

        "CSpoorLinux": Room(1, []),
        "CSpoorOpenSSL": Room(1, []),
        "CSpoorZlib": Room(1, []),
        "SpoorNetworking": Room(2, ["SpoorText", "CSpoorLinux"], toolchain: ["Glibc"]),
        "SpoorTLS": Room(
            2, ["SpoorText", "SpoorHTTP", "SpoorNetworking", "CSpoorOpenSSL"],
            toolchain: ["Glibc"]),

        "SpoorServer": Room(
            3,
            [
                "SpoorText", "SpoorHTTP", "SpoorHTTP1", "SpoorMiddleware", "SpoorNetworking",
                "SpoorTLS",
                "HTTPTypes", "Logging", "CoreMetrics", "ServiceLifecycle", "UnixSignals",
            ]),
        "SpoorClient": Room(
            3,
            [
                "SpoorText", "SpoorHTTP", "SpoorHTTP1", "SpoorMiddleware", "SpoorNetworking",
                "SpoorTLS",
                "HTTPTypes",
            ]),

        "JaegerReporter": Room(
            4,
            [
                "JaegerTracing", "JaegerThrift", "JaegerOTLP", "SpoorText", "SpoorHTTP", "SpoorTLS",
                "SpoorNetworking", "SpoorClient", "CSpoorZlib", "HTTPTypes", "Logging",
                "CoreMetrics",
                "ServiceLifecycle",
            ]),
        "JaegerRemoteSampling": Room(
            4,
            [
                "JaegerTracing", "SpoorText", "SpoorHTTP", "SpoorTLS", "SpoorNetworking",
                "SpoorClient",
                "HTTPTypes", "Logging", "CoreMetrics",
            ]),
        "JaegerConfiguration": Room(
            4,
            [
                "SpoorText", "JaegerTracing", "JaegerReporter", "JaegerRemoteSampling", "SpoorHTTP",
                "SpoorTLS",
                "SpoorClient", "HTTPTypes", "Logging", "CoreMetrics", "ServiceLifecycle",
            ]),

        "JaegerCollector": Room(
            5,
            [
                "JaegerTracing", "JaegerThrift", "JaegerOTLP", "SpoorText", "SpoorHTTP",
                "SpoorHTTP1",
                "SpoorMiddleware", "SpoorNetworking", "SpoorServer", "CSpoorZlib", "HTTPTypes",
                "Logging", "ServiceLifecycle",
            ],
            toolchain: ["FoundationEssentials"]),
        "spoor-collector": Room(
            5,
            ["JaegerCollector", "ArgumentParser", "Logging"]),
        "SpoorTesting": Room(
            5,
            [
                "SpoorHTTP", "SpoorMiddleware", "SpoorNetworking", "SpoorTLS", "SpoorServer",
                "SpoorClient", "HTTPTypes", "Logging",
            ],
            // Streams in memory throw the errors that sockets throw.
            toolchain: ["Glibc"]),
        "Spoor": Room(
            5,
            [
                "SpoorText",
                "SpoorHTTP", "SpoorHTTP1", "SpoorMiddleware", "SpoorNetworking", "SpoorTLS",
                "SpoorServer", "SpoorClient", "SpoorTracing", "JaegerTracing", "JaegerReporter",
                "JaegerRemoteSampling", "JaegerConfiguration", "HTTPTypes",
            ]),
    ]

    /// The only imports between two targets of one ring.
    static let sideways: Set<Arrow> = [
        Arrow(from: "SpoorHTTP", to: "SpoorText"),
        Arrow(from: "JaegerContext", to: "SpoorText"),
        Arrow(from: "JaegerTracing", to: "SpoorText"),
        Arrow(from: "JaegerTracing", to: "JaegerContext"),
        Arrow(from: "SpoorTracing", to: "SpoorMiddleware"),
        Arrow(from: "SpoorTLS", to: "SpoorNetworking"),
        Arrow(from: "JaegerConfiguration", to: "JaegerReporter"),
        Arrow(from: "JaegerConfiguration", to: "JaegerRemoteSampling"),
        Arrow(from: "spoor-collector", to: "JaegerCollector"),
    ]

    struct Arrow: Hashable {
        let from: String
        let to: String
    }

    /// The only re-exports, apart from those of the umbrella module.
    static let reexports: Set<Arrow> = [
        // Users import one module for spans and their contexts.
        Arrow(from: "JaegerTracing", to: "JaegerContext")
    ]

    /// Modules of the toolchain that any file may import.
    static let openToAll: Set<String> = ["Swift", "Synchronization"]

    /// Modules of the toolchain that tests may import in addition to their target's dependencies.
    static let openToTests: Set<String> = ["Testing", "FoundationEssentials", "Glibc"]

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
        "Sources/SpoorMiddleware/Routing/Router.swift":
            "an invalid route is a mistake in the program, and a precondition prints no text in release builds",
        "Sources/SpoorNetworking/EventLoop/EventLoopGroup.swift":
            "shutting the shared group down is a mistake in the program, and a precondition prints no text in release builds",
    ]
}
