import Testing

/// Every public error has a description.
@Suite struct ErrorTests {
    /// The protocols that errors conform to.
    private static let errorProtocols: Set<Substring> = [
        "Error", "ResponseError", "ProblemError", "ClassifiedError",
    ]

    @Test func `every public error type has a description`() {
        var found: Set<String> = []
        for source in Repository.sources {
            for (index, code) in source.code.enumerated() {
                guard let type = Self.publicError(declaredIn: code) else { continue }
                found.insert(type)
                if Self.hasDescription(type, declaration: code, in: source) { continue }
                expectNone([
                    Violation(
                        path: source.path, line: index + 1,
                        fault: "\(type) has no description",
                        cure: "conform it to CustomStringConvertible in this file: what happened, "
                            + "why, and what to do")
                ])
            }
        }
        // The test finds errors, nested ones as well.
        #expect(
            found.isSuperset(of: [
                "ClientError", "HTTPError", "HeaderError", "Rejection", "ResponseStateError",
                "DuplexStreamError", "UpgradeError", "SystemError", "ServerError", "FileSendError",
                "TLSHandshakeError", "TLSConfigurationError", "ConfigurationError",
                "CollectorError",
            ]))
    }

    @Test(arguments: [
        ("public enum A: Error, Hashable {", "A"), ("    public struct B: Sendable, Error {", "B"),
        ("public final class C: ResponseError {", "C"), ("enum D: Error {", nil),
        ("public struct E: Sendable {", nil), ("public enum F<Error>: Sendable {", nil),
    ])
    func `a public error type is recognised by its declaration`(code: String, type: String?) {
        #expect(Self.publicError(declaredIn: code) == type)
    }

    private static func publicError(declaredIn code: String) -> String? {
        let words = code.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != ":" }
        guard words.first == "public",
            let keyword = words.firstIndex(where: {
                ["struct", "enum", "class", "actor"].contains($0)
            }), keyword + 1 < words.count, words[keyword + 1].hasSuffix(":"),
            words[(keyword + 2)...].contains(where: errorProtocols.contains)
        else { return nil }
        return String(words[keyword + 1].dropLast())
    }

    private static func hasDescription(
        _ type: String, declaration: String, in source: SourceText
    ) -> Bool {
        if declaration.contains("CustomStringConvertible") { return true }
        return source.code.contains { code in
            code.hasPrefix("extension ") && code.contains("CustomStringConvertible")
                && (code.contains(" \(type):") || code.contains(".\(type):"))
        }
    }
}
