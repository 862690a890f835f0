/// The restrictions on the baggage that a service may set: the allowed keys and the maximum length of values.
///
/// Baggage received from other services is propagated unchanged. (Jaeger's clients fetched restrictions from an agent;
/// its backends no longer offer them, so they are configured here.)
public struct BaggageRestrictions: Hashable, Sendable {
    /// The maximum length of values whose key is not in ``maxValueBytesByKey``, in bytes; longer values are truncated.
    public var maxValueBytes: Int
    /// The maximum length of the values of particular keys, in bytes.
    ///
    /// Keys are in lower case and match case-insensitively: `userid` also restricts `UserID`, because both are sent in
    /// the same header `uberctx-userid`.
    public var maxValueBytesByKey: [String: Int]
    /// Whether keys that are not in ``maxValueBytesByKey`` may be set.
    public var allowsOtherKeys: Bool

    /// Creates restrictions; 2048 bytes is the default of Jaeger's clients.
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

    /// Returns the maximum length of the value of a key in bytes; nil if the key may not be set.
    func maxBytes(ofKey key: String) -> Int? {
        guard !maxValueBytesByKey.isEmpty else { return allowsOtherKeys ? maxValueBytes : nil }
        return maxValueBytesByKey[key.lowercased()] ?? (allowsOtherKeys ? maxValueBytes : nil)
    }
}

/// The result of setting baggage on a span.
package struct BaggageChange {
    /// The key as given.
    package let key: String
    /// The value as stored; nil if the pair was to be removed.
    package let value: String?
    /// Whether the pair was set.
    package let outcome: Baggage.SetOutcome
    /// Whether the value was truncated.
    package let isTruncated: Bool
}

extension Baggage {
    /// Sets the pair of a key, or removes it if the value is nil, as far as restrictions and limits allow.
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

    /// Appends the pairs of another baggage whose keys are not present, compared case-insensitively.
    ///
    /// - Returns: The number of pairs that exceeded the limits.
    mutating func add(_ other: Baggage, within limits: BaggageLimits) -> Int {
        guard !other.isEmpty else { return 0 }
        if isEmpty {
            self = other
            return 0
        }
        var rejectedCount = 0
        for item in other.items
        where !items.contains(where: { Self.isSameInAnyCase($0.key, item.key) }) {
            if append(item, within: limits) == .overLimit { rejectedCount += 1 }
        }
        return rejectedCount
    }
}
