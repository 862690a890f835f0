/// The names of the fields that carry contexts, found by length and first byte.
///
/// The bytes of all names are one array and the entries plain numbers, so that a message is searched without counting
/// references to each name.
struct FieldNames: Sendable {
    /// What a field is to the reader of a context.
    enum Role: Sendable {
        case jaegerTrace, baggagePair, baggageList, debugID
        case traceParent, traceState, baggage
        case b3, b3Part(B3Fields.Part)
        /// The format at that place in the list of formats.
        case custom(Int)
    }

    /// A name.
    struct Entry: Sendable {
        /// Where the name is in ``FieldNames/text``.
        let start: Int
        let count: Int
        /// Whether longer names are meant that begin so.
        let isPrefix: Bool
        let role: Role
    }

    /// Ordered by the slots of their first bytes; of one slot prefixes come first.
    let entries: [Entry]
    /// The names that are known beforehand.
    let fixed: [String]
    /// All names one after the other, in lower case.
    private let text: [UInt8]
    private let slots: [Slot]

    /// What begins with one of the bytes whose lower six bits are the same, regardless of case.
    private struct Slot: Sendable {
        /// A bit for each length of a name.
        var lengths: UInt64 = 0
        var entries = 0..<0
    }

    init(_ names: [(name: String, role: Role)], prefixes: [(name: String, role: Role)]) {
        let all =
            prefixes.map { (name: Array($0.name.utf8), isPrefix: true, role: $0.role) }
            + names.map { (name: Array($0.name.utf8), isPrefix: false, role: $0.role) }
        var text: [UInt8] = []
        var entries: [Entry] = []
        var slots = [Slot](repeating: Slot(), count: 64)
        for slot in slots.indices {
            let start = entries.count
            for (name, isPrefix, role) in all {
                guard let first = name.first, Self.slot(first) == slot else { continue }
                entries.append(
                    Entry(start: text.count, count: name.count, isPrefix: isPrefix, role: role))
                text += name
                let bits = Self.bit(name.count)
                slots[slot].lengths |= isPrefix ? ~(bits - 1) : bits
            }
            slots[slot].entries = start..<entries.count
        }
        self.entries = entries
        self.text = text
        self.slots = slots
        fixed = names.map(\.name).reduce(into: []) { fixed, name in
            if !name.isEmpty, !fixed.contains(name) { fixed.append(name) }
        }
    }

    /// The places of the entries that a name can match: none for nearly all fields.
    func candidates(for name: Swift.Span<UInt8>) -> Range<Int> {
        guard !name.isEmpty else { return 0..<0 }
        let slot = slots[Self.slot(name[0])]
        return slot.lengths & Self.bit(name.count) == 0 ? 0..<0 : slot.entries
    }

    /// Whether a name is that of an entry.
    func matches(_ entry: Entry, _ name: Swift.Span<UInt8>) -> Bool {
        guard entry.isPrefix ? name.count > entry.count : name.count == entry.count else {
            return false
        }
        return name.begins(with: text.span.extracting(entry.start..<entry.start + entry.count))
    }

    /// Whether a field of that name carries what another context left on a message.
    ///
    /// Headers of formats by users do not count: those may read what they never write.
    ///
    /// - Parameter sparesDebugID: Whether a debug id does not count: people set it by hand.
    func isOfContext(_ name: Swift.Span<UInt8>, sparesDebugID: Bool) -> Bool {
        for index in candidates(for: name) where matches(entries[index], name) {
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
    init(
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
