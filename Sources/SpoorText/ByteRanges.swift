/// The value of a `Range` header in bytes: the parts of a representation that a client requests (RFC 9110 §14.1.2,
/// §14.2).
///
/// ```swift
/// ByteRanges("bytes=0-499, -200")?.resolved(byteCount: 1000)  // [0..<500, 800..<1000]
/// ```
public struct ByteRanges: Hashable, Sendable {
    /// One requested range.
    public enum Range: Hashable, Sendable {
        /// From the first to the last position, both included.
        case closed(first: Int, last: Int)
        /// From a position to the end.
        case from(Int)
        /// The last bytes, with their number.
        case suffix(Int)
    }

    /// The maximum number of ranges in a header; one with more is not valid, because many small ranges cost a server
    /// more than the complete representation (RFC 9110 §17.15).
    public static let maxCount = 64

    /// The ranges in the order of the header, at least one.
    public let ranges: [Range]
}

extension ByteRanges: LosslessStringConvertible {
    /// Parses a header value; returns nil for another unit than bytes, for a malformed value, and for more than
    /// ``maxCount`` ranges.
    ///
    /// A header that is not valid is ignored: the complete representation is sent (RFC 9110 §14.2).
    public init?(_ description: String) {
        var reader = HeaderValueReader(description.utf8)
        guard let unit = reader.token(), unit.lowercased() == "bytes", reader.skip(.equalsSign)
        else { return nil }
        var ranges: [Range] = []
        repeat {
            guard ranges.count < Self.maxCount, let range = reader.byteRange() else { return nil }
            ranges.append(range)
            reader.skipBlanks()
            if reader.rest.isEmpty { break }
            guard reader.skip(.comma) else { return nil }
            reader.skipBlanks()
        } while true
        self.ranges = ranges
    }

    /// The ranges as a header value.
    public var description: String {
        "bytes="
            + ranges.map { range in
                switch range {
                case .closed(let first, let last): "\(first)-\(last)"
                case .from(let first): "\(first)-"
                case .suffix(let count): "-\(count)"
                }
            }.joined(separator: ", ")
    }
}

extension ByteRanges {
    /// Returns the ranges as positions in a representation of a number of bytes, without those that begin after its
    /// end.
    ///
    /// If none is left, the response is 416 with `Content-Range: bytes */…` (RFC 9110 §15.5.17). Ranges may overlap.
    ///
    /// - Parameter byteCount: The number of bytes, not negative.
    public func resolved(byteCount: Int) -> [Swift.Range<Int>] {
        ranges.compactMap { range in
            switch range {
            case .closed(let first, let last):
                first < byteCount ? first..<min(last, byteCount - 1) + 1 : nil
            case .from(let first): first < byteCount ? first..<byteCount : nil
            case .suffix(let count):
                count > 0 && byteCount > 0 ? max(0, byteCount - count)..<byteCount : nil
            }
        }
    }
}

extension HeaderValueReader {
    /// Parses `int-range / suffix-range`; returns nil for anything else.
    fileprivate mutating func byteRange() -> ByteRanges.Range? {
        let first = position()
        guard skip(.hyphen) else { return nil }
        switch (first, position()) {
        case (let first?, let last?): return first <= last ? .closed(first: first, last: last) : nil
        case (let first?, nil): return .from(first)
        case (nil, let count?): return .suffix(count)
        case (nil, nil): return nil
        }
    }

    /// Parses decimal digits; a number that does not fit is the largest Int.
    private mutating func position() -> Int? {
        let digits = rest.prefix(while: \.isDigit)
        rest = rest.dropFirst(digits.count)
        return digits.isEmpty ? nil : Int(String(decoding: digits, as: UTF8.self)) ?? .max
    }
}
