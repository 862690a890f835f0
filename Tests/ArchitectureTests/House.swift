/// The house plan, as a machine can hold it against the code: rooms, rings and arrows.
///
/// The same table stands in ARCHITECTURE.md for people. To move a wall, change both and
/// Package.swift; the tests of this target name whatever was forgotten.
enum House {
    /// One target of `Sources` and what it may know.
    struct Room {
        /// Arrows point to a lower ring, but for those in ``House/sideways``.
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
            // Streams in memory throw the errors of sockets.
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

    /// The only arrows between two rooms of one ring.
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

    /// The only re-exports, apart from those of the umbrella.
    static let reexports: Set<Arrow> = [
        // Users import one module for spans and their contexts.
        Arrow(from: "JaegerTracing", to: "JaegerContext")
    ]

    /// Modules of the toolchain that any file may import.
    static let openToAll: Set<String> = ["Swift", "Synchronization"]

    /// Modules of the toolchain that tests may import in addition to their target's dependencies.
    static let openToTests: Set<String> = ["Testing", "FoundationEssentials", "Glibc"]

    /// Products that bring modules of another name with them.
    static let modulesOfProduct: [String: Set<String>] = [
        "Tracing": ["Tracing", "Instrumentation", "ServiceContextModule"],
        "Logging": ["Logging"],
    ]

    /// What one file may import beyond its room's arrows, and why.
    static let importsOfOneFile: [String: (modules: Set<String>, reason: String)] = [
        "Sources/JaegerTracing/Host/Host.swift":
            (["Glibc"], "a span reads two clocks, and `ContinuousClock` costs twice the call"),
        "Sources/JaegerConfiguration/ProcessEnvironment.swift":
            (["Glibc"], "variables of the process, without Foundation"),
    ]

    /// Rooms below this ring hold no descriptor, no thread and no clock's "now".
    static let firstImpureRing = 2

    /// What a pure room must not say, and what it does instead.
    ///
    /// Modules of the host are refused with the imports.
    static let impureWords: [(word: String, cure: String)] = [
        ("Task {", "take part in the caller's task; code that starts one lives in ring 3"),
        ("Task.detached", "take part in the caller's task; code that starts one lives in ring 3"),
        ("Task.sleep", "return a deadline and let the ring above wait for it"),
        ("ContinuousClock()", "take the instant as a value, or a `Clock` as a parameter"),
        ("ContinuousClock.now", "take the instant as a value, or a `Clock` as a parameter"),
        ("SuspendingClock", "take the instant as a value, or a `Clock` as a parameter"),
    ]

    /// Pure files that may say one of ``impureWords``, and why.
    static let impureFiles: [String: String] = [
        "Sources/JaegerTracing/Reporting/SpanReporter.swift":
            "its reporters flush at the same time, as children of the caller's task"
    ]

    /// Files that may stop the program by `fatalError`, and why.
    static let filesThatStop: [String: String] = [
        "Sources/SpoorMiddleware/Routing/Router.swift":
            "an invalid route is a mistake in the program, and a precondition prints no text in release builds",
        "Sources/SpoorNetworking/EventLoop/EventLoopGroup.swift":
            "shutting the shared group down is a mistake in the program, and a precondition prints no text in release builds",
    ]
}
