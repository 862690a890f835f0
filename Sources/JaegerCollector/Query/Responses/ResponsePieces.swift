import SpoorText

/// A long response that is created in pieces, so that it is never in memory as a whole and does not occupy a thread for
/// long.
protocol ResponsePieces: Sendable {
    /// Whether all bytes have been returned.
    var isComplete: Bool { get }
    /// Returns the next bytes of the response; empty after the last.
    mutating func next() -> [UInt8]
}

/// The size at which a piece is sent, in bytes.
let responsePieceBytes = 1 << 16

/// A response whose `data` is a list of values that are written one by one.
struct ListPieces<Element: Sendable>: ResponsePieces {
    private let elements: [Element]
    private let write: @Sendable (inout JSONWriter, Element) -> Void
    private let frame: (head: [UInt8], tail: [UInt8])
    private let maxPieceCount: Int
    private var position = 0
    private(set) var isComplete = false

    /// Creates a response.
    ///
    /// - Parameters:
    ///   - total: The member `total` of the response.
    ///   - errors: The member `errors`.
    ///   - elements: The elements of `data`.
    ///   - maxPieceCount: The maximum number of elements in one piece.
    ///   - write: Writes one element.
    init(
        total: Int, errors: [APIError] = [], _ elements: [Element],
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
            writer.bytes.count < responsePieceBytes
        {
            write(&writer, elements[position])
            position += 1
        }
        isComplete = position == elements.count
        return (first == 0 ? frame.head : []) + writer.bytes + (isComplete ? frame.tail : [])
    }
}
