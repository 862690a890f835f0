/// The lines of the body of a function, from its name to its closing brace.
struct FunctionBody {
    let firstLine: Int
    let lineCount: Int

    /// The functions, initializers and deinitializers of a file that have a body.
    static func all(in source: SourceText) -> [FunctionBody] {
        var bodies: [FunctionBody] = []
        for index in source.code.indices where isDeclaration(source.code[index]) {
            if let last = lastLine(of: source, from: index) {
                bodies.append(FunctionBody(firstLine: index + 1, lineCount: last - index + 1))
            }
        }
        return bodies
    }

    private static func isDeclaration(_ code: String) -> Bool {
        let words = code.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
        if words.contains("func") { return true }
        let text = code.drop(while: \.isWhitespace)
        let starts = ["init", "public init", "package init", "private init", "convenience init"]
        return starts.contains { start in
            text.hasPrefix(start) && ["(", "?", "<"].contains(text.dropFirst(start.count).first)
        }
    }

    /// The line of the closing brace of the body; nil for a requirement of a protocol.
    ///
    /// The formatter puts the opening brace at the end of the signature's last line, or on the next line.
    private static func lastLine(of source: SourceText, from first: Int) -> Int? {
        var brackets = 0
        var braces = 0
        var hasBody = false
        for line in source.code.indices[first...] {
            for character in source.code[line] {
                switch character {
                case "(", "[": brackets += 1
                case ")", "]": brackets -= 1
                case "{" where hasBody || brackets == 0:
                    hasBody = true
                    braces += 1
                case "}" where hasBody:
                    braces -= 1
                    if braces == 0 { return line }
                case "}" where brackets == 0: return nil
                default: break
                }
            }
            if !hasBody, brackets == 0, !isContinued(source, after: line) { return nil }
        }
        return nil
    }

    private static func isContinued(_ source: SourceText, after line: Int) -> Bool {
        guard line + 1 < source.code.count else { return false }
        let next = source.code[line + 1].drop(while: \.isWhitespace)
        return ["{", "throws", "async", "rethrows", "->", "where"].contains { next.hasPrefix($0) }
    }
}
