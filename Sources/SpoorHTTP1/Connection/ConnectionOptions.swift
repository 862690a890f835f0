/// The options of a message's `Connection` field that mean something here (RFC 9110 §7.6.1).
package struct ConnectionOptions: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The sender closes after this message (RFC 9112 §9.6).
    package static var close: ConnectionOptions { ConnectionOptions(rawValue: 1) }
    /// An HTTP/1.0 peer that keeps the connection (RFC 9112 §9.3).
    package static var keepAlive: ConnectionOptions { ConnectionOptions(rawValue: 2) }
    /// The sender would speak another protocol, named in `Upgrade` (RFC 9110 §7.8).
    package static var upgrade: ConnectionOptions { ConnectionOptions(rawValue: 4) }
    /// What `TE` says is of this connection (RFC 9110 §10.1.4).
    package static var te: ConnectionOptions { ConnectionOptions(rawValue: 8) }

    /// Reads the value of one `Connection` line; unknown options are left to whoever knows them.
    init(_ input: Span<UInt8>, _ value: Range<Int>) {
        // One option alone is what nearly all peers send.
        self = Self.option(input, value)
        guard isEmpty else { return }
        var elements = ListElements(value)
        while let element = elements.next(input) {
            formUnion(Self.option(input, element))
        }
    }

    static func option(
        _ input: Span<UInt8>, _ element: Range<Int>
    ) -> ConnectionOptions {
        switch element.count {
        case 2 where input.isToken("te", at: element.lowerBound): .te
        case 5 where input.isToken("close", at: element.lowerBound): .close
        case 7 where input.isToken("upgrade", at: element.lowerBound): .upgrade
        case 10 where input.isToken("keep-alive", at: element.lowerBound): .keepAlive
        default: []
        }
    }
}
