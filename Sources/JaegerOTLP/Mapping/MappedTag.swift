import JaegerTracing

/// A tag of a span for which OTLP has a field, so that it is not encoded as an attribute.
///
/// The names are those of OpenTelemetry's mapping to Jaeger, in the opposite direction. A tag with such a name whose
/// value does not fit in the field remains an attribute, so nothing is lost.
enum MappedTag {
    /// `span.kind`, as a number.
    case kind(UInt64)
    /// `otel.status_code` is `OK`.
    case statusOK
    /// `error` is true or the text `true`, or `otel.status_code` is `ERROR`.
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

extension SpanTag {
    enum Mapped {
        static let error = "error"
        static let statusCode = "otel.status_code"
        static let statusMessage = "otel.status_description"
        static let traceState = "w3c.tracestate"
        static let droppedTagCount = "otel.dropped_attributes_count"
        static let droppedLogCount = "otel.dropped_events_count"
        static let droppedReferenceCount = "otel.dropped_links_count"
        /// Defined by OpenTelemetry's conventions for OpenTracing instead of its mapping to Jaeger.
        static let referenceType = "opentracing.ref_type"
        static let childOf = "child_of"
        static let followsFrom = "follows_from"
        static let event = "event"
    }

    /// The HTTP status of a response, by the older or the newer convention; nil for any other tag.
    @inline(__always)
    var httpStatus: Int64? {
        switch key.utf8.count {
        case 16 where key == "http.status_code": break
        case 25 where key == "http.response.status_code": break
        default: return nil
        }
        guard case .int(let status) = value else { return nil }
        return status
    }

    /// The field of OTLP that the tag becomes; nil for an attribute.
    @inline(__always)
    var mapped: MappedTag? {
        guard let name = MappedName(key) else { return nil }
        return value.mapped(as: name)
    }
}

/// The names of the tags that become fields in OTLP, if their values fit.
private enum MappedName {
    case error, kind, traceState, statusCode, statusMessage
    case droppedTagCount, droppedLogCount, droppedReferenceCount

    /// The lengths of the names, as bits.
    private static let byteCounts: UInt64 =
        1 << 5 | 1 << 9 | 1 << 14 | 1 << 16 | 1 << 23 | 1 << 24 | 1 << 25 | 1 << 29

    /// Called for each tag, twice: most are excluded by the lengths of their keys.
    @inline(__always)
    init?(_ key: String) {
        let byteCount = key.utf8.count
        guard byteCount < 64, Self.byteCounts >> UInt64(byteCount) & 1 == 1,
            let name = Self.named(key, byteCount)
        else { return nil }
        self = name
    }

    private static func named(_ key: String, _ byteCount: Int) -> MappedName? {
        switch byteCount {
        case 5: key == SpanTag.Mapped.error ? .error : nil
        case 9: key == SpanKindTag.key ? .kind : nil
        case 14: key == SpanTag.Mapped.traceState ? .traceState : nil
        case 16: key == SpanTag.Mapped.statusCode ? .statusCode : nil
        case 23: key == SpanTag.Mapped.statusMessage ? .statusMessage : nil
        case 24: key == SpanTag.Mapped.droppedReferenceCount ? .droppedReferenceCount : nil
        case 25: key == SpanTag.Mapped.droppedLogCount ? .droppedLogCount : nil
        case 29: key == SpanTag.Mapped.droppedTagCount ? .droppedTagCount : nil
        default: nil
        }
    }
}

extension TagValue {
    fileprivate func mapped(as name: MappedName) -> MappedTag? {
        switch (name, self) {
        case (.error, .bool(true)), (.error, .string("true")): .statusError
        case (.kind, .string(let word)): SpanKindTag.number(of: word).map(MappedTag.kind)
        case (.traceState, .string): .traceState
        case (.statusCode, .string("OK")): .statusOK
        case (.statusCode, .string("ERROR")): .statusError
        case (.statusMessage, .string): .statusMessage
        case (.droppedTagCount, .int(let number)):
            UInt32(exactly: number).map { .droppedTagCount(UInt64($0)) }
        case (.droppedLogCount, .int(let number)):
            UInt32(exactly: number).map { .droppedLogCount(UInt64($0)) }
        case (.droppedReferenceCount, .int(let number)):
            UInt32(exactly: number).map { .droppedReferenceCount(UInt64($0)) }
        default: nil
        }
    }
}

/// The mapping between `Span.SpanKind` of OTLP and Jaeger's tag `span.kind`.
enum SpanKindTag {
    static let key = "span.kind"
    static let client: UInt64 = 3

    /// Returns the number of a kind; nil for a kind that OTLP does not define.
    @inline(__always)
    static func number(of word: String) -> UInt64? {
        switch word {
        case "internal": 1
        case "server": 2
        case "client": 3
        case "producer": 4
        case "consumer": 5
        default: nil
        }
    }

    /// Returns the kind of a number; nil for 0, which means unspecified, and for unknown numbers.
    static func word(for number: UInt64) -> String? {
        switch number {
        case 1: "internal"
        case 2: "server"
        case 3: "client"
        case 4: "producer"
        case 5: "consumer"
        default: nil
        }
    }
}
