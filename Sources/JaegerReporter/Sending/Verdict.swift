/// What a collector's answer to a batch means, or the lack of one.
enum Verdict: Sendable, Equatable {
    /// The collector has it, but for so many spans that it refused; the warning is its own.
    case accepted(refusedSpans: Int = 0, warning: String? = nil)
    /// The batch will never be taken, however often it is sent.
    case refused(String)
    /// It may be taken later: not before the time that the collector named, if it did.
    case unavailable(String, retryAfter: Duration? = nil)
    /// The attempt was given up, for the reporter closes.
    case cancelled
}
