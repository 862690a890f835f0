/// Random texts and lists; equal for equal seeds.
extension String {
    /// A short text with letters, digits, signs, characters of several bytes, and characters that must be escaped.
    package static func random(using generator: inout SeededGenerator) -> String {
        let alphabet = Array("abcXYZ019 ./:éß漢🜁\u{0}\"\\")
        return String(
            [Character].random(using: &generator, upTo: 60) { generator in
                alphabet.randomElement(using: &generator) ?? "a"
            })
    }
}

extension Array {
    /// A random number of elements, up to a limit.
    package static func random(
        using generator: inout SeededGenerator,
        upTo limit: Int = 6,
        element: (inout SeededGenerator) -> Element
    ) -> [Element] {
        (0..<Int.random(in: 0...limit, using: &generator)).map { _ in element(&generator) }
    }
}
