import SpoorHTTP
import SpoorText

/// The headers that frame a message and its connection, recorded while a head is scanned (RFC 9112 §6, §9).
///
/// They are recorded in the same pass that parses the head; the length of the name excludes most other headers, see
/// ``KnownHeader``.
struct FramingHeaders: Sendable {
    /// The value of `Content-Length`; nil if there is none.
    private(set) var contentLength: Int?
    /// Whether there was a valid `Transfer-Encoding: chunked`.
    private(set) var isChunked = false
    /// The options of all `Connection` lines.
    private(set) var options = ConnectionOptions()
    private var hasUpgrade = false
    private let kind: MessageKind

    init(of kind: MessageKind = .request) {
        self.kind = kind
    }

    /// Records a header if it is one of those that frame a message.
    @inline(__always)
    mutating func record(
        _ input: Span<UInt8>, _ line: HeaderSectionScanner.Line
    ) throws(FramingFault) {
        if line.isNamed(.upgrade, in: input) {
            hasUpgrade = true
        } else if line.isNamed(.connection, in: input) {
            options.formUnion(ConnectionOptions(input, line.value))
        } else if line.isNamed(.contentLength, in: input) {
            try recordLength(input, line.value)
        } else if line.isNamed(.transferEncoding, in: input) {
            try recordTransferEncoding(input, line.value)
        }
    }

    /// Returns the connection options of this message for a version.
    ///
    /// HTTP/1.0 does not support upgrades (RFC 9110 §7.8).
    func connectionOptions(for version: Request.Version) -> ConnectionOptions {
        guard hasUpgrade, version == .http11 else { return options.subtracting(.upgrade) }
        return options
    }

    /// Returns the length of a request's body (RFC 9112 §6.3).
    func bodyLength(for version: Request.Version) throws(FramingFault) -> Request.BodyLength {
        guard isChunked else {
            if let contentLength, contentLength > 0 { return .bytes(contentLength) }
            return .none
        }
        guard version == .http11 else { throw .transferEncodingInHTTP10 }
        guard contentLength == nil else { throw .lengthWithTransferEncoding }
        return .unknown
    }

    /// Returns how a response's body ends, as far as its own headers determine it (RFC 9112 §6.3).
    func responseBodyLength(
        for version: Request.Version
    ) throws(FramingFault) -> ResponseHead.BodyLength {
        switch try bodyLength(for: version) {
        case .unknown: .chunked
        case .bytes(let count): .bytes(count)
        case .none: contentLength == 0 ? .bytes(0) : .untilClose
        }
    }

    /// `Content-Length = 1*DIGIT` (RFC 9110 §8.6); leading zeros are valid.
    private mutating func recordLength(
        _ input: Span<UInt8>, _ value: Range<Int>
    ) throws(FramingFault) {
        guard kind == .response else {
            guard contentLength == nil else { throw .lengthRepeated }
            contentLength = try Self.decimal(input, value)
            return
        }
        // RFC 9110 §8.6: repeated equal values may be treated as one.
        var elements = ListElements(value)
        while let element = elements.next(input) {
            let length = try Self.decimal(input, element)
            guard contentLength == nil || contentLength == length else { throw .lengthRepeated }
            contentLength = length
        }
    }

    static func decimal(_ input: Span<UInt8>, _ value: Range<Int>) throws(FramingFault) -> Int {
        guard !value.isEmpty else { throw .lengthMalformed }
        var number = 0
        var overflows = false
        for at in value {
            let digit = input[at] &- .digitZero
            guard digit < 10 else { throw .lengthMalformed }
            let (tens, tensOverflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(Int(digit))
            overflows = overflows || tensOverflow || sumOverflow
            number = sum
        }
        guard !overflows else { throw .lengthOverflow }
        return number
    }

    private mutating func recordTransferEncoding(
        _ input: Span<UInt8>, _ value: Range<Int>
    ) throws(FramingFault) {
        guard !isChunked else { throw .transferEncodingRepeated }
        if value.count == 7, input.isToken("chunked", at: value.lowerBound) {
            isChunked = true
            return
        }
        // RFC 9112 §6.1: another coding before chunked is valid but not supported (501); anything else is malformed.
        var elements = ListElements(value)
        var others = 0
        var last = 0..<0
        while let element = elements.next(input) {
            guard !Self.isChunked(input, last), !element.isEmpty,
                element.allSatisfy({ ByteSet.token.contains(input[$0]) })
            else { throw .transferEncodingMalformed }
            others += 1
            last = element
        }
        guard others > 1, Self.isChunked(input, last) else { throw .transferEncodingMalformed }
        throw .transferEncodingUnknown
    }

    private static func isChunked(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        range.count == 7 && input.isToken("chunked", at: range.lowerBound)
    }
}

/// The faults of the headers that determine the end of a message (RFC 9112 §6).
///
/// The end is never guessed: request smuggling exploits two parsers that guess differently (RFC 9112 §11.2).
package enum FramingFault: String, Error, CaseIterable {
    /// A `Content-Length` that is not one number of decimal digits (RFC 9110 §8.6).
    case lengthMalformed
    /// A `Content-Length` that exceeds `Int.max`.
    case lengthOverflow
    /// More than one `Content-Length`: in a request even if they are equal, in a response only if they differ.
    case lengthRepeated
    /// `Content-Length` together with `Transfer-Encoding` (RFC 9112 §6.1).
    case lengthWithTransferEncoding
    /// A `Transfer-Encoding` that does not end in `chunked`, so that the end of the body is unknown, or that contains
    /// it twice or with parameters (RFC 9112 §6.3, §7.1).
    case transferEncodingMalformed
    /// A coding before `chunked`, which this package does not decode.
    case transferEncodingUnknown
    /// More than one `Transfer-Encoding` line.
    case transferEncodingRepeated
    /// `Transfer-Encoding` in an HTTP/1.0 message (RFC 9112 §6.1).
    case transferEncodingInHTTP10
}

/// The elements of a comma-separated value, without surrounding blanks (RFC 9110 §5.6.1).
///
/// Empty elements are returned: the caller decides whether they are valid.
struct ListElements: Sendable {
    private var rest: Range<Int>
    private var isDone = false

    init(_ value: Range<Int>) {
        rest = value
    }

    /// Returns the next element; nil after the last.
    mutating func next(_ input: Span<UInt8>) -> Range<Int>? {
        guard !isDone else { return nil }
        var start = rest.lowerBound
        var end = start
        while end < rest.upperBound, input[end] != .comma { end &+= 1 }
        isDone = end == rest.upperBound
        rest = (isDone ? end : end &+ 1)..<rest.upperBound
        while start < end, input[start].isBlank { start &+= 1 }
        while end > start, input[end &- 1].isBlank { end &-= 1 }
        return start..<end
    }
}

/// The options of a message's `Connection` header that are processed (RFC 9110 §7.6.1).
package struct ConnectionOptions: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The sender closes the connection after this message (RFC 9112 §9.6).
    package static var close: ConnectionOptions { ConnectionOptions(rawValue: 1) }
    /// An HTTP/1.0 peer keeps the connection alive (RFC 9112 §9.3).
    package static var keepAlive: ConnectionOptions { ConnectionOptions(rawValue: 2) }
    /// The sender offers another protocol, named in `Upgrade` (RFC 9110 §7.8).
    package static var upgrade: ConnectionOptions { ConnectionOptions(rawValue: 4) }
    /// The `TE` header applies to this connection only (RFC 9110 §10.1.4).
    package static var te: ConnectionOptions { ConnectionOptions(rawValue: 8) }

    /// Parses the value of one `Connection` line; unknown options are ignored.
    init(_ input: Span<UInt8>, _ value: Range<Int>) {
        // Nearly all peers send a single option.
        self = Self.option(input, value)
        guard isEmpty else { return }
        var elements = ListElements(value)
        while let element = elements.next(input) {
            formUnion(Self.option(input, element))
        }
    }

    static func option(
        _ input: Span<UInt8>, _ element: Range<Int>
    ) -> ConnectionOptions {
        switch element.count {
        case 2 where input.isToken("te", at: element.lowerBound): .te
        case 5 where input.isToken("close", at: element.lowerBound): .close
        case 7 where input.isToken("upgrade", at: element.lowerBound): .upgrade
        case 10 where input.isToken("keep-alive", at: element.lowerBound): .keepAlive
        default: []
        }
    }
}
