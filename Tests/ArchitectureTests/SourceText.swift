/// A file of the repository by lines: unchanged, and as code alone.
///
/// In `code`, comments and the contents of string literals are replaced by spaces, so that rules about code do not apply to them.
struct SourceText: Sendable {
    /// The path from the root of the repository.
    let path: String
    let lines: [String]
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = Self.lines(of: Array(text.utf8))
        code = path.hasSuffix(".swift") ? Self.lines(of: CodeMask.masking(text)) : lines
    }

    /// The name of the file without folders and extension.
    var stem: String {
        let name = path.split(separator: "/").last ?? ""
        return String(name.split(separator: ".").first ?? "")
    }

    private static func lines(of bytes: [UInt8]) -> [String] {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
