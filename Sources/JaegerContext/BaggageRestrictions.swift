/// Which baggage a service may set: how long values may be, and under which keys.
///
/// What comes from other services passes through untouched. (Jaeger's clients fetched restrictions
/// from an agent; its backends no longer offer them, so these are said here.)
public struct BaggageRestrictions: Hashable, Sendable {
    /// The longest value of keys without a length of their own, in bytes; longer ones are cut.
    public var maxValueBytes: Int
    /// The longest values of some keys, in bytes.
    ///
    /// These keys are in lower case and stand for a key in any case: `userid` restricts `UserID`, too, because both leave
    /// in the same field `uberctx-userid`.
    public var maxValueBytesByKey: [String: Int]
    /// Whether keys without a length of their own may be set at all.
    public var allowsOtherKeys: Bool

    /// Makes restrictions; 2048 bytes is the default of Jaeger's clients.
    public init(
        maxValueBytes: Int = 2048, maxValueBytesByKey: [String: Int] = [:],
        allowsOtherKeys: Bool = true
    ) {
        self.maxValueBytes = maxValueBytes
        self.maxValueBytesByKey = [:]
        self.allowsOtherKeys = allowsOtherKeys
        for (key, maxBytes) in maxValueBytesByKey {
            self.maxValueBytesByKey[key.lowercased()] = maxBytes
        }
    }

    /// The longest value of a key; nil if it may not be set.
    func maxBytes(ofKey key: String) -> Int? {
        guard !maxValueBytesByKey.isEmpty else { return allowsOtherKeys ? maxValueBytes : nil }
        return maxValueBytesByKey[key.lowercased()] ?? (allowsOtherKeys ? maxValueBytes : nil)
    }
}

/// The result of an attempt to set baggage on a span.
package struct BaggageChange {
    /// The key as it was given.
    package let key: String
    /// The value as it is kept; nil if the pair was to be removed.
    package let value: String?
    /// Whether it was set.
    package let outcome: Baggage.SetOutcome
    /// Whether the value was cut.
    package let isTruncated: Bool
}

extension Baggage {
    /// Sets or (with nil) removes the pair of a key as far as restrictions and limits allow.
    package mutating func set(
        _ key: String, _ value: String?, under restrictions: BaggageRestrictions,
        within limits: BaggageLimits
    ) -> BaggageChange {
        guard let maxBytes = restrictions.maxBytes(ofKey: key) else {
            return BaggageChange(
                key: key, value: value, outcome: .forbiddenKey, isTruncated: false)
        }
        var kept = value
        let isTruncated = kept?.trim(toBytes: max(0, maxBytes)) ?? false
        let outcome = set(key, kept, within: limits)
        return BaggageChange(key: key, value: kept, outcome: outcome, isTruncated: isTruncated)
    }

    /// Adds the pairs of another whose keys are not there yet, in any case.
    ///
    /// - Returns: How many there was no room for.
    mutating func add(_ other: Baggage, within limits: BaggageLimits) -> Int {
        guard !other.isEmpty else { return 0 }
        if isEmpty {
            self = other
            return 0
        }
        var refusedCount = 0
        for item in other.items
        where !items.contains(where: { Self.isSameInAnyCase($0.key, item.key) }) {
            if append(item, within: limits) == .overLimit { refusedCount += 1 }
        }
        return refusedCount
    }
}
