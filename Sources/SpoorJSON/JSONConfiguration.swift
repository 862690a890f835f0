public import SpoorHTTP
public import SpoorMiddleware

/// The configuration of JSON bodies: the coder, and the limits of requests.
///
/// The default applies unless a ``JSONSettings`` middleware sets another for the service or a group of routes, or a
/// call passes its own.
public struct JSONConfiguration: Sendable {
    /// The coder.
    public var coding: any JSONCoding
    /// The maximum size of a body, in bytes: 1 MiB.
    ///
    /// A larger one is rejected with 413.
    public var maxBytes: Int
    /// The maximum nesting depth of arrays and objects: 64.
    ///
    /// A deeper body is rejected with 400, because each level of a recursive type takes stack space.
    public var maxDepth: Int
    /// The maximum number of members of objects in a body: 100 000.
    ///
    /// A body with more is rejected with 400.
    public var maxMembers: Int
    /// The maximum size of a line of newline-delimited JSON, in bytes: 1 MiB.
    ///
    /// A longer one is rejected with 413. ``maxDepth`` and ``maxMembers`` apply to each line.
    public var maxLineBytes: Int
    /// The maximum number of lines of newline-delimited JSON, also empty ones; nil, the default, for no limit other than
    /// that of the body.
    ///
    /// A body with more is rejected with 413 after its first lines were read.
    public var maxLines: Int?

    /// Creates a configuration.
    public init(
        coding: any JSONCoding = FoundationJSONCoding(), maxBytes: Int = 1 << 20,
        maxDepth: Int = 64, maxMembers: Int = 100_000, maxLineBytes: Int = 1 << 20,
        maxLines: Int? = nil
    ) {
        self.coding = coding
        self.maxBytes = maxBytes
        self.maxDepth = maxDepth
        self.maxMembers = maxMembers
        self.maxLineBytes = maxLineBytes
        self.maxLines = maxLines
    }
}

/// A middleware that sets the ``JSONConfiguration`` of the exchanges that pass it.
public struct JSONSettings: Middleware {
    private let configuration: JSONConfiguration

    /// Creates the middleware.
    public init(_ configuration: JSONConfiguration) {
        self.configuration = configuration
    }

    /// Sets the configuration and runs the rest of the chain.
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        exchange[ConfigurationKey.self] = configuration
        try await next(exchange)
    }
}

private enum ConfigurationKey: ExchangeKey {
    typealias Value = JSONConfiguration
}

extension Exchange {
    /// The configuration of the service or the group of routes; the default if none is set.
    public var jsonConfiguration: JSONConfiguration {
        self[ConfigurationKey.self] ?? .standard
    }
}

extension JSONConfiguration {
    fileprivate static let standard = JSONConfiguration()
}
