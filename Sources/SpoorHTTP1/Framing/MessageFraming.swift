package import SpoorHTTP

/// The framing of a message that is sent, and its connection option (RFC 9112 §6, §9).
package struct MessageFraming: Sendable, Equatable {
    /// How the body ends.
    package enum Length: Sendable, Equatable {
        /// There is no body, and no framing header.
        case none
        /// `Content-Length`.
        case bytes(Int)
        /// `Transfer-Encoding: chunked`.
        case chunked
        /// The end of the connection, for HTTP/1.0 clients.
        case untilClose
    }

    /// The value of the `Connection` header.
    package enum Connection: Sendable, Equatable {
        /// None: the connection is kept alive, which is the default of HTTP/1.1.
        case implied
        /// `close`.
        case close
        /// `keep-alive`, which HTTP/1.0 requires.
        case keepAlive
        /// `upgrade`: the `Upgrade` header applies to this connection only (RFC 9110 §7.8).
        case upgrade
        /// `upgrade` of a message after which the connection is closed.
        case upgradeAndClose
    }

    /// How the body ends.
    package var length: Length
    /// Whether the body is sent; false with HEAD, 204 and 304, where `length` describes a body that is not sent.
    package var sendsBody: Bool
    /// The value of the `Connection` header.
    package var connection: Connection

    /// Whether the connection option is only `upgrade`.
    package var isUpgrade: Bool { if case .upgrade = connection { true } else { false } }

    package init(length: Length, sendsBody: Bool = true, connection: Connection = .implied) {
        self.length = length
        self.sendsBody = sendsBody
        self.connection = connection
    }
}

extension MessageFraming {
    /// Returns the names of framing headers among the given ones whose value differs from what is sent.
    ///
    /// - Parameter headers: The headers that a user sets on a message with this framing.
    package func unsentHeaders(among headers: borrowing Headers) -> [String] {
        var names: [String] = []
        let bytes = headers.bytes.span
        for index in headers.entries.indices {
            let entry = headers.entries[index]
            guard FramingSerializer.isFraming(entry, of: bytes), !isSent(entry, in: bytes) else {
                continue
            }
            names.append(String(decoding: entry.name.map { bytes[$0] }, as: UTF8.self))
        }
        return names
    }

    /// Returns whether a framing header has the value that is sent, or one that is implied.
    private func isSent(_ entry: Headers.Entry, in bytes: Span<UInt8>) -> Bool {
        if entry.isNamed(.connection, in: bytes) {
            var elements = ListElements(entry.value)
            while let element = elements.next(bytes) {
                guard isSent(ConnectionOptions.option(bytes, element)) else { return false }
            }
            return true
        }
        if entry.isNamed(.contentLength, in: bytes) {
            guard case .bytes(let count) = length else { return false }
            return (try? FramingHeaders.decimal(bytes, entry.value)) == count
        }
        if entry.isNamed(.transferEncoding, in: bytes) {
            return length == .chunked && entry.valueCount == 7
                && bytes.isToken("chunked", at: entry.value.lowerBound)
        }
        return false
    }

    private func isSent(_ option: ConnectionOptions) -> Bool {
        switch connection {
        case .implied, .keepAlive: option == .keepAlive
        case .close: option == .close
        case .upgrade: option == .upgrade
        case .upgradeAndClose: option == .upgrade || option == .close
        }
    }
}

/// The framing headers that a user sets on a message: they are not sent as they are, but respected.
struct OwnFraming {
    /// `Connection: close`.
    private(set) var closes = false
    /// `Connection: upgrade` together with `Upgrade`.
    private(set) var upgrades = false
    /// The value of a valid `Content-Length`.
    private(set) var length: Int?

    init(_ headers: borrowing Headers) {
        guard !headers.entries.isEmpty else { return }
        let bytes = headers.bytes.span
        var options = ConnectionOptions()
        var hasUpgrade = false
        for index in headers.entries.indices {
            let entry = headers.entries[index]
            if entry.isNamed(.upgrade, in: bytes) {
                hasUpgrade = true
            } else if entry.isNamed(.connection, in: bytes) {
                options.formUnion(ConnectionOptions(bytes, entry.value))
            } else if entry.isNamed(.contentLength, in: bytes) {
                length = try? FramingHeaders.decimal(bytes, entry.value)
            }
        }
        closes = options.contains(.close)
        upgrades = hasUpgrade && options.contains(.upgrade)
    }
}
