import SpoorText

/// The hosts of a group of routes: a name, all names below a domain, or an IP address.
///
/// Names are compared without case, without the port of the request, and without a dot at their end (RFC 9110 §4.2.3,
/// RFC 1034 §3.1); IPv6 addresses by their value.
struct HostPattern: Hashable, Sendable, CustomStringConvertible {
    /// What is compared.
    private enum Form: Hashable {
        /// The name, in lower case.
        case name([UInt8])
        /// The domain with a dot before it, in lower case.
        case subdomains([UInt8])
        case ipv6(IPAddress)
    }

    private let form: Form

    /// Parses a pattern: `example.com`, `*.example.com`, `192.0.2.7` or `[2001:db8::7]`.
    init(_ text: String) throws(HostPatternError) {
        func failed(_ reason: HostPatternError.Reason) -> HostPatternError {
            HostPatternError(pattern: text, reason: reason)
        }
        var name = text.utf8.map(\.lowercased)[...]
        if name.first == .leftBracket {
            guard name.last == .rightBracket else { throw failed(.port) }
            guard let address = IPAddress(name.dropFirst().dropLast()), address.family == .ipv6
            else { throw failed(.address) }
            form = .ipv6(address)
            return
        }
        if IPAddress(name)?.family == .ipv6 { throw failed(.brackets) }
        if name.contains(.colon) { throw failed(.port) }
        if name.last == .dot { name = name.dropLast() }
        let isWildcard = name.starts(with: "*.".utf8)
        if isWildcard { name = name.dropFirst(2) }
        guard !name.isEmpty else { throw failed(.empty) }
        guard !name.contains(UInt8(ascii: "*")) else { throw failed(.wildcard) }
        for label in name.split(separator: .dot, omittingEmptySubsequences: false) {
            guard !label.isEmpty else { throw failed(.emptyLabel) }
            guard label.allSatisfy(Self.isAllowed) else { throw failed(.character) }
        }
        form = isWildcard ? .subdomains([.dot] + name) : .name(Array(name))
    }

    /// The pattern, in lower case.
    var description: String {
        switch form {
        case .name(let name): String(decoding: name, as: UTF8.self)
        case .subdomains(let domain): "*" + String(decoding: domain, as: UTF8.self)
        case .ipv6(let address): "[\(address)]"
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte.isUnreserved && byte != UInt8(ascii: "~")
    }

    /// The order of patterns in which a router tries them: names and addresses first, then the longest domain.
    var rank: Int {
        switch form {
        case .name, .ipv6: Int.max
        case .subdomains(let domain): domain.count
        }
    }

    /// Returns whether the host of a request matches.
    func matches(_ host: RequestedHost) -> Bool {
        switch form {
        case .name(let name):
            return host.place.count == name.count && host.hasSuffix(name)
        case .subdomains(let domain):
            return host.place.count > domain.count && host.hasSuffix(domain)
                && host.bytes[host.place.lowerBound] != .dot
        case .ipv6(let address):
            return host.isIPv6 && IPAddress(ipv6: host.bytes.span, host.place) == address
        }
    }
}

/// The host of a request, without its port, the dot at its end and the brackets of an IPv6 address.
struct RequestedHost {
    fileprivate let bytes: [UInt8]
    fileprivate let place: Range<Int>
    fileprivate let isIPv6: Bool

    /// Finds the host in an authority (RFC 3986 §3.2); percent-encoded names are decoded.
    init(_ bytes: [UInt8], authority: Range<Int>) {
        if authority.first.map({ bytes[$0] }) == .leftBracket {
            let start = authority.lowerBound + 1
            let end = bytes[start..<authority.upperBound].firstIndex(of: .rightBracket)
            self.bytes = bytes
            place = start..<(end ?? authority.upperBound)
            isIPv6 = true
            return
        }
        isIPv6 = false
        let end = bytes[authority].firstIndex(of: .colon) ?? authority.upperBound
        let name = bytes[authority.lowerBound..<end]
        // RFC 3986 §6.2.2.2: %61 and a are the same; no other spelling may reach the routes of all hosts instead.
        let isEncoded = name.contains(.percent)
        self.bytes = isEncoded ? PercentEncoding.decode(name) : bytes
        let whole = isEncoded ? self.bytes.indices : name.indices
        let isDotted = whole.last.map { [bytes = self.bytes] in bytes[$0] } == .dot
        place = isDotted ? whole.dropLast() : whole
    }

    /// Returns whether the host ends with bytes in lower case.
    fileprivate func hasSuffix(_ suffix: [UInt8]) -> Bool {
        let start = place.upperBound - suffix.count
        for index in suffix.indices where bytes[start + index].lowercased != suffix[index] {
            return false
        }
        return true
    }
}

/// The error of a host that a router cannot match.
struct HostPatternError: Error, Hashable, CustomStringConvertible {
    enum Reason: Hashable {
        case empty
        case emptyLabel
        case wildcard
        case port
        case brackets
        case address
        case character
    }

    let pattern: String
    let reason: Reason

    var description: String {
        "the host \"\(pattern)\" is invalid: \(cure)"
    }

    private var cure: String {
        switch reason {
        case .empty: "it has no name; add routes for all hosts without host(_:)"
        case .emptyLabel: "a part between two dots is empty"
        case .wildcard:
            "* must be the whole first part, as in *.example.com; for all hosts omit host(_:)"
        case .port: "ports are not compared; write the name or the address alone"
        case .brackets: "an IPv6 address has brackets: [\(pattern)]"
        case .address: "the text in brackets is not an IPv6 address"
        case .character:
            "a name has only letters, digits, hyphens, underscores and dots; write an international name in its ASCII form (xn--…), and no scheme or path"
        }
    }
}
