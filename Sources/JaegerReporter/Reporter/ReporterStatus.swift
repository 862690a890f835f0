/// What became of every span that a reporter was given, at one moment.
///
/// `finished == sent + dropped + pending` holds at every moment.
public struct ReporterStatus: Sendable, Equatable, CustomStringConvertible {
    /// Why a span was not sent.
    public enum DropCause: String, Sendable, CaseIterable {
        /// The queue was at its bound of spans or bytes.
        case queueFull = "queue full"
        /// The span alone is larger than a batch may be.
        case tooLarge = "too large"
        /// The collector could not be reached, or answered that it cannot take the batch now.
        case undeliverable
        /// The collector refused the batch (a 4xx status).
        case rejected
        /// The reporter was closed, before the span came or before it could be sent.
        case closed
    }

    /// How many spans were handed in.
    public package(set) var finished = 0
    /// How many the collector has taken (202).
    public package(set) var sent = 0
    /// How many are waiting or on their way.
    public package(set) var pending = 0
    /// How many were dropped, by cause.
    public package(set) var droppedByCause: [DropCause: Int] = [:]
    /// What the last failure said; nil when there was none.
    public package(set) var lastError: String?

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
