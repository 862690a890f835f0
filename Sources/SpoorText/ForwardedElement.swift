/// What one proxy reports of the request that it has received: an element of `Forwarded` (RFC 7239 §4), or the
/// elements of `X-Forwarded-For`, `-Host` and `-Proto` at one position.
///
/// The client of the first proxy can send any elements. They are reliable only from the last one back to the first that
/// a trusted proxy has not added.
public struct ForwardedElement: Hashable, Sendable {
    /// A client or a proxy (RFC 7239 §6).
    public struct Node: Hashable, Sendable {
        /// The address without brackets and port, an obfuscated name such as `_hidden`, or `unknown`.
        public let name: String
        /// The port, or an obfuscated port such as `_p`; nil if there is none.
        public let port: String?

        /// The address; nil if the name is not one.
        public var address: IPAddress? { IPAddress(name) }
        /// Whether the node is `unknown`: the proxy does not know it.
        public var isUnknown: Bool { name.lowercased() == "unknown" }
    }

    /// The node that has sent the request to the proxy: `for`; nil if it is not given.
    public let client: Node?
    /// The interface of the proxy: `by`; nil if it is not given.
    public let proxy: Node?
    /// The `Host` that the proxy has received; nil if it is not given.
    public let host: String?
    /// The scheme of the request that the proxy has received, in lower case; nil if it is not given.
    public let scheme: String?

    /// Creates an element.
    package init(client: Node?, proxy: Node? = nil, host: String?, scheme: String?) {
        self.client = client
        self.proxy = proxy
        self.host = host
        self.scheme = scheme
    }

    /// An element without values.
    private static let empty = ForwardedElement(client: nil, host: nil, scheme: nil)

    // MARK: Forwarded

    /// Parses one line of `Forwarded`; elements keep their positions, so that they can be counted from the end.
    ///
    /// An element that is malformed, or has a parameter twice, becomes an element without values: it is not skipped,
    /// because the element before it would then be taken for that of the nearest proxy. If it contains a quote, it may
    /// hide elements that proxies have appended, so the elements before it have no values either.
    ///
    /// - Parameter line: The value of one line; parse each line separately, so that a client's unclosed quote does not
    ///   hide the line of a proxy.
    public static func elements(ofForwarded line: String) -> [ForwardedElement] {
        var elements: [ForwardedElement] = []
        var reader = HeaderValueReader(line.utf8)
        while true {
            reader.skipBlanks()
            if reader.rest.isEmpty { return elements }
            if reader.skip(.comma) { continue }
            let text = reader.rest
            let element = reader.forwardedElement()
            reader.skipElement()
            if element == nil, text.dropLast(reader.rest.count).contains(.quote) {
                elements = elements.map { _ in .empty }
            }
            elements.append(element ?? .empty)
        }
    }

    /// A node that is not valid is nil; the other parameters are kept.
    fileprivate init(_ parameters: [String: String]) {
        self.init(
            client: parameters["for"].flatMap { Node($0) },
            proxy: parameters["by"].flatMap { Node($0) }, host: parameters["host"],
            scheme: parameters["proto"]?.lowercased())
    }

    // MARK: X-Forwarded-…

    /// Joins the lists of `X-Forwarded-For`, `-Host` and `-Proto`.
    ///
    /// The lists grow at their ends, but not always together: they are aligned at the end, and the first element of a
    /// shorter list applies to everything before it.
    public static func elements(
        ofXForwardedFor clients: String, host: String?, proto: String?
    ) -> [ForwardedElement] {
        let clients = listElements(clients)
        let hosts = listElements(host ?? "")
        let schemes = listElements(proto ?? "")
        return clients.enumerated().map { index, client in
            let back = clients.count - index
            return ForwardedElement(
                client: Node(client), host: element(hosts, back),
                scheme: element(schemes, back)?.lowercased())
        }
    }

    private static func listElements(_ text: String) -> [String] {
        text.utf8.split(separator: .comma).compactMap { part in
            let trimmed = part.trimmingBlanks
            return trimmed.isEmpty ? nil : String(trimmed)
        }
    }

    /// Returns the element at a distance from the end, or the first if there are fewer.
    private static func element(_ elements: [String], _ back: Int) -> String? {
        elements.isEmpty ? nil : elements[max(0, elements.count - back)]
    }
}

extension ForwardedElement.Node: LosslessStringConvertible {
    /// Parses a node: an IPv4 address, an IPv6 address in brackets (or without them and without a port, as in
    /// `X-Forwarded-For`), `unknown`, or an obfuscated name, each with an optional port; returns nil for anything else.
    public init?(_ description: String) {
        if IPAddress(description) != nil {
            name = description
            port = nil
            return
        }
        let authority = Authority(description[...])
        guard authority.userInfo == nil, authority.isClosed else { return nil }
        let name = String(authority.host)
        switch authority.form {
        case .ipv6: guard IPAddress(name)?.family == .ipv6 else { return nil }
        case .ipv4: break
        case .name:
            guard name.lowercased() == "unknown" || Self.isObfuscated(name) else { return nil }
        }
        self.name = name
        guard let first = authority.afterHost.utf8.first else {
            port = nil
            return
        }
        let port = String(authority.afterHost.dropFirst())
        let isNumber = (1...5).contains(port.utf8.count) && port.utf8.allSatisfy(\.isDigit)
        guard first == .colon, isNumber || Self.isObfuscated(port) else { return nil }
        self.port = port
    }

    /// The node as in `Forwarded`, without quotes.
    public var description: String {
        (name.utf8.contains(.colon) ? "[\(name)]" : name) + (port.map { ":" + $0 } ?? "")
    }

    /// RFC 7239 §6.3: `"_" 1*( ALPHA / DIGIT / "." / "_" / "-" )`.
    private static func isObfuscated(_ text: String) -> Bool {
        text.utf8.first == .underscore && text.utf8.count > 1
            && text.utf8.allSatisfy { $0.isUnreserved && $0 != .tilde }
    }
}

extension HeaderValueReader {
    /// Parses `forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )`; returns nil for anything else, and
    /// for a repeated parameter.
    fileprivate mutating func forwardedElement() -> ForwardedElement? {
        var parameters: [String: String] = [:]
        while true {
            skipBlanks()
            if isAtElementEnd { return ForwardedElement(parameters) }
            if skip(.semicolon) { continue }
            guard let name = token()?.lowercased(), skip(.equalsSign),
                let value = forwardedValue(), parameters[name] == nil
            else { return nil }
            parameters[name] = value
            skipBlanks()
            guard isAtElementEnd || rest.first == .semicolon else { return nil }
        }
    }

    /// Parses a quoted string, or text to the next delimiter: some proxies do not quote ports and IPv6 addresses.
    private mutating func forwardedValue() -> String? {
        if rest.first == .quote { return quotedString() }
        let value = rest.prefix { $0.isVisible && $0 != .comma && $0 != .semicolon && $0 != .quote }
        rest = rest.dropFirst(value.count)
        return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
    }
}
