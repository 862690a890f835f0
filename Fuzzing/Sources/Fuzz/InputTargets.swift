import HTTPTypes
import SpoorHTTP
import SpoorText

/// Lines of JSON, as a streamed body is split; the first byte selects the maximum length of a line and of a piece.
func fuzzLines(_ input: Span<UInt8>) {
    guard !input.isEmpty else { return }
    let maxBytes = Int(input[0] & 31)
    let pieceCount = Int(input[0] >> 5) + 1
    let bytes = (1..<input.count).map { input[$0] }
    let whole = split([bytes], maxBytes: maxBytes)
    let pieces = stride(from: 0, to: bytes.count, by: pieceCount).map {
        Array(bytes[$0..<min($0 + pieceCount, bytes.count)])
    }
    precondition(split(pieces, maxBytes: maxBytes) == whole, "other lines in pieces")
    var joined: [UInt8] = []
    for line in whole.lines {
        precondition(line.count <= maxBytes && !line.contains(0x0A))
        joined += line + [0x0A]
        _ = try? JSONScanner.check(line.span, limits: .init(maxDepth: 4, maxMembers: 8))
    }
    if whole.isTooLong {
        precondition(bytes.starts(with: joined) && joined.count < bytes.count)
    } else {
        precondition(joined == bytes || joined == bytes + [0x0A])
    }
}

private struct Lines: Equatable {
    var lines: [[UInt8]] = []
    var isTooLong = false
}

private func split(_ pieces: [[UInt8]], maxBytes: Int) -> Lines {
    var splitter = LineSplitter(maxBytes: maxBytes)
    var result = Lines()
    var rest = pieces[...]
    do throws(LineSplitter.TooLong) {
        while true {
            switch try splitter.next() {
            case .line(let line): result.lines.append(line)
            case .needsInput:
                if let piece = rest.popFirst() { splitter.feed(piece) } else { splitter.finish() }
            case .ended:
                precondition(splitter.lineCount == result.lines.count)
                return result
            }
        }
    } catch {
        result.isTooLong = true
        return result
    }
}

/// A query, read into a type: what is valid is the same after it was written again, all else has a violation.
func fuzzQuery(_ input: Span<UInt8>) {
    let text = String(decoding: (0..<input.count).map { input[$0] }, as: UTF8.self)
    let items = URLQuery(encoded: text)
    do {
        let page = try QueryParameters(items)(QueryPage.self)
        let again = try QueryParameters(URLQuery(encoded: page.query))(QueryPage.self)
        precondition(again == page, "another value")
    } catch let problem as Problem {
        precondition(problem.status == .badRequest && !problem.violations.isEmpty)
        precondition(problem.violations.count <= items.count + 1, "more violations than items")
    } catch {
        preconditionFailure("\(error)")
    }
}

private struct QueryPage: Decodable, Equatable {
    enum Sort: String, CaseIterable, Decodable {
        case newest, price
    }

    var n: Int
    var u: UInt8?
    var b: Bool?
    var s: String?
    var sort: Sort?
    var t: [String]
    var i: [Int]?

    /// The query that reads as this value.
    var query: String {
        var parts = ["n=\(n)"]
        if let u { parts.append("u=\(u)") }
        if let b { parts.append("b=\(b)") }
        if let s { parts.append("s=\(PercentEncoding.unreserved.encode(s))") }
        if let sort { parts.append("sort=\(sort.rawValue)") }
        parts += t.map { "t=\(PercentEncoding.unreserved.encode($0))" }
        parts += (i ?? []).map { "i=\($0)" }
        return parts.joined(separator: "&")
    }
}
