import Testing

/// A way to split bytes into the pieces in which they arrive.
struct Splitting: Sendable, CustomTestStringConvertible {
    let testDescription: String
    private let cut: @Sendable ([UInt8]) -> [[UInt8]]

    init(_ testDescription: String, _ cut: @escaping @Sendable ([UInt8]) -> [[UInt8]]) {
        self.testDescription = testDescription
        self.cut = cut
    }

    func callAsFunction(_ bytes: [UInt8]) -> [[UInt8]] { cut(bytes) }

    static let whole = Splitting("whole") { [$0] }
    static let bytewise = Splitting("byte by byte") { $0.map { [$0] } }
    static func pieces(of count: Int) -> Splitting {
        Splitting("pieces of \(count)") { bytes in
            stride(from: 0, to: bytes.count, by: count).map {
                Array(bytes[$0..<min($0 + count, bytes.count)])
            }
        }
    }
    static func two(at place: Int) -> Splitting {
        Splitting("two pieces, cut at \(place)") { [Array($0[..<place]), Array($0[place...])] }
    }

    /// In one piece, byte by byte, in threes and sevens, and in two pieces at every cut.
    static func all(for bytes: [UInt8]) -> [Splitting] {
        [.whole, .bytewise, .pieces(of: 3), .pieces(of: 7)]
            + (bytes.count < 2 ? [] : (1..<bytes.count).map { .two(at: $0) })
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
