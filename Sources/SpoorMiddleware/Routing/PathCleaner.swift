import SpoorHTTP
import SpoorText

/// Removes empty segments and dot segments from a path (RFC 3986 §5.2.4).
///
/// Percent-encoded dots are dots (§6.2.2.2), an encoded slash is part of a segment. Nothing else of the path is
/// changed.
enum PathCleaner {
    /// Returns the path without empty segments and dot segments; nil if it has none, or if the text is not a path.
    static func clean(_ bytes: [UInt8], _ path: Range<Int>) -> [UInt8]? {
        guard !path.isEmpty, bytes[path.lowerBound] == .slash, needsCleaning(bytes, path) else {
            return nil
        }
        var cleaned: [UInt8] = []
        cleaned.reserveCapacity(path.count)
        // The end of the path if its last segment is empty or a dot segment: a slash.
        var endsWithSlash = false
        forEachSegment(bytes, path) { segment in
            let dots = dotCount(bytes, segment)
            endsWithSlash = segment.isEmpty || dots != nil
            if dots == 2 {
                // At the root there is nothing to remove.
                cleaned.removeSubrange((cleaned.lastIndex(of: .slash) ?? 0)...)
            } else if !endsWithSlash {
                cleaned.append(.slash)
                cleaned += bytes[segment]
            }
        }
        if endsWithSlash || cleaned.isEmpty { cleaned.append(.slash) }
        return cleaned
    }

    /// Returns whether the path of a request has no empty segments and no dot segments.
    static func isClean(_ request: Request) -> Bool {
        let path = request.pathRange
        return path.isEmpty || !needsCleaning(request.head.bytes, path)
    }

    private static func needsCleaning(_ bytes: [UInt8], _ path: Range<Int>) -> Bool {
        var needsCleaning = false
        forEachSegment(bytes, path) { segment in
            if segment.isEmpty
                ? segment.upperBound < path.upperBound : dotCount(bytes, segment) != nil
            {
                needsCleaning = true
            }
        }
        return needsCleaning
    }

    @inline(__always)
    private static func forEachSegment(
        _ bytes: [UInt8], _ path: Range<Int>, _ body: (Range<Int>) -> Void
    ) {
        var start = path.lowerBound + 1
        while start <= path.upperBound {
            var stop = start
            while stop < path.upperBound, bytes[stop] != .slash { stop += 1 }
            body(start..<stop)
            start = stop + 1
        }
    }

    /// Returns the number of dots of a segment `.` or `..`, percent-encoded or not; nil for any other segment.
    private static func dotCount(_ bytes: [UInt8], _ segment: Range<Int>) -> Int? {
        var count = 0
        var at = segment.lowerBound
        while at < segment.upperBound {
            if bytes[at] == .dot {
                at += 1
            } else if bytes[at] == .percent, segment.upperBound - at >= 3,
                bytes[at + 1] == UInt8(ascii: "2"), bytes[at + 2].lowercased == UInt8(ascii: "e")
            {
                at += 3
            } else {
                return nil
            }
            count += 1
            guard count <= 2 else { return nil }
        }
        return count == 0 ? nil : count
    }
}

extension Request {
    /// Replaces the path by the clean one.
    mutating func cleanPath() {
        guard let cleaned = PathCleaner.clean(head.bytes, pathRange) else { return }
        replacePath(with: cleaned)
    }
}
