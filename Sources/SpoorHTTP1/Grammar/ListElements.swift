import SpoorHTTP
import SpoorText

/// The elements of a comma-separated value, without the blanks around them (RFC 9110 §5.6.1).
///
/// Empty elements are given as such: whether they are tolerated is the caller's decision.
struct ListElements: Sendable {
    private var rest: Range<Int>
    private var isDone = false

    init(_ value: Range<Int>) {
        rest = value
    }

    /// The next element; nil behind the last.
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
