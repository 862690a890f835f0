/// The names of the fields that carry contexts, found by length and first byte.
///
/// A class, so that a message is looked through without counting references to each name.
final class FieldNames: Sendable {
    /// What a field is to the reader of a context.
    enum Role: Sendable {
        case jaegerTrace, baggagePair, baggageList, debugID
        case traceParent, traceState, baggage
        case b3, b3Part(B3Fields.Part)
        /// The format at that place in the list of formats.
        case custom(Int)
    }

    /// A name, in lower case.
    struct Entry: Sendable {
        let name: [UInt8]
        /// Whether longer names are meant that begin so.
        let isPrefix: Bool
        let role: Role

        func matches(_ name: Swift.Span<UInt8>) -> Bool {
            isPrefix
                ? name.count > self.name.count && name.begins(with: self.name.span)
                : name.count == self.name.count && name.begins(with: self.name.span)
        }
    }

    let entries: [Entry]
    /// The names that are known beforehand.
    let fixed: [String]
    /// For the lower six bits of a first byte, regardless of case, a bit for each length of a name.
    private let lengths: InlineArray<64, UInt64>

    init(_ names: [(name: String, role: Role)], prefixes: [(name: String, role: Role)]) {
        let names = names.filter { !$0.name.isEmpty }
        let prefixes = prefixes.filter { !$0.name.isEmpty }
        entries =
            prefixes.map { Entry(name: Array($0.name.utf8), isPrefix: true, role: $0.role) }
            + names.map { Entry(name: Array($0.name.utf8), isPrefix: false, role: $0.role) }
        var lengths = InlineArray<64, UInt64>(repeating: 0)
        for entry in entries {
            let bits = Self.bit(entry.name.count)
            lengths[Self.slot(entry.name[0])] |= entry.isPrefix ? ~(bits - 1) : bits
        }
        self.lengths = lengths
        var fixed: [String] = []
        for (name, _) in names where !fixed.contains(name) { fixed.append(name) }
        self.fixed = fixed
    }

    /// Whether a name can be one of these: false for nearly all fields.
    func mayContain(_ name: Swift.Span<UInt8>) -> Bool {
        !name.isEmpty && lengths[Self.slot(name[0])] & Self.bit(name.count) != 0
    }

    /// Whether a field of that name carries what another context left on a message.
    ///
    /// Fields of formats by users do not count: those may read what they never write.
    ///
    /// - Parameter sparesDebugID: Whether a debug id does not count: people set it by hand.
    func isOfContext(_ name: Swift.Span<UInt8>, sparesDebugID: Bool) -> Bool {
        guard mayContain(name) else { return false }
        for index in entries.indices where entries[index].matches(name) {
            switch entries[index].role {
            case .custom: continue
            case .debugID where sparesDebugID: continue
            default: return true
            }
        }
        return false
    }

    private static func slot(_ first: UInt8) -> Int { Int((first | 0x20) & 0x3f) }

    private static func bit(_ count: Int) -> UInt64 { 1 << UInt64(min(count, 63)) }
}

extension FieldNames {
    /// The names that the formats read, and those that are read beside any of them.
    convenience init(
        sources: [PropagationFormat], baggagePrefix: String?, debugID: String?,
        baggageList: String?
    ) {
        var names: [(name: String, role: Role)] = []
        var prefixes: [(name: String, role: Role)] = []
        if let baggagePrefix { prefixes.append((baggagePrefix, .baggagePair)) }
        for (place, source) in sources.enumerated() {
            switch source.kind {
            case .jaeger(let field): names.append((field, .jaegerTrace))
            case .traceContext(let parent, let state):
                names += [(parent, .traceParent), (state, .traceState)]
            case .baggage(let field): names.append((field, .baggage))
            case .b3(let fields, _): names += fields.roles
            case .custom(let custom):
                for name in custom.fieldNames.map({ $0.lowercased() }) {
                    if name.hasSuffix("*") {
                        prefixes.append((String(name.dropLast()), .custom(place)))
                    } else {
                        names.append((name, .custom(place)))
                    }
                }
            }
        }
        if let debugID { names.append((debugID, .debugID)) }
        if let baggageList { names.append((baggageList, .baggageList)) }
        self.init(names, prefixes: prefixes)
    }
}

extension B3Names {
    fileprivate var roles: [(name: String, role: FieldNames.Role)] {
        [
            (single, .b3), (traceID, .b3Part(.traceID)), (spanID, .b3Part(.spanID)),
            (parentID, .b3Part(.parentID)), (sampled, .b3Part(.sampled)), (flags, .b3Part(.flags)),
        ]
    }
}
