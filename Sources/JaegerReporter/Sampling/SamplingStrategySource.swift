/// Where a ``RemoteSampler`` asks what to do.
public protocol SamplingStrategySource: Sendable {
    /// Asks once, and returns the answer: JSON as Jaeger's `GET /sampling` gives it.
    ///
    /// It should give up by itself after some seconds, and at once when its task is cancelled.
    func strategy(of serviceName: String) async throws -> [UInt8]

    /// Gives back what the source holds; it is not asked again.
    func close() async
}

extension SamplingStrategySource {
    /// Does nothing.
    public func close() async {}
}
