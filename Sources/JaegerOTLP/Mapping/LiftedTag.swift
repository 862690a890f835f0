import JaegerTracing

/// A tag of a span for which OTLP has a field of its own, so that it is no attribute there.
///
/// The names are those of OpenTelemetry's mapping to Jaeger, read backwards. A tag of such a name
/// with a value that the field cannot hold stays an attribute: nothing is lost.
enum LiftedTag {
    /// `span.kind`, as number.
    case kind(UInt64)
    /// `otel.status_code` is `OK`.
    case statusOK
    /// `error` is true, or `otel.status_code` is `ERROR`.
    case statusError
    /// `otel.status_description`, a text.
    case statusMessage
    /// `w3c.tracestate`, a text.
    case traceState
    /// `otel.dropped_attributes_count`.
    case droppedTagCount(UInt64)
    /// `otel.dropped_events_count`.
    case droppedLogCount(UInt64)
    /// `otel.dropped_links_count`.
    case droppedReferenceCount(UInt64)
}

extension Tag {
    enum Lifted {
        static let error = "error"
        static let statusCode = "otel.status_code"
        static let statusMessage = "otel.status_description"
        static let traceState = "w3c.tracestate"
        static let droppedTagCount = "otel.dropped_attributes_count"
        static let droppedLogCount = "otel.dropped_events_count"
        static let droppedReferenceCount = "otel.dropped_links_count"
        /// Not of OpenTelemetry's mapping, but of its conventions for OpenTracing.
        static let referenceType = "opentracing.ref_type"
        static let childOf = "child_of"
        static let followsFrom = "follows_from"
        static let event = "event"
    }

    /// What the tag is in OTLP; nil for an attribute.
    ///
    /// Asked of every tag, twice: most are told apart by the lengths of their keys.
    @inline(__always)
    var lifted: LiftedTag? {
        switch (key.utf8.count, value) {
        case (5, .bool(true)) where key == Lifted.error:
            return .statusError
        case (9, .string(let word)) where key == SpanKindTag.key:
            return SpanKindTag.number(of: word).map(LiftedTag.kind)
        case (14, .string) where key == Lifted.traceState:
            return .traceState
        case (16, .string(let code)) where key == Lifted.statusCode:
            return code == "OK" ? .statusOK : code == "ERROR" ? .statusError : nil
        case (23, .string) where key == Lifted.statusMessage:
            return .statusMessage
        case (24, .int(let count)) where key == Lifted.droppedReferenceCount:
            return UInt32(exactly: count).map { .droppedReferenceCount(UInt64($0)) }
        case (25, .int(let count)) where key == Lifted.droppedLogCount:
            return UInt32(exactly: count).map { .droppedLogCount(UInt64($0)) }
        case (29, .int(let count)) where key == Lifted.droppedTagCount:
            return UInt32(exactly: count).map { .droppedTagCount(UInt64($0)) }
        default:
            return nil
        }
    }
}
