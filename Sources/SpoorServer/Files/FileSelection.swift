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

    /// Decides in the order of RFC 9110 §13.2.2.
    ///
    /// A range is for GET only (§14.2). Several ranges are ignored: they cost a client more than it gains (§14.2 allows
    /// it).
    ///
    /// - Parameters:
    ///   - method: The method of the request.
    ///   - now: The time of the `Date` of the response.
    init(
        _ headers: Headers, of file: Validators, byteCount: Int, method: HTTPRequest.Method,
        now: HTTPDate
    ) {
        switch headers.precondition(for: file, method: method) {
        case .notModified: self = .notModified
        case .failed: self = .preconditionFailed
        case .holds:
            self = .whole
            guard method == .get, byteCount > 0, let range = headers.range,
                range.ranges.count == 1, headers.ifRange?.isCurrent(file, now: now) ?? true
            else { return }
            self = range.resolved(byteCount: byteCount).first.map { .part($0) } ?? .unsatisfiable
        }
    }
}
