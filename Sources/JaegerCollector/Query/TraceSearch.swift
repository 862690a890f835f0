import JaegerTracing
import SpoorText

/// A request to `GET /api/traces`, parsed from its parameters: a search, or traces by their ids.
enum TraceSearch: Sendable, Hashable {
    case matching(TraceQuery)
    case ids([TraceID])

    /// Parses the parameters like Jaeger: trace ids exclude the others.
    ///
    /// Three things differ from Jaeger:
    ///
    /// - `service` may be absent if tags are given, and `service=*` means all services;
    /// - `lookback=1h` means a start that long ago;
    /// - without `start`, `end` and `lookback` all stored traces are searched, not those of the last two days.
    ///
    /// - Parameter nowNanoseconds: The wall clock, in nanoseconds since the Unix epoch.
    init(_ items: QueryItems, nowNanoseconds: UInt64) throws(QueryError) {
        let query = try TraceQuery(items, nowNanoseconds: nowNanoseconds)
        let ids = try items.values(of: "traceID").map(Self.traceID)
        if !ids.isEmpty {
            self = .ids(ids)
            return
        }
        if query.service == nil, query.tags.isEmpty, items["service"] != Self.everyService {
            throw QueryError("parameter 'service' is required")
        }
        self = .matching(query)
    }

    /// The service name that means all services.
    static let everyService = "*"

    private static func traceID(_ text: String) throws(QueryError) -> TraceID {
        guard let id = TraceID(text) else {
            throw QueryError("cannot parse traceID param: \(text)")
        }
        return id
    }
}

extension TraceQuery {
    fileprivate init(_ items: QueryItems, nowNanoseconds: UInt64) throws(QueryError) {
        if let name = items["service"], name != TraceSearch.everyService { service = name }
        operation = items["operation"]
        minStartNanoseconds = try Self.instant(items, "start") ?? 0
        maxStartNanoseconds = try Self.instant(items, "end") ?? .max
        tags = try Self.tags(items)
        if let text = items["limit"] {
            guard let number = Int32(text) else {
                throw QueryError("unable to parse param 'limit': \(text)")
            }
            // As in Jaeger's memory store, a limit that is not positive means none.
            limit = number > 0 ? Int(number) : .max
        }
        minDurationNanoseconds = try items.duration("minDuration") ?? 0
        maxDurationNanoseconds = try items.duration("maxDuration") ?? .max
        guard minDurationNanoseconds <= maxDurationNanoseconds else {
            throw QueryError("'maxDuration' should be greater than 'minDuration'")
        }
        // Jaeger's page sends `custom` together with `start` and `end`.
        if items["start"] == nil, items["lookback"] != "custom",
            let lookback = try items.duration("lookback")
        {
            minStartNanoseconds = nowNanoseconds - min(nowNanoseconds, lookback)
        }
    }

    private static func instant(_ items: QueryItems, _ name: String) throws(QueryError) -> UInt64? {
        guard let text = items[name] else { return nil }
        guard let microseconds = Int64(text) else {
            throw QueryError("unable to parse param '\(name)': \(text)")
        }
        let (nanoseconds, overflow) = UInt64(max(0, microseconds))
            .multipliedReportingOverflow(by: 1000)
        return overflow ? .max : nanoseconds
    }

    private static func tags(_ items: QueryItems) throws(QueryError) -> TagFilter {
        var tags = TagFilter()
        for text in items.values(of: "tag") {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw QueryError(
                    "malformed 'tag' parameter, expecting key:value, received: \(text)")
            }
            tags.add(String(parts[0]), String(parts[1]))
        }
        for text in items.values(of: "tags") where !text.isEmpty {
            // Of a key that the object contains twice the last value counts, as in Jaeger.
            guard case .object(let object) = try? JSONReader<JSONValue>.read(Array(text.utf8))
            else {
                throw malformedTags
            }
            for (key, value) in object { tags.add(key, try self.text(of: value)) }
        }
        return tags
    }

    private static let malformedTags = QueryError(
        "malformed 'tags' parameter, expecting a JSON object of texts")

    /// Returns the text of a value in the `tags` parameter; Jaeger accepts only texts, numbers and Booleans are
    /// accepted as well.
    private static func text(of value: JSONValue) throws(QueryError) -> String {
        switch value {
        case .string(let text): return text
        case .bool(let truth): return truth ? "true" : "false"
        case .number(let number):
            // Beyond 2^53 a number that was received is not known exactly.
            guard number.magnitude <= 0x1p53 else { throw malformedTags }
            return Int64(exactly: number).map { "\($0)" } ?? "\(number)"
        case .null, .array, .object: throw malformedTags
        }
    }
}
