/// The names of the headers that carry contexts, looked up by length and first byte.
///
/// The bytes of all names are stored in one array and the entries are plain numbers, so that a lookup does no
/// reference counting.
struct HeaderNames: Sendable {
    /// The meaning of a header for the reader of a context.
    enum Role: Sendable {
        case jaegerTrace, baggagePair, baggageList, debugID
        case traceParent, traceState, baggage
        case b3, b3Part(B3Headers.Part)
        /// The format at that index of the list of formats.
        case custom(Int)
    }

    /// One name.
    struct Entry: Sendable {
        /// The offset of the name in ``HeaderNames/text``.
        let start: Int
        let count: Int
        /// Whether the entry matches all longer names with this prefix.
        let isPrefix: Bool
        let role: Role
    }

    /// The entries, ordered by the slots of their first bytes; in a slot prefixes are first.
    let entries: [Entry]
    /// The names that are known in advance, without prefixes.
    let fixed: [String]
    /// All names concatenated, in lower case.
    private let text: [UInt8]
    private let slots: [Slot]

    /// The entries whose first bytes have the same lower six bits, case ignored.
    private struct Slot: Sendable {
        /// A bit for each possible length of a name.
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

    /// Returns the indices of the entries that a name can match: empty for nearly all headers.
    func candidates(for name: Swift.Span<UInt8>) -> Range<Int> {
        guard !name.isEmpty else { return 0..<0 }
        let slot = slots[Self.slot(name[0])]
        return slot.lengths & Self.bit(name.count) == 0 ? 0..<0 : slot.entries
    }

    /// Returns whether a name matches an entry.
    func matches(_ entry: Entry, _ name: Swift.Span<UInt8>) -> Bool {
        guard entry.isPrefix ? name.count > entry.count : name.count == entry.count else {
            return false
        }
        return name.begins(with: text.span.extracting(entry.start..<entry.start + entry.count))
    }

    /// Returns whether a header of that name carries part of a context, so that it must be removed before another is
    /// injected.
    ///
    /// Headers of custom formats do not count: such a format may read headers that it never writes.
    ///
    /// - Parameter keepsDebugID: Whether the debug id does not count, because it is often set by hand.
    func isContextHeader(_ name: Swift.Span<UInt8>, keepsDebugID: Bool) -> Bool {
        for index in candidates(for: name) where matches(entries[index], name) {
            switch entries[index].role {
            case .custom: continue
            case .debugID where keepsDebugID: continue
            default: return true
            }
        }
        return false
    }

    private static func slot(_ first: UInt8) -> Int { Int((first | 0x20) & 0x3f) }

    private static func bit(_ count: Int) -> UInt64 { 1 << UInt64(min(count, 63)) }
}

extension HeaderNames {
    /// Creates the names that the formats read, and those that are read in addition to every format.
    init(
        sources: [PropagationFormat], baggagePrefix: String?, debugID: String?,
        baggageList: String?
    ) {
        var names: [(name: String, role: Role)] = []
        var prefixes: [(name: String, role: Role)] = []
        if let baggagePrefix { prefixes.append((baggagePrefix, .baggagePair)) }
        for (place, source) in sources.enumerated() {
            switch source.kind {
            case .jaeger(let header): names.append((header, .jaegerTrace))
            case .traceContext(let parent, let state):
                names += [(parent, .traceParent), (state, .traceState)]
            case .baggage(let header): names.append((header, .baggage))
            case .b3(let headers, _): names += headers.roles
            case .custom(let custom):
                for name in custom.headerNames.map({ $0.lowercased() }) {
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
    fileprivate var roles: [(name: String, role: HeaderNames.Role)] {
        [
            (single, .b3), (traceID, .b3Part(.traceID)), (spanID, .b3Part(.spanID)),
            (parentID, .b3Part(.parentID)), (sampled, .b3Part(.sampled)), (flags, .b3Part(.flags)),
        ]
    }
}
