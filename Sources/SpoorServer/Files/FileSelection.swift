import HTTPTypes
import SpoorHTTP
import SpoorText

/// The part of a file to send, by a request's preconditions and range; contains the rules, without the file.
enum FileSelection: Equatable {
    /// The whole file.
    case whole
    /// A range of bytes.
    case part(Range<Int>)
    /// A range after the end of the file: 416.
    case unsatisfiable
    /// The client has a current copy: 304.
    case notModified
    /// The file does not match the client's precondition: 412.
    case preconditionFailed

    /// The validators that identify a state of a file.
    struct Validators {
        let entityTag: String
        let modifiedSeconds: Int64
        let byteCount: Int
    }

    /// Decides in the order of RFC 9110 §13.2.2.
    ///
    /// - Parameter method: The method of the request. Methods that select no file have no preconditions (§13.2.1),
    ///   `If-Modified-Since` and 304 are for GET and HEAD (§13.1.2, §13.1.3), and ranges for GET only (§14.2).
    /// - Parameter now: The time of the `Date` of the response, in seconds since 1970.
    init(_ headers: Headers, of file: Validators, method: HTTPRequest.Method, now: Int64) {
        guard method != .options, method != .trace, method != .connect else {
            self = .whole
            return
        }
        let reads = method == .get || method == .head
        if let tags = headers[.ifMatch] {
            guard Self.lists(tags, file.entityTag, weakly: false) else {
                self = .preconditionFailed
                return
            }
        } else if let since = headers[.ifUnmodifiedSince].flatMap(HTTPDate.init),
            file.modifiedSeconds > since.secondsSince1970
        {
            self = .preconditionFailed
            return
        }
        if let tags = headers[.ifNoneMatch] {
            guard !Self.lists(tags, file.entityTag, weakly: true) else {
                self = reads ? .notModified : .preconditionFailed
                return
            }
        } else if reads, let since = headers[.ifModifiedSince].flatMap(HTTPDate.init),
            file.modifiedSeconds <= since.secondsSince1970
        {
            self = .notModified
            return
        }
        self = method == .get ? Self.range(headers, of: file, now: now) : .whole
    }

    /// RFC 9110 §13.1.5: a range of another state of the file must not be sent.
    private static func range(
        _ headers: Headers, of file: Validators, now: Int64
    ) -> FileSelection {
        guard let range = headers[.range] else { return .whole }
        if let condition = headers[.ifRange] {
            // §8.8.2.2: a date is a strong validator only after its second is over; the file may change again within
            // it.
            let isSame =
                condition.hasPrefix("\"")
                ? condition == file.entityTag
                : HTTPDate(condition)?.secondsSince1970 == file.modifiedSeconds
                    && file.modifiedSeconds < now
            guard isSame else { return .whole }
        }
        return selection(range, byteCount: file.byteCount)
    }

    /// Parses a single range of bytes (RFC 9110 §14.1.2).
    ///
    /// A header that is malformed, has another unit, or contains several ranges is ignored: many small ranges cost a
    /// server more than the whole file, and a client more than it gains (§14.2 allows it, §17.15 advises it).
    static func selection(_ header: String, byteCount: Int) -> FileSelection {
        let parts = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return .whole }
        let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, byteCount > 0 else { return .whole }
        switch (position(ends[0]), position(ends[1])) {
        case (let first?, let last?):
            guard first <= last else { return .whole }
            guard first < byteCount else { return .unsatisfiable }
            return .part(first..<min(last, byteCount - 1) + 1)
        case (let first?, nil):
            guard ends[1].isEmpty else { return .whole }
            return first < byteCount ? .part(first..<byteCount) : .unsatisfiable
        case (nil, let count?):
            guard ends[0].isEmpty else { return .whole }
            return count > 0 ? .part(max(0, byteCount - count)..<byteCount) : .unsatisfiable
        case (nil, nil): return .whole
        }
    }

    /// Returns a number of decimal digits; the largest Int if it does not fit.
    private static func position(_ digits: Substring) -> Int? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0.isDigit }) else { return nil }
        return Int(digits) ?? .max
    }

    /// Returns whether a list of entity tags contains one (RFC 9110 §8.8.3.2, §13.1.1).
    private static func lists(_ tags: String, _ wanted: String, weakly: Bool) -> Bool {
        tags.split(separator: ",").contains { tag in
            var tag = tag.drop { $0 == " " || $0 == "\t" }
            while tag.last == " " || tag.last == "\t" { tag.removeLast() }
            if weakly, tag.hasPrefix("W/") { tag.removeFirst(2) }
            return tag == "*" || tag == wanted
        }
    }
}
