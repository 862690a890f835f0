import JaegerTracing
import SpoorText

/// The frame of all responses of Jaeger's query API.
///
/// `limit` and `offset` are always zero; `errors` is null if there are none.
extension JSONWriter {
    /// Returns a whole response.
    ///
    /// `{"data":…,"total":…,"limit":0,"offset":0,"errors":…}`
    static func response(
        total: Int = 0, errors: [APIError] = [], data: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("data")
            data(&writer)
            writer.endOfResponse(total: total, errors: errors)
        }
        return writer.bytes
    }

    private mutating func endOfResponse(total: Int, errors: [APIError]) {
        key("total")
        integer(total)
        key("limit")
        integer(0)
        key("offset")
        integer(0)
        key("errors")
        if errors.isEmpty {
            null()
        } else {
            array(of: errors) { $0.error($1) }
        }
    }

    private mutating func error(_ error: APIError) {
        object { writer in
            if let code = error.code {
                writer.member("code", code)
            }
            writer.member("msg", error.message)
            if let traceID = error.traceID {
                writer.member("traceID", traceID.description)
            }
        }
    }

    /// Returns the bytes before the first and after the last element of a response that is sent in pieces.
    static func frame(total: Int, errors: [APIError]) -> (head: [UInt8], tail: [UInt8]) {
        let whole = response(total: total, errors: errors) { $0.array { _ in } }
        let head = Array(#"{"data":["#.utf8)
        return (head, Array(whole.dropFirst(head.count)))
    }
}

/// An error in a response of the query API.
struct APIError: Hashable, Sendable {
    var code: Int?
    var message: String
    /// The trace that the error concerns.
    var traceID: TraceID?
}

/// The response of `/api/store`, which Jaeger does not have: what the store keeps and has dropped, and its limits.
extension JSONWriter {
    /// Writes counts and limits as numbers; `effectiveLimit` is the limit that caused the last eviction, or null.
    mutating func store(_ counts: StoreCounts, _ limits: StoreLimits) {
        object { writer in
            for (name, count) in [
                ("receivedSpans", counts.receivedSpans), ("rejectedSpans", counts.rejectedSpans),
                ("truncatedSpans", counts.truncatedSpans),
                ("evictedSpans", counts.evictedSpans), ("evictedTraces", counts.evictedTraces),
                ("keptSpans", counts.keptSpans), ("keptTraces", counts.keptTraces),
                ("keptBytes", counts.keptBytes),
                ("maxSpans", limits.maxSpans), ("maxBytes", limits.maxBytes),
                ("maxSpansPerTrace", limits.maxSpansPerTrace),
                ("maxBytesPerTrace", limits.maxBytesPerTrace),
            ] {
                writer.member(name, count)
            }
            writer.key("effectiveLimit")
            if let limit = counts.effectiveLimit {
                writer.string(limit.rawValue)
            } else {
                writer.null()
            }
        }
    }
}
