/// What was made of the fields of a message.
struct ContextExtraction {
    /// What came; nil if nothing did.
    var context: SpanContext?
    /// In how many formats there was a trace that cannot be read, or several that differ.
    var malformedCount = 0
    /// Whether two formats name different spans: the first of the configured ones was taken.
    var hasConflict = false
    /// How many pairs of baggage were left out, for their keys or for the limits.
    var refusedBaggageCount = 0
}
