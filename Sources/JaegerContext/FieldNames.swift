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

    let entries: [Entry]
    /// The names that are known beforehand.
    let fixed: [String]
    /// All names one after the other, in lower case.
    private let text: [UInt8]
    /// For the lower six bits of a first byte, regardless of case, a bit for each length of a name.
    private let lengths: [UInt64]

    init(_ names: [(name: String, role: Role)], prefixes: [(name: String, role: Role)]) {
        var text: [UInt8] = []
        var entries: [Entry] = []
        var fixed: [String] = []
        var lengths = [UInt64](repeating: 0, count: 64)
        func add(_ name: String, isPrefix: Bool, _ role: Role) {
            guard let first = name.utf8.first else { return }
            let count = name.utf8.count
            entries.append(Entry(start: text.count, count: count, isPrefix: isPrefix, role: role))
            text += name.utf8
            let bits = Self.bit(count)
            lengths[Self.slot(first)] |= isPrefix ? ~(bits - 1) : bits
            if !isPrefix, !fixed.contains(name) { fixed.append(name) }
        }
        for (name, role) in prefixes { add(name, isPrefix: true, role) }
        for (name, role) in names { add(name, isPrefix: false, role) }
        self.entries = entries
        self.fixed = fixed
        self.text = text
        self.lengths = lengths
    }

    /// Whether a name can be one of these: false for nearly all fields.
    func mayContain(_ name: Swift.Span<UInt8>) -> Bool {
        !name.isEmpty && lengths[Self.slot(name[0])] & Self.bit(name.count) != 0
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
    /// Fields of formats by users do not count: those may read what they never write.
    ///
    /// - Parameter sparesDebugID: Whether a debug id does not count: people set it by hand.
    func isOfContext(_ name: Swift.Span<UInt8>, sparesDebugID: Bool) -> Bool {
        guard mayContain(name) else { return false }
        for index in entries.indices where matches(entries[index], name) {
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
