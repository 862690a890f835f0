import JaegerTracing

/// `Span.SpanKind` of OTLP and Jaeger's tag `span.kind`: the same five words, one by number.
enum SpanKindTag {
    static let key = "span.kind"
    static let client: UInt64 = 3

    /// The number of a word; nil for a word that OTLP does not know.
    @inline(__always)
    static func number(of word: String) -> UInt64? {
        switch word {
        case "internal": 1
        case "server": 2
        case "client": 3
        case "producer": 4
        case "consumer": 5
        default: nil
        }
    }

    /// The word for a number; nil for 0, which is no statement, and for numbers yet unknown.
    static func word(for number: UInt64) -> String? {
        switch number {
        case 1: "internal"
        case 2: "server"
        case 3: "client"
        case 4: "producer"
        case 5: "consumer"
        default: nil
        }
    }
}
