import SpoorText

/// A long answer that is made piece by piece, so that it never is in memory as a whole and no thread is held up for long.
protocol AnswerPieces: Sendable {
    /// Whether all bytes were handed over.
    var isComplete: Bool { get }
    /// The next bytes of the answer; empty after the last.
    mutating func next() -> [UInt8]
}

/// The size from which on a piece is sent, in bytes.
let answerPieceBytes = 1 << 16

/// An answer whose `data` is a list of values that are written one by one.
struct ListPieces<Element: Sendable>: AnswerPieces {
    private let elements: [Element]
    private let write: @Sendable (inout JSONWriter, Element) -> Void
    private let frame: (head: [UInt8], tail: [UInt8])
    private let maxPieceCount: Int
    private var position = 0
    private(set) var isComplete = false

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - total: The member `total` of the answer.
    ///   - errors: The member `errors`.
    ///   - elements: What `data` lists.
    ///   - maxPieceCount: How many elements one piece may have.
    ///   - write: Writes one element.
    init(
        total: Int, errors: [AnswerError] = [], _ elements: [Element],
        maxPieceCount: Int = .max, write: @escaping @Sendable (inout JSONWriter, Element) -> Void
    ) {
        self.elements = elements
        self.write = write
        self.maxPieceCount = maxPieceCount
        frame = JSONWriter.frame(total: total, errors: errors)
    }

    mutating func next() -> [UInt8] {
        guard !isComplete else { return [] }
        let first = position
        var writer = JSONWriter(isContinuation: first > 0)
        while position < elements.count, position - first < maxPieceCount,
            writer.bytes.count < answerPieceBytes
        {
            write(&writer, elements[position])
            position += 1
        }
        isComplete = position == elements.count
        return (first == 0 ? frame.head : []) + writer.bytes + (isComplete ? frame.tail : [])
    }
}
