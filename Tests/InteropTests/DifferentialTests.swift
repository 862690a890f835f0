import FoundationEssentials
import SpoorText
import TestSupport
import Testing

/// Reads the same inputs as the libraries of other languages, and compares the results; differences are listed with
/// their reason.
@Suite(.finishes(within: .seconds(120))) struct DifferentialTests {
    /// The other implementations.
    enum Reference: String, CaseIterable, CustomTestStringConvertible {
        /// Python's standard library and Werkzeug.
        case python
        /// Node, whose functions are those of browsers.
        case node

        var testDescription: String { rawValue }

        private var client: ForeignHTTPClient {
            switch self {
            case .python: .differentialPython
            case .node: .differentialNode
            }
        }

        static var areExpected: Bool {
            allCases.allSatisfy { $0.client.isExpected }
        }

        /// Returns the results of the other implementation.
        func results<Result: Decodable>(
            _ topic: String, _ cases: some Encodable, as result: Result.Type = Result.self
        ) throws -> [Result] {
            let digits = try JSONEncoder().encode(cases).hexDigits
            let command = client.command([topic, digits])
            let (status, output) = try #require(runShellCommand(command))
            try #require(status == 0, "\(command)")
            return try JSONDecoder().decode([Result].self, from: Data(output))
        }
    }

    private static let absence: Comment =
        "SKIPPED: node or Python's packages are not installed (Scripts/test installs them)"

    // MARK: Query

    /// Queries whose parts are joined at random, in addition to each part.
    private static let queries: [String] = {
        let parts = [
            "a=b", "a", "a=", "=b", "=", "", "a=b=c", "a==", "a+b=c+d", "a%20b=c%2Bd", "%41=%42",
            "a=%", "a=%4", "a=%zz", "a=%E4%F6", "a=%e2%82%ac", "a=%F0%9F", "a=é", "a=\u{1F600}",
            "a[]=1", "a;b=c", "a=1;b=2", "a%3Db=c", "a%26b=c", "a=%00", "?a=b", "a=?",
            "a=/:@!$'()*,",
            "a=%2525", "a=b#c", "\u{FEFF}a=b", "a=%EF%BB%BFb",
        ]
        var random = SeededGenerator(seed: 1)
        return parts + ["&", "&&", "a=b&", "&a=b"]
            + (0..<200).map { _ in
                (0..<Int.random(in: 2...6, using: &random)).map { _ in
                    parts.randomElement(using: &random) ?? ""
                }.joined(separator: "&")
            }
    }()

    @Test(.enabled(if: Reference.areExpected, absence), arguments: Reference.allCases)
    func `a query has the same items`(reference: Reference) throws {
        let theirs = try reference.results("query", Self.queries, as: [[String]].self)
        for (text, items) in zip(Self.queries, theirs) {
            let query = URLQuery(encoded: text)
            #expect(query.count == items.count, "\(text)")
            for name in Set(items.map { $0[0] }) {
                #expect(
                    query.values(of: name) == items.filter { $0[0] == name }.map { $0[1] },
                    "\(name) of \(text)")
            }
        }
    }

    // MARK: Accept

    @Test(.enabled(if: Reference.areExpected, absence))
    func `media types have the same quality`() throws {
        let ranges = [
            "text/html", "text/*", "*/*", "application/json", "application/*",
            "application/problem+json", "TEXT/HTML", "image/webp",
        ]
        let weights = ["", ";q=0", ";q=1", ";q=0.5", "; q=0.25", ";q=1.000", ";q=0.001"]
        let offers = ["text/html", "application/json", "application/problem+json", "image/png"]
        var random = SeededGenerator(seed: 2)
        let headers =
            ranges
            + (0..<300).map { _ in
                (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    (ranges.randomElement(using: &random) ?? "")
                        + (weights.randomElement(using: &random) ?? "")
                }.joined(separator: ", ")
            }
        let theirs = try Reference.python.results(
            "accept", headers.map { [.text($0), .texts(offers)] as [Input] }, as: [Int].self)
        for (header, qualities) in zip(headers, theirs) {
            let accepted = AcceptedMediaTypes(header)
            let ours = try offers.map { accepted.quality(of: try #require(MediaType($0))) }
            // Werkzeug uses the highest weight of ranges that are equal; here the last one applies.
            let names = accepted.elements.map { "\($0.type)/\($0.subtype)" }
            guard Set(names).count == names.count else { continue }
            #expect(ours == qualities, "\(header)")
        }
    }

    /// An element of a case with several types.
    enum Input: Encodable {
        case text(String)
        case texts([String])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .texts(let texts): try container.encode(texts)
            }
        }
    }

    // MARK: Range

    @Test(.enabled(if: Reference.areExpected, absence))
    func `ranges are the same`() throws {
        let headers = [
            "bytes=0-0", "bytes=0-499", "bytes=500-", "bytes=-500", "bytes=0-0,-1",
            "bytes=0-0, 5-9",
            "bytes=5-4", "bytes=-", "bytes=a-b", "bytes=0", "bytes", "bytes=", "", "bytes=--1",
            "bytes=0-1-2", "bytes=1-2;3-4", "bytes=0x1-2", "bytes=+1-2", "bytes=1-+2",
            "bytes=99999999999999-", "bytes=0-,", "bytes=1 - 2", "bytes=1.0-2",
        ]
        let theirs = try Reference.python.results("range", headers, as: [[Int?]]?.self)
        for (header, ranges) in zip(headers, theirs) {
            guard Self.rangeDifferences[header] == nil else { continue }
            let ours = ByteRanges(header)?.ranges.map { range -> [Int?] in
                switch range {
                case .closed(let first, let last): [first, last + 1]
                case .from(let first): [first, nil]
                case .suffix(let count): [-count, nil]
                }
            }
            #expect(ours == ranges, "\(header)")
        }
    }

    /// The headers that are read differently, and why.
    private static let rangeDifferences = [
        "bytes=1 - 2": "Werkzeug ignores the spaces, which RFC 9110 §14.1.1 does not allow"
    ]

    // MARK: Dates

    @Test(.enabled(if: Reference.areExpected, absence))
    func `dates are formatted and parsed alike`() throws {
        var random = SeededGenerator(seed: 3)
        let seconds =
            [0, 59, 86_399, 951_782_400, 1_709_164_800, 2_147_483_647, 4_102_444_800]
            + (0..<300).map { _ in Int64.random(in: 0..<253_402_300_800, using: &random) }
        let texts = try Reference.python.results("date-format", seconds, as: String.self)
        #expect(seconds.map { HTTPDate(secondsSince1970: $0).description } == texts)
        #expect(texts.map { HTTPDate($0)?.secondsSince1970 } == seconds)
        #expect(try Reference.python.results("date", texts, as: Int64?.self) == seconds)
    }

    @Test(.enabled(if: Reference.areExpected, absence))
    func `a text that is a date has the same time, and the obsolete forms are read`() throws {
        let texts = [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994", "Mon, 29 Feb 2016 00:00:00 GMT",
            "Wed, 29 Feb 2017 00:00:00 GMT", "Sun, 31 Apr 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Xyz 1994 08:49:37 GMT", "", "0", "now",
            "Sun, 06 Nov 1994", "1994-11-06T08:49:37Z", "Thu, 01 Jan 1970 00:00:00 GMT",
        ]
        let theirs = try Reference.python.results("date", texts, as: Int64?.self)
        for (text, seconds) in zip(texts, theirs) {
            // Python reads many other forms, too, which RFC 9110 §5.6.7 does not allow.
            guard let date = HTTPDate(text) else { continue }
            #expect(date.secondsSince1970 == seconds, "\(text)")
        }
        for text in texts.prefix(4) { #expect(HTTPDate(text) != nil, "\(text)") }
    }

    // MARK: JSON

    /// JSON texts, valid and invalid ones.
    private static let jsonTexts: [[UInt8]] = {
        let texts = [
            "{}", "[]", "null", "true", "false", "0", "-0", "1.5e10", "1E+2", "\"a\"", " [1] ",
            "\t\n\r1",
            "", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1:2]", "{\"a\":1",
            "{\"a\"", "{\"a\" 1}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{1:1}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1,\"a\":2}", "01", "-01", "1.", ".5", "+1", "-", "1e", "1e+", "0x1", "1_000",
            "NaN",
            "Infinity", "-Infinity", "tru", "True", "nul", "truefalse", "1 2", "{}{}", "\"", "\"a",
            "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u123g\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"",
            "\"a\nb\"", "\"a\tb\"", "\"\\/\"", "\"\\b\\f\\n\\r\\t\"", "'a'", "// c\n1", "/* c */1",
            "1//",
            "[1]x", "\u{FEFF}{}", "\u{A0}1", "\"\u{2028}\"", "\"é\"", "{\"é\":[1,{\"b\":[]}]}",
            "[[[[[[]]]]]]",
            "[1}", "{\"a\":1]", "undefined", "[\"a\",\n4\n,1,", "{\"a\":\"b\",,\"c\":1}",
            "\"\u{7F}\"", "1\u{0}",
        ]
        let raw: [[UInt8]] = [
            [0xFF], [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xE2, 0x82, 0x22], [0x31, 0x00], [0x00, 0x31],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
        ]
        return texts.map { Array($0.utf8) } + raw
    }()

    /// The texts, and each with one byte removed, doubled or replaced.
    private static let changedJSONTexts: [[UInt8]] = {
        let valid = Array(
            "{\"a\":[1,-2.5e3,\"x\\u00e9\\n\"],\"b\":{\"c\":null,\"d\":true}, \"e\" : []}".utf8)
        var random = SeededGenerator(seed: 4)
        let replacements = Array("{}[]:,\"\\0-+.eE \nu/".utf8)
        return jsonTexts
            + valid.indices.flatMap { index -> [[UInt8]] in
                let (before, after) = (Array(valid[..<index]), Array(valid[(index + 1)...]))
                return [
                    before + after, before + [valid[index], valid[index]] + after,
                    before + [replacements.randomElement(using: &random) ?? 0] + after,
                    before,
                ]
            }
    }()

    @Test(.enabled(if: Reference.areExpected, absence), arguments: Reference.allCases)
    func `the same JSON texts are valid`(reference: Reference) throws {
        let texts = Self.changedJSONTexts
        let faults = try reference.results("json", texts.map(\.hexDigits), as: Int?.self)
        for (text, fault) in zip(texts, faults) {
            // Half of a surrogate pair: their strings can hold it, those of Swift and UTF-8 cannot (RFC 8259 §8.2).
            guard !text.elementsEqual("\"\\ud800\"".utf8) else {
                #expect(Self.fault(of: text) != nil && fault == nil)
                continue
            }
            #expect(
                Self.fault(of: text) == nil ? fault == nil : fault != nil,
                "\(String(decoding: text, as: UTF8.self))")
        }
    }

    @Test(.enabled(if: Reference.areExpected, absence))
    func `a fault in the structure of a JSON text is at the same position`() throws {
        let texts = [
            "[1 2]", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "1 2", "{}{}", "[1}", "{\"a\":1]",
            "{\"a\":}",
            "[,1]", "{a:1}", "{1:1}", "[\n  1,\n  x]", "{\"é\":x}", "+1", ".5", "[1]x",
        ]
        let theirs = try Reference.python.results(
            "json", texts.map { Array($0.utf8).hexDigits }, as: Int?.self)
        #expect(texts.map { Self.fault(of: Array($0.utf8))?.offset } == theirs)
    }

    private static func fault(of text: [UInt8]) -> JSONScanner.Fault? {
        do throws(JSONScanner.Fault) {
            try JSONScanner.check(text.span, limits: .init(maxDepth: 100, maxMembers: 100))
            return nil
        } catch {
            return error
        }
    }
}

extension ForeignHTTPClient {
    fileprivate static let differentialPython = ForeignHTTPClient(
        tools: [], interpreter: [ForeignClient.python],
        script: ["differential.py"])
    fileprivate static let differentialNode = ForeignHTTPClient(
        tools: ["node"], interpreter: ["node"], script: ["differential.mjs"])
}
