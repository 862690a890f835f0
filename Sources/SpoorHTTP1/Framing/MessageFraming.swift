package import SpoorHTTP

/// How the end of a message that is sent can be found, and what is said of the connection (RFC 9112 §6, §9).
package struct MessageFraming: Sendable, Equatable {
    /// How the body ends.
    package enum Length: Sendable, Equatable {
        /// There is none, and nothing is said of it.
        case none
        /// `Content-Length`.
        case bytes(Int)
        /// `Transfer-Encoding: chunked`.
        case chunked
        /// With the connection, for HTTP/1.0 clients.
        case untilClose
    }

    /// What `Connection` says.
    package enum Connection: Sendable, Equatable {
        /// Nothing: it is kept, as HTTP/1.1 does by itself.
        case implied
        /// `close`.
        case close
        /// `keep-alive`, as HTTP/1.0 needs it.
        case keepAlive
        /// `upgrade`: what `Upgrade` says is of this connection (RFC 9110 §7.8).
        case upgrade
        /// `upgrade` of a message behind which the connection closes.
        case upgradeAndClose
    }

    /// How the body ends.
    package var length: Length
    /// Whether the body is sent; not with HEAD, 204 and 304, where `length` tells of what is not sent.
    package var sendsBody: Bool
    /// What `Connection` says.
    package var connection: Connection

    /// Whether `Connection` says `upgrade` alone.
    package var isUpgrade: Bool { if case .upgrade = connection { true } else { false } }

    package init(length: Length, sendsBody: Bool = true, connection: Connection = .implied) {
        self.length = length
        self.sendsBody = sendsBody
        self.connection = connection
    }
}

extension MessageFraming {
    /// The names of those of the given fields that frame a message and say something else than what is sent.
    ///
    /// - Parameter fields: The fields that a user sets on a message with this framing.
    package func unsentFields(among headers: borrowing Headers) -> [String] {
        var names: [String] = []
        let bytes = headers.bytes.span
        for index in headers.entries.indices {
            let entry = headers.entries[index]
            guard FramingSerializer.isFraming(entry, of: bytes), !says(entry, in: bytes) else {
                continue
            }
            names.append(String(decoding: entry.name.map { bytes[$0] }, as: UTF8.self))
        }
        return names
    }

    /// Whether a framing field says what is sent, or what is so without being said.
    private func says(_ entry: Headers.Entry, in bytes: Span<UInt8>) -> Bool {
        if entry.isNamed(.connection, in: bytes) {
            var elements = ListElements(entry.value)
            while let element = elements.next(bytes) {
                guard says(ConnectionOptions.option(bytes, element)) else { return false }
            }
            return true
        }
        if entry.isNamed(.contentLength, in: bytes) {
            guard case .bytes(let count) = length else { return false }
            return (try? FramingFields.decimal(bytes, entry.value)) == count
        }
        if entry.isNamed(.transferEncoding, in: bytes) {
            return length == .chunked && entry.valueCount == 7
                && bytes.isToken("chunked", at: entry.value.lowerBound)
        }
        return false
    }

    private func says(_ option: ConnectionOptions) -> Bool {
        switch connection {
        case .implied, .keepAlive: option == .keepAlive
        case .close: option == .close
        case .upgrade: option == .upgrade
        case .upgradeAndClose: option == .upgrade || option == .close
        }
    }
}

/// What the fields that a user sets on a message say of its framing, which is not theirs to write but is heeded.
struct OwnFraming {
    /// `Connection: close`.
    private(set) var closes = false
    /// `Connection: upgrade` beside an `Upgrade`.
    private(set) var upgrades = false
    /// A sound `Content-Length`.
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
                length = try? FramingFields.decimal(bytes, entry.value)
            }
        }
        closes = options.contains(.close)
        upgrades = hasUpgrade && options.contains(.upgrade)
    }
}
