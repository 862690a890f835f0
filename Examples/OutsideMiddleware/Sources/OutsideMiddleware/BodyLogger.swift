public import Logging
public import Spoor

/// Logs the beginning of the bodies of each exchange, in both directions, while they are streamed.
///
/// It keeps at most `maxBytes` of each body in memory. Bodies may hold personal data: use it for debugging.
public struct BodyLogger: SyncMiddleware {
    private let logger: Logger
    private let maxBytes: Int

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - logger: The logger; lines have the level `debug`.
    ///   - maxBytes: The number of bytes of each body that are logged.
    public init(logger: Logger = Logger(label: "bodies"), maxBytes: Int = 1024) {
        self.logger = logger
        self.maxBytes = maxBytes
    }

    /// Only the step in which the body of the response is known.
    public var observedSteps: ExchangeSteps { .responseWillBeSent }

    /// Begins to copy the body of the request.
    public func requestReceived(_ exchange: Exchange) -> Response? {
        guard logger.logLevel <= .debug else { return nil }
        let bodies = Bodies(maxBytes: maxBytes)
        exchange[BodiesKey.self] = bodies
        exchange.body.transform(with: Copying(copy: bodies.request))
        return nil
    }

    /// Begins to copy the body of the response.
    public func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
        guard let bodies = exchange[BodiesKey.self] else { return }
        // The response to an error may replace another that was not sent.
        bodies.response.reset()
        body.transform(with: Copying(copy: bodies.response))
    }

    /// Logs what was copied.
    public func exchangeCompleted(_ exchange: Exchange, _ conclusion: ExchangeConclusion) {
        guard let bodies = exchange[BodiesKey.self] else { return }
        logger.debug(
            "bodies",
            metadata: [
                "path": "\(exchange.request.path)", "status": "\(conclusion.statusText ?? "-")",
                "request": "\(bodies.request.text)", "request.bytes": "\(bodies.request.count)",
                "response": "\(bodies.response.text)", "response.bytes": "\(bodies.response.count)",
            ])
    }
}

/// The copies of an exchange.
private struct Bodies {
    let request: BodyCopy
    let response: BodyCopy

    init(maxBytes: Int) {
        request = BodyCopy(maxBytes: maxBytes)
        response = BodyCopy(maxBytes: maxBytes)
    }
}

private enum BodiesKey: ExchangeKey {
    typealias Value = Bodies
}

/// The beginning of a body, and its length so far.
private final class BodyCopy {
    private(set) var count = 0
    private var bytes: [UInt8] = []
    private let maxBytes: Int

    init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func append(_ input: Span<UInt8>) {
        for index in 0..<min(input.count, maxBytes - bytes.count) { bytes.append(input[index]) }
        count += input.count
    }

    func reset() {
        count = 0
        bytes = []
    }
}

/// Copies the bytes that pass, and changes none.
private struct Copying: BodyTransform {
    let copy: BodyCopy

    mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) -> Int {
        copy.append(input)
        output.append(input)
        return input.count
    }

    func outputCount(forInputCount count: Int?) -> Int? { count }
}
