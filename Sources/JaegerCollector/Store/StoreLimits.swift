/// How much the store keeps; when one limit is passed, the oldest traces go.
public struct StoreLimits: Sendable, Hashable {
    /// How many spans are kept.
    ///
    /// Default 100 000: some hours of a busy demo. A search that its service, operation and time do not narrow decodes all of
    /// them, until it has found as many traces as it wants.
    public var spansMax: Int
    /// How much memory spans may take, estimated, in bytes.
    ///
    /// Default 256 MiB: room for ``spansMax`` spans of 2.5 KiB, on a machine that also runs the services.
    public var bytesMax: Int

    /// Makes limits; both are at least 1.
    public init(spansMax: Int = 100_000, bytesMax: Int = 256 << 20) {
        self.spansMax = max(1, spansMax)
        self.bytesMax = max(1, bytesMax)
    }
}
