/// Replaces everything in Swift source that is not code by spaces.
///
/// It supports line comments, nested block comments, plain, raw and multi-line strings with interpolations, and raw
/// identifiers, but no regular-expression literals.
struct CodeMask {
    private enum Mode {
        case code(parentheses: Int)
        case string(pounds: Int, quotes: Int)
        case lineComment
        case blockComment(depth: Int)
        case identifier
    }

    private let bytes: [UInt8]
    private let keepsStrings: Bool
    private var masked: [UInt8]
    private var at = 0
    private var modes: [Mode] = [.code(parentheses: 0)]

    private init(_ text: String, keepsStrings: Bool) {
        bytes = Array(text.utf8)
        masked = bytes
        self.keepsStrings = keepsStrings
    }

    /// The bytes of `text`, with spaces instead of everything that is not code; lines and columns do not change.
    static func masking(_ text: String, keepingStrings: Bool = false) -> [UInt8] {
        var mask = CodeMask(text, keepsStrings: keepingStrings)
        while mask.at < mask.bytes.count { mask.step() }
        return mask.masked
    }

    private mutating func step() {
        switch modes[modes.count - 1] {
        case .code(let parentheses): stepInCode(parentheses)
        case .string(let pounds, let quotes): stepInString(pounds, quotes)
        case .lineComment: stepToEnd("\n")
        case .identifier: stepToEnd(starts("\n") ? "\n" : "`")
        case .blockComment(let depth):
            if starts("/*") {
                modes[modes.count - 1] = .blockComment(depth: depth + 1)
                blank(2)
            } else if starts("*/") {
                modes.removeLast()
                if depth > 1 { modes.append(.blockComment(depth: depth - 1)) }
                blank(2)
            } else {
                blank(1)
            }
        }
    }

    private mutating func stepInCode(_ parentheses: Int) {
        switch bytes[at] {
        case UInt8(ascii: "/") where starts("//"):
            modes.append(.lineComment)
            blank(2)
        case UInt8(ascii: "/") where starts("/*"):
            modes.append(.blockComment(depth: 1))
            blank(2)
        case UInt8(ascii: "`"):
            modes.append(.identifier)
            at += 1
        case UInt8(ascii: "\""), UInt8(ascii: "#"):
            enterString()
        case UInt8(ascii: "("):
            modes[modes.count - 1] = .code(parentheses: parentheses + 1)
            at += 1
        case UInt8(ascii: ")") where parentheses == 0 && modes.count > 1:
            modes.removeLast()  // the end of an interpolation
            at += 1
        case UInt8(ascii: ")"):
            modes[modes.count - 1] = .code(parentheses: parentheses - 1)
            at += 1
        default:
            at += 1
        }
    }

    private mutating func enterString() {
        let pounds = bytes[at...].prefix { $0 == UInt8(ascii: "#") }.count
        guard starts("\"", after: pounds) else {
            at += pounds  // `#if` and similar
            return
        }
        let quotes = starts("\"\"\"", after: pounds) ? 3 : 1
        modes.append(.string(pounds: pounds, quotes: quotes))
        at += pounds + quotes
    }

    private mutating func stepInString(_ pounds: Int, _ quotes: Int) {
        switch bytes[at] {
        case UInt8(ascii: "\""):
            guard starts(quotes == 3 ? "\"\"\"" : "\""), hasPounds(pounds, after: quotes) else {
                return skipInString(1)
            }
            modes.removeLast()
            at += quotes + pounds
        case UInt8(ascii: "\\"):
            guard hasPounds(pounds, after: 1) else { return skipInString(1) }
            guard starts("(", after: pounds + 1) else { return skipInString(pounds + 2) }
            modes.append(.code(parentheses: 0))
            at += pounds + 2
        case 0x0A where quotes == 1:
            modes.removeLast()  // not valid Swift: the next line is parsed again as code
        default:
            skipInString(1)
        }
    }

    private mutating func stepToEnd(_ end: String) {
        if starts(end) {
            modes.removeLast()
            at += 1
        } else {
            blank(1)
        }
    }

    private func starts(_ text: String, after offset: Int = 0) -> Bool {
        bytes[min(at + offset, bytes.count)...].starts(with: text.utf8)
    }

    private func hasPounds(_ count: Int, after offset: Int) -> Bool {
        bytes[min(at + offset, bytes.count)...].prefix(count).count { $0 == UInt8(ascii: "#") }
            == count
    }

    private mutating func skipInString(_ count: Int) {
        if keepsStrings {
            at += count
        } else {
            blank(count)
        }
    }

    private mutating func blank(_ count: Int) {
        for index in at..<min(at + count, bytes.count) where bytes[index] != 0x0A {
            masked[index] = 0x20
        }
        at += count
    }
}
