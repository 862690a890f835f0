import SpoorText

/// How a header of a response combines with headers of the same name that are already set on the exchange.
///
/// This is the only table of that rule. It is applied wherever a response meets the headers that middlewares have
/// set: a response that a handler returns, the response to an error, and the head of an upgrade.
enum HeaderMergeRule: Equatable {
    /// The new values replace the old ones: single-valued headers, and every header that the table does not list.
    case replace
    /// Every value keeps its own header line (RFC 9110 §5.3); a value that already exists is not repeated.
    case append
    /// The elements of all values are joined into one list, each once (RFC 9110 §5.6.1).
    case union(ignoresCase: Bool)
    /// As ``union(ignoresCase:)``, and `*` replaces the list, because it includes every name (RFC 9110 §12.5.5).
    case vary
    /// Every cookie keeps its own line (RFC 6265 §3). A cookie with the same name, domain and path as another
    /// replaces it, as in the user agent (RFC 6265 §4.1.1, §5.3).
    case cookies

    /// Returns the combination for a header name in lower case.
    ///
    /// Headers that describe the representation (`Content-Language`, `Content-Encoding`, `Accept-Ranges`) are
    /// replaced although some are lists: the representation that is sent is the new one. So is `Cache-Control`.
    init(_ name: String) {
        switch name {
        case "set-cookie": self = .cookies
        case "vary": self = .vary
        case "link", "www-authenticate", "proxy-authenticate", "content-security-policy",
            "content-security-policy-report-only", "server-timing", "permissions-policy",
            "feature-policy", "reporting-endpoints", "report-to", "origin-trial", "x-robots-tag",
            "alt-svc", "via", "warning", "cache-status", "proxy-status":
            self = .append
        case "allow", "access-control-allow-methods", "clear-site-data", "timing-allow-origin":
            self = .union(ignoresCase: false)
        case "access-control-allow-headers", "access-control-expose-headers", "accept-patch",
            "accept-post", "accept-ch", "critical-ch", "connection", "upgrade", "trailer",
            "preference-applied":
            self = .union(ignoresCase: true)
        default: self = .replace
        }
    }
}

// MARK: - Combining

extension Headers {
    /// Appends the headers of a response; those of the same name are combined by ``HeaderMergeRule``.
    package mutating func merge(with other: borrowing Headers) {
        rejectedName = rejectedName ?? other.rejectedName
        var ownCount = entries.count
        for index in other.entries.indices {
            let entry = other.entries[index]
            if ownCount > 0, hasName(of: entry, in: other, below: ownCount) {
                merge(entry, of: other, ownCount: &ownCount)
            } else {
                append(entry, of: other)
            }
        }
    }

    /// Appends the headers of another list; they replace those of the same names.
    package mutating func replace(with other: Headers) {
        for entry in other.entries {
            let name = other.bytes[entry.name]
            let mine = bytes
            entries.removeAll { isName(mine[$0.name], name) }
        }
        for entry in other.entries { append(entry, of: other) }
        rejectedName = rejectedName ?? other.rejectedName
    }

    private func hasName(of entry: Entry, in other: borrowing Headers, below end: Int) -> Bool {
        for index in 0..<end where entries[index].nameCount == entry.nameCount {
            if isName(bytes[entries[index].name], other.bytes[entry.name]) { return true }
        }
        return false
    }

    /// Combines one header with those of its name among the first `ownCount`.
    private mutating func merge(
        _ entry: Entry, of other: borrowing Headers, ownCount: inout Int
    ) {
        let name = other.bytes[entry.name]
        let value = other.bytes[entry.value]
        let places = (0..<ownCount).filter { isName(bytes[entries[$0].name], name) }
        switch HeaderMergeRule(String(decoding: name.map { lowercased($0) }, as: UTF8.self)) {
        case .replace:
            remove(places, ownCount: &ownCount)
            append(entry, of: other)
        case .append:
            if !places.contains(where: { bytes[entries[$0].value] == value }) {
                append(entry, of: other)
            }
        case .cookies:
            let cookie = CookieIdentity(value)
            remove(
                places.filter { CookieIdentity(bytes[entries[$0].value]) == cookie },
                ownCount: &ownCount)
            append(entry, of: other)
        case .union(let ignoresCase):
            join(value, at: places, ignoresCase: ignoresCase, ownCount: &ownCount)
        case .vary:
            join(value, at: places, ignoresCase: true, wildcard: .asterisk, ownCount: &ownCount)
        }
    }

    /// Joins the values at some positions and another one into one list, at the first of the positions.
    private mutating func join(
        _ value: ArraySlice<UInt8>, at places: [Int], ignoresCase: Bool, wildcard: UInt8? = nil,
        ownCount: inout Int
    ) {
        var elements: [ArraySlice<UInt8>] = []
        for list in places.map({ bytes[entries[$0].value] }) + [value] {
            for element in list.listElements
            where !elements.contains(where: { ignoresCase ? isName($0, element) : $0 == element }) {
                elements.append(element)
            }
        }
        if let wildcard, let all = elements.first(where: { $0.elementsEqual([wildcard]) }) {
            elements = [all]
        }
        let joined = Array(elements.joined(separator: Array(", ".utf8)))
        let start = bytes.count
        bytes.append(contentsOf: joined)
        entries[places[0]].valueStart = UInt32(truncatingIfNeeded: start)
        entries[places[0]].valueCount = UInt32(truncatingIfNeeded: joined.count)
        remove(Array(places.dropFirst()), ownCount: &ownCount)
    }

    private mutating func remove(_ places: [Int], ownCount: inout Int) {
        for place in places.reversed() { entries.remove(at: place) }
        ownCount -= places.count
    }

    private mutating func append(_ entry: Entry, of other: borrowing Headers) {
        let start = bytes.count
        bytes.append(contentsOf: other.bytes[entry.name])
        bytes.append(contentsOf: other.bytes[entry.value])
        entries.append(
            Entry(
                nameStart: start, nameCount: Int(entry.nameCount),
                valueStart: start + Int(entry.nameCount), valueCount: Int(entry.valueCount)))
    }
}

/// The identity of a cookie: name, domain and path (RFC 6265 §5.3, step 11).
private struct CookieIdentity: Equatable {
    private let name: [UInt8]
    private var domain: [UInt8] = []
    private var path: [UInt8] = []

    /// Parses the value of a `Set-Cookie`; of a repeated attribute the last one is used.
    init(_ value: ArraySlice<UInt8>) {
        let parts = value.split(separator: .semicolon, omittingEmptySubsequences: false)
        name = Array(Self.pair(parts.first ?? []).name)
        for part in parts.dropFirst() {
            let (key, value) = Self.pair(part)
            switch String(decoding: key.map { lowercased($0) }, as: UTF8.self) {
            // RFC 6265 §5.2.3: case-insensitive, without a leading dot.
            case "domain": domain = value.drop { $0 == .dot }.map { lowercased($0) }
            case "path": path = Array(value)
            default: break
            }
        }
    }

    private static func pair(
        _ part: ArraySlice<UInt8>
    ) -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        guard let sign = part.firstIndex(of: .equalsSign) else { return (part.trimmed, []) }
        return (part[..<sign].trimmed, part[(sign + 1)...].trimmed)
    }
}

// MARK: - Lists

extension ArraySlice<UInt8> {
    /// The elements of a comma-separated list without surrounding white space; empty ones are dropped, and commas in
    /// quoted strings are not separators (RFC 9110 §5.6.1, §5.6.4).
    var listElements: [ArraySlice<UInt8>] {
        var elements: [ArraySlice<UInt8>] = []
        var start = startIndex
        var isQuoted = false
        var index = startIndex
        while index < endIndex {
            switch self[index] {
            case .quote: isQuoted.toggle()
            case .backslash where isQuoted: index += 1
            case .comma where !isQuoted:
                elements.append(self[start..<index].trimmed)
                start = index + 1
            default: break
            }
            index += 1
        }
        elements.append(self[start...].trimmed)
        return elements.filter { !$0.isEmpty }
    }

    /// The bytes without leading and trailing spaces and tabs.
    var trimmed: ArraySlice<UInt8> {
        var trimmed = drop { $0 == .space || $0 == .tab }
        while let last = trimmed.last, last == .space || last == .tab { trimmed.removeLast() }
        return trimmed
    }
}
