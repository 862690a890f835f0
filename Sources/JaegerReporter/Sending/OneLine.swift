/// Makes text of bytes that somebody else chose fit for a log: one line, short, and nothing that a terminal would obey.
enum OneLine {
    /// How many bytes are looked at.
    static let bytesMax = 200

    /// The first line, cut; what cannot be printed becomes `?`.
    static func printable(_ bytes: some Sequence<UInt8>) -> String {
        let line = bytes.prefix(bytesMax).prefix { $0 != 0x0A && $0 != 0x0D }
        let text = String(decoding: Array(line), as: UTF8.self).unicodeScalars.map { scalar in
            isPrintable(scalar) ? Character(scalar) : "?"
        }
        return String(text)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: scalar != "\u{FFFD}"
        }
    }
}
