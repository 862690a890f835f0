/// Texts and lists by chance, the same for the same seed.
extension String {
    /// A short text: letters, digits, signs, what needs several bytes, and what writers must escape.
    package static func random(using generator: inout SeededGenerator) -> String {
        let alphabet = Array("abcXYZ019 ./:éß漢🜁\u{0}\"\\")
        return String(
            [Character].random(using: &generator, upTo: 60) { generator in
                alphabet.randomElement(using: &generator) ?? "a"
            })
    }
}

extension Array {
    /// As many elements as chance has it, up to a limit.
    package static func random(
        using generator: inout SeededGenerator,
        upTo limit: Int = 6,
        element: (inout SeededGenerator) -> Element
    ) -> [Element] {
        (0..<Int.random(in: 0...limit, using: &generator)).map { _ in element(&generator) }
    }
}
