import SpoorClient

/// Time-outs that no test reaches by accident: on a busy machine a step may take seconds.
extension ClientLimits {
    /// The default bounds, and an hour for whatever a server may take its time with.
    static var patient: ClientLimits {
        var limits = ClientLimits()
        limits.connectTimeout = .seconds(3600)
        limits.silenceTimeout = .seconds(3600)
        limits.totalTimeout = .seconds(3600)
        limits.idleTimeout = .seconds(3600)
        return limits
    }
}
