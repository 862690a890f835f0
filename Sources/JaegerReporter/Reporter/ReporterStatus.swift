/// What became of every span that a reporter was given, at one moment.
///
/// `finished == sent + dropped + pending` holds at every moment.
public struct ReporterStatus: Sendable, Equatable, CustomStringConvertible {
    /// Why a span was not sent; the raw value is the metric's `cause`.
    public enum DropCause: String, Sendable, CaseIterable {
        /// The queue was at its bound of spans or bytes.
        case queueFull = "queue_full"
        /// The span alone is larger than a batch may be.
        case tooLarge = "too_large"
        /// The span has a zero id, for which collectors refuse whole batches.
        case invalid
        /// The collector could not be reached, or did not want the batch, until the budget for trying was used up.
        ///
        /// Where an answer was lost on its way, the collector may have the spans all the same.
        case undeliverable
        /// The collector refused the batch for good, or said that it left out spans of it.
        ///
        /// A refused batch is dropped whole and not sent again in halves: what collectors are known to refuse one span for
        /// is kept out of batches (``tooLarge``, ``invalid``), and other refusals (credentials, path, format) are of all.
        case rejected
        /// The reporter was closed, before the span came or before it could be sent.
        case closed
    }

    /// How many spans were handed in.
    public package(set) var finished = 0
    /// How many the collector has taken.
    public package(set) var sent = 0
    /// How many wait or are under way.
    public package(set) var pending = 0
    /// How many were dropped, by cause.
    public package(set) var droppedByCause: [DropCause: Int] = [:]
    /// How many attempts to send a batch were repeated.
    public package(set) var retries = 0
    /// What the last failure said, also one that was mended by trying again; nil when there was none.
    public package(set) var lastError: String?
    /// When that was; monotonic, for comparing with `ContinuousClock.now`.
    public package(set) var lastErrorAt: ContinuousClock.Instant?
    /// When the collector last took a batch; nil if it never did.
    public package(set) var lastSuccessAt: ContinuousClock.Instant?

    package init() {}

    /// How many were dropped in all.
    public var dropped: Int { droppedByCause.values.reduce(0, +) }

    /// The account on one line.
    public var description: String {
        let causes = DropCause.allCases.compactMap { cause in
            droppedByCause[cause].map { "\(cause.rawValue) \($0)" }
        }
        let reasons = causes.isEmpty ? "" : " (\(causes.joined(separator: ", ")))"
        return
            "finished \(finished) = sent \(sent) + dropped \(dropped)\(reasons) + pending \(pending)"
    }
}
