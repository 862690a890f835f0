/// The names of the fields that carry contexts, as bytes in lower case.
///
/// A class, so that a message is looked through without counting references to each name.
final class FieldNames: Sendable {
    /// What a field can be to the reader of a context.
    enum Role {
        case trace, pair, debugID, list
    }

    private let trace: [UInt8]
    private let baggagePrefix: [UInt8]
    private let debugID: [UInt8]
    private let baggage: [UInt8]

    init(trace: String, baggagePrefix: String, debugID: String?, baggage: String?) {
        self.trace = Array(trace.utf8)
        self.baggagePrefix = Array(baggagePrefix.utf8)
        self.debugID = Array((debugID ?? "").utf8)
        self.baggage = Array((baggage ?? "").utf8)
    }

    /// How many bytes of the name of a pair come before its key.
    var baggagePrefixCount: Int { baggagePrefix.count }

    /// What a field of that name is; nil for nearly all fields.
    func role(of name: Swift.Span<UInt8>) -> Role? {
        guard !name.isEmpty else { return nil }
        let first = name[0] | 0x20
        if Self.isName(name, first, trace) { return .trace }
        if Self.begins(name, first, with: baggagePrefix) { return .pair }
        if Self.isName(name, first, debugID) { return .debugID }
        if Self.isName(name, first, baggage) { return .list }
        return nil
    }

    private static func isName(
        _ text: Swift.Span<UInt8>, _ first: UInt8, _ name: [UInt8]
    ) -> Bool {
        text.count == name.count && begins(text, first, with: name)
    }

    /// Whether the text begins with a name, whose case does not matter; an empty one is none.
    private static func begins(
        _ text: Swift.Span<UInt8>, _ first: UInt8, with name: [UInt8]
    ) -> Bool {
        let name = name.span
        guard text.count >= name.count, !name.isEmpty, name[0] | 0x20 == first else {
            return false
        }
        for index in name.indices {
            let byte = text[index]
            let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            guard (isUpper ? byte | 0x20 : byte) == name[index] else { return false }
        }
        return true
    }
}
