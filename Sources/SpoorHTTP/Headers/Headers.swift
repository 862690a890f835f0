public import HTTPTypes
import SpoorText

/// The headers of a message: names and values as bytes, with offsets (RFC 9110 §5).
///
/// Values are copied only when they are read, so that a head of twenty headers costs no more than its bytes. Names
/// are compared case-insensitively; order and duplicates are kept.
public struct Headers: Sendable {
    /// The position of one header within ``bytes``.
    package struct Entry: Sendable {
        package var nameStart: UInt32
        package var nameCount: UInt32
        package var valueStart: UInt32
        package var valueCount: UInt32

        package init(nameStart: Int, nameCount: Int, valueStart: Int, valueCount: Int) {
            self.nameStart = UInt32(truncatingIfNeeded: nameStart)
            self.nameCount = UInt32(truncatingIfNeeded: nameCount)
            self.valueStart = UInt32(truncatingIfNeeded: valueStart)
            self.valueCount = UInt32(truncatingIfNeeded: valueCount)
        }

        package var name: Range<Int> { Int(nameStart)..<Int(nameStart) + Int(nameCount) }
        package var value: Range<Int> { Int(valueStart)..<Int(valueStart) + Int(valueCount) }
    }

    /// The bytes that contain names and values; the complete text of a head that was parsed.
    package var bytes: [UInt8] = []
    /// One entry per header, in order.
    package var entries: [Entry] = []
    /// The name of the first header that was rejected, because its value has a control byte, or its name is that of a
    /// pseudo-header.
    ///
    /// CR, LF and NUL could end the head early (RFC 9110 §5.5). The message is not sent; the sender gets a
    /// ``HeaderError``.
    package internal(set) var rejectedName: String?

    /// Creates empty headers.
    public init() {}

    /// The number of headers; a name that occurs twice counts twice.
    public var count: Int { entries.count }

    /// Whether there are no headers.
    public var isEmpty: Bool { entries.isEmpty }

    /// The value of a header: several values are joined by a comma, as RFC 9110 §5.3 allows (only `Set-Cookie` must
    /// not be joined: see ``values(of:)``); nil if there is none.
    ///
    /// Invalid UTF-8 is repaired; ``subscript(bytes:)`` returns the unchanged bytes. Setting it replaces every header
    /// of that name; setting nil removes them.
    public subscript(name: HTTPField.Name) -> String? {
        get {
            guard let first = firstIndex(of: name) else { return nil }
            guard firstIndex(of: name, after: first) != nil else {
                return text(entries[first].value)
            }
            return values(of: name).joined(separator: name == .cookie ? "; " : ", ")
        }
        set {
            remove(name)
            if let newValue { append(name, newValue) }
        }
    }

    /// Returns every value of a header, in order.
    public func values(of name: HTTPField.Name) -> [String] {
        var values: [String] = []
        var at = firstIndex(of: name)
        while let index = at {
            values.append(text(entries[index].value))
            at = firstIndex(of: name, after: index)
        }
        return values
    }

    /// Returns whether a header of that name exists.
    public func contains(_ name: HTTPField.Name) -> Bool {
        firstIndex(of: name) != nil
    }

    /// Appends a header, even if the name already exists.
    ///
    /// A value with a control byte other than HTAB is rejected, and so is the name of a pseudo-header (`:path`): the
    /// message is not sent, and sending it throws ``HeaderError``.
    public mutating func append(_ name: HTTPField.Name, _ value: String) {
        append(rawName: name.rawName, value: value.utf8)
    }

    /// Removes every header of that name.
    public mutating func remove(_ name: HTTPField.Name) {
        guard !entries.isEmpty else { return }
        while let index = firstIndex(of: name) {
            entries.remove(at: index)
        }
    }

    /// Removes all headers and keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        rejectedName = nil
    }

    /// Clears the rejection of a header, because another message is sent instead.
    package mutating func clearRejection() {
        rejectedName = nil
    }

    mutating func append(rawName: String, value: some Collection<UInt8>) {
        let start = bytes.count
        bytes.append(contentsOf: rawName.utf8)
        let middle = bytes.count
        bytes.append(contentsOf: value)
        guard isValid(name: start..<middle, value: middle..<bytes.count) else {
            rejectedName = rejectedName ?? rawName
            bytes.removeSubrange(start...)
            return
        }
        entries.append(
            Entry(
                nameStart: start, nameCount: middle - start,
                valueStart: middle, valueCount: bytes.count - middle))
    }

    /// Returns whether the bytes may occur in a head (RFC 9110 §5.1, §5.5).
    ///
    /// Names are tokens by their type, except those of pseudo-headers, which begin with a colon.
    private func isValid(name: Range<Int>, value: Range<Int>) -> Bool {
        let bytes = bytes.span
        guard !name.isEmpty, bytes[name.lowerBound] != .colon else { return false }
        for index in value where isControl(bytes[index]) { return false }
        return true
    }
}

/// Returns whether two header names are equal (RFC 9110 §5.1).
func isName(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
    one.count == other.count && zip(one, other).allSatisfy { lowercased($0) == lowercased($1) }
}

// MARK: - Bytes

extension Headers {
    /// Returns the index of the first header of that name after `index`.
    package func firstIndex(of name: HTTPField.Name, after index: Int = -1) -> Int? {
        let canonical = name.canonicalName
        return firstIndex(ofLowercased: canonical.utf8Span.span, after: index)
    }

    /// Returns the index of the first header after `index` whose name, in lower case, is `wanted`.
    package func firstIndex(ofLowercased wanted: borrowing Span<UInt8>, after index: Int = -1)
        -> Int?
    {
        let bytes = bytes.span
        let entries = entries.span
        var at = index + 1
        search: while at < entries.count {
            let entry = entries[at]
            if Int(entry.nameCount) == wanted.count {
                let start = Int(entry.nameStart)
                for offset in 0..<wanted.count
                where lowercased(bytes[start + offset]) != wanted[offset] {
                    at += 1
                    continue search
                }
                return at
            }
            at += 1
        }
        return nil
    }

    /// Calls `body` with the name and value of every header as bytes, in order.
    package func forEach(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        let bytes = bytes.span
        for entry in entries {
            body(bytes.extracting(entry.name), bytes.extracting(entry.value))
        }
    }

    /// Returns the text of a range of the bytes; invalid UTF-8 is repaired.
    package func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

/// Returns the lower-case form of an ASCII letter; any other byte unchanged.
@inline(__always)
package func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- .upperA < 26 ? byte | .caseBit : byte
}

/// Returns whether a byte is forbidden in a header value: a control other than HTAB (RFC 9110 §5.5).
@inline(__always)
package func isControl(_ byte: UInt8) -> Bool {
    byte < .space && byte != .tab || byte == .delete
}

// MARK: - Conformances

extension Headers: Equatable {
    /// Returns whether both have the same headers in the same order; names are compared case-insensitively.
    public static func == (one: Headers, other: Headers) -> Bool {
        one.entries.count == other.entries.count
            && zip(one.entries, other.entries).allSatisfy { mine, theirs in
                isName(one.bytes[mine.name], other.bytes[theirs.name])
                    && one.bytes[mine.value] == other.bytes[theirs.value]
            }
    }
}

extension Headers: CustomStringConvertible {
    /// The headers as lines of a head, without CR.
    public var description: String {
        entries.map { "\(text($0.name)): \(text($0.value))" }.joined(separator: "\n")
    }
}

/// The error for a header that must not be sent.
public struct HeaderError: Error, Equatable, CustomStringConvertible {
    /// The reason of the rejection.
    public enum Reason: Sendable, Equatable {
        /// The value has a control byte other than HTAB: it could end the head early (RFC 9110 §5.5).
        case valueInvalid
        /// The name is that of a pseudo-header, which HTTP/1.1 does not have (RFC 9110 §5.1).
        case nameInvalid
        /// The header is not allowed in trailers, because it must be known before the body (RFC 9110 §6.5.1).
        case trailerForbidden
    }

    /// The name of the header.
    public let name: String
    /// The reason of the rejection.
    public let reason: Reason

    /// Creates an error for a header that was rejected when it was set; the reason follows from the name unless one
    /// is passed.
    package init(name: String, reason: Reason? = nil) {
        self.name = name
        self.reason = reason ?? (name.utf8.first == .colon ? .nameInvalid : .valueInvalid)
    }

    /// A message that states why the header was rejected.
    public var description: String {
        switch reason {
        case .valueInvalid:
            "the value of the header \(name) contains a control byte (RFC 9110 §5.5)"
        case .nameInvalid: "invalid header name \(name) (RFC 9110 §5.1)"
        case .trailerForbidden: "the header \(name) is not allowed in trailers (RFC 9110 §6.5.1)"
        }
    }
}

/// Header values as bytes: they are opaque, and not always UTF-8 (RFC 9110 §5.5).
///
/// A value that is read as a `String` is decoded as UTF-8, with U+FFFD for invalid sequences. The bytes themselves
/// are never changed: headers that are forwarded between client and server are sent as they were received.
extension Headers {
    /// The value of a header as bytes: several are joined as by the subscript for text; nil if there is none.
    ///
    /// Setting it replaces every header of that name; setting nil removes them. A value with a control byte is
    /// rejected as by ``append(_:bytes:)``.
    public subscript(bytes name: HTTPField.Name) -> [UInt8]? {
        get {
            guard let first = firstIndex(of: name) else { return nil }
            guard firstIndex(of: name, after: first) != nil else {
                return Array(bytes[entries[first].value])
            }
            let separator = name == .cookie ? "; " : ", "
            return Array(byteValues(of: name).joined(separator: Array(separator.utf8)))
        }
        set {
            remove(name)
            if let newValue { append(name, bytes: newValue) }
        }
    }

    /// Returns every value of a header as bytes, in order.
    public func byteValues(of name: HTTPField.Name) -> [[UInt8]] {
        var values: [[UInt8]] = []
        var at = firstIndex(of: name)
        while let index = at {
            values.append(Array(bytes[entries[index].value]))
            at = firstIndex(of: name, after: index)
        }
        return values
    }

    /// Appends a header, even if the name already exists.
    ///
    /// A value may contain any byte except controls other than HTAB (RFC 9110 §5.5). A message with such a header is
    /// not sent, and sending it throws ``HeaderError``.
    public mutating func append(_ name: HTTPField.Name, bytes value: [UInt8]) {
        append(rawName: name.rawName, value: value)
    }
}
