/// A tag by which a warning about a span travels to where the span is shown, as within Jaeger's backends.
extension SpanTag {
    /// The key of the tag, Jaeger's own.
    package static let warningKey = "@jaeger@warnings"

    /// Says that a span ended before it began, so that its duration was set to zero.
    ///
    /// - Parameter nanoseconds: How long before its start the span ended.
    package static func negativeDuration(nanoseconds: UInt64) -> SpanTag {
        SpanTag(
            warningKey,
            .string(
                "Negative duration detected, sanitizing end timestamp: the span ended "
                    + "\(nanoseconds) ns before it began"))
    }
}
