/// Splits a stream of bytes into lines, each ended by LF, with a limit on the length of a line; it performs no I/O.
///
/// A CR before the LF is part of the line. The last line need not have an LF. At most one line and one fed piece are in
/// memory.
package struct LineSplitter {
    /// The error for a line that is longer than the limit.
    package struct TooLong: Error, Hashable {}

    /// The result of ``next()``.
    package enum Output: Hashable {
        /// A line without its LF.
        case line([UInt8])
        /// More bytes, or the end, must be fed.
        case needsInput
        /// The stream has ended.
        case ended
    }

    private enum State {
        case reading
        /// No more bytes are fed.
        case finishing
        case ended
    }

    private let maxBytes: Int
    private var bytes: [UInt8] = []
    /// Where the next line begins.
    private var start = 0
    /// Where the search for its end continues.
    private var searched = 0
    private var state = State.reading
    /// The number of lines that were returned, and of the one that is too long.
    package private(set) var lineCount = 0

    /// Creates a splitter.
    ///
    /// - Parameter maxBytes: The maximum number of bytes of a line, without its LF.
    package init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    /// Feeds bytes, after ``next()`` has returned ``Output/needsInput``, or before its first call.
    package mutating func feed(_ more: [UInt8]) {
        if start > 0 {
            bytes.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        if bytes.isEmpty { bytes = more } else { bytes += more }
    }

    /// Marks the end of the stream, after which nothing is fed.
    package mutating func finish() {
        if case .reading = state { state = .finishing }
    }

    /// Returns the next line.
    ///
    /// - Throws: ``TooLong``, as soon as the line has more bytes than the limit; the stream has then ended.
    package mutating func next() throws(TooLong) -> Output {
        if case .ended = state { return .ended }
        while searched < bytes.count {
            if bytes[searched] == .lineFeed {
                return try line(endingAt: searched, next: searched + 1)
            }
            searched += 1
            if searched - start > maxBytes { throw tooLong() }
        }
        guard case .finishing = state else { return .needsInput }
        guard start < bytes.count else {
            end()
            return .ended
        }
        return try line(endingAt: bytes.count, next: bytes.count)
    }

    private mutating func line(endingAt end: Int, next: Int) throws(TooLong) -> Output {
        if end - start > maxBytes { throw tooLong() }
        let line = Array(bytes[start..<end])
        start = next
        searched = next
        lineCount += 1
        return .line(line)
    }

    private mutating func tooLong() -> TooLong {
        lineCount += 1
        end()
        return TooLong()
    }

    private mutating func end() {
        state = .ended
        bytes = []
        start = 0
        searched = 0
    }
}
