public import HTTPTypes
import SpoorText

/// The fields of a message: names and values as bytes, with offsets (RFC 9110 §5).
///
/// Nothing is copied out until it is asked for, so that a head of twenty fields costs no more than
/// its bytes. Names compare without regard to case; order and duplicates are kept.
public struct Headers: Sendable {
    /// Where one field lies within ``bytes``.
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

    /// The bytes in which names and values lie; a parsed head keeps its whole text here.
    package var bytes: [UInt8] = []
    /// One entry a field, in order.
    package var entries: [Entry] = []
    /// The first field that was refused, for its value has a control byte, or its name is that of a pseudo-header.
    ///
    /// CR, LF and NUL could end the head early (RFC 9110 §5.5). The message is not sent; the sender gets ``HeaderError``.
    package internal(set) var refusedName: String?

    /// No fields.
    public init() {}

    /// How many fields there are; a name that occurs twice counts twice.
    public var count: Int { entries.count }

    /// Whether there is no field.
    public var isEmpty: Bool { entries.isEmpty }

    /// The value under a name: several are joined by a comma, as RFC 9110 §5.3 allows (`Set-Cookie`
    /// alone must not be: see ``values(of:)``); nil if there is none.
    ///
    /// What is not UTF-8 is repaired; ``subscript(bytes:)`` has the bytes as they are. Setting replaces every field of that name, or removes them with nil.
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

    /// Every value under a name, in order of arrival.
    public func values(of name: HTTPField.Name) -> [String] {
        var values: [String] = []
        var at = firstIndex(of: name)
        while let index = at {
            values.append(text(entries[index].value))
            at = firstIndex(of: name, after: index)
        }
        return values
    }

    /// Whether a field of that name is there.
    public func contains(_ name: HTTPField.Name) -> Bool {
        firstIndex(of: name) != nil
    }

    /// Adds a field behind the others, also when the name is there already.
    ///
    /// A value with a control byte other than HTAB is refused, and so is the name of a pseudo-header (`:path`): the
    /// message that bears it is not sent, and whoever sends it gets ``HeaderError``.
    public mutating func append(_ name: HTTPField.Name, _ value: String) {
        append(rawName: name.rawName, value: value.utf8)
    }

    /// Removes every field of that name.
    public mutating func remove(_ name: HTTPField.Name) {
        guard !entries.isEmpty else { return }
        while let index = firstIndex(of: name) {
            entries.remove(at: index)
        }
    }

    /// Removes all fields and keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        refusedName = nil
    }

    /// Lets the message be sent without the field that was refused, because something else is sent instead.
    package mutating func forgetRefusal() {
        refusedName = nil
    }

    mutating func append(rawName: String, value: some Collection<UInt8>) {
        let start = bytes.count
        bytes.append(contentsOf: rawName.utf8)
        let middle = bytes.count
        bytes.append(contentsOf: value)
        guard isSound(name: start..<middle, value: middle..<bytes.count) else {
            refusedName = refusedName ?? rawName
            bytes.removeSubrange(start...)
            return
        }
        entries.append(
            Entry(
                nameStart: start, nameCount: middle - start,
                valueStart: middle, valueCount: bytes.count - middle))
    }

    /// Whether the bytes may stand in a head (RFC 9110 §5.1, §5.5).
    ///
    /// Names are tokens by their type, but for those of pseudo-headers, which begin with a colon.
    private func isSound(name: Range<Int>, value: Range<Int>) -> Bool {
        let bytes = bytes.span
        guard !name.isEmpty, bytes[name.lowerBound] != .colon else { return false }
        for index in value where isControl(bytes[index]) { return false }
        return true
    }
}

/// Whether two field names are the same (RFC 9110 §5.1).
func isName(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
    one.count == other.count && zip(one, other).allSatisfy { lowercased($0) == lowercased($1) }
}

// MARK: - Bytes

extension Headers {
    /// The place of the first field of that name behind `index`.
    package func firstIndex(of name: HTTPField.Name, after index: Int = -1) -> Int? {
        let canonical = name.canonicalName
        return firstIndex(ofLowercased: canonical.utf8Span.span, after: index)
    }

    /// The place of the first field behind `index` whose name, lower-cased, is `wanted`.
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

    /// Calls `body` with every field's name and value as bytes, in order.
    package func forEach(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        let bytes = bytes.span
        for entry in entries {
            body(bytes.extracting(entry.name), bytes.extracting(entry.value))
        }
    }

    /// The text of a range of the bytes; what is not UTF-8 is repaired.
    package func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

/// The lower-case form of an ASCII letter; any other byte as it is.
@inline(__always)
package func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- .upperA < 26 ? byte | .caseBit : byte
}

/// Whether a byte may not stand in a field's value: a control other than HTAB (RFC 9110 §5.5).
@inline(__always)
package func isControl(_ byte: UInt8) -> Bool {
    byte < .space && byte != .tab || byte == .delete
}

// MARK: - Conformances

extension Headers: Equatable {
    /// Whether both have the same fields in the same order, names compared without regard to case.
    public static func == (one: Headers, other: Headers) -> Bool {
        one.entries.count == other.entries.count
            && zip(one.entries, other.entries).allSatisfy { mine, theirs in
                isName(one.bytes[mine.name], other.bytes[theirs.name])
                    && one.bytes[mine.value] == other.bytes[theirs.value]
            }
    }
}

extension Headers: ExpressibleByDictionaryLiteral {
    /// Makes fields of names and values, in order.
    public init(dictionaryLiteral elements: (HTTPField.Name, String)...) {
        for (name, value) in elements {
            append(name, value)
        }
    }
}

extension Headers: CustomStringConvertible {
    /// The fields as they stand in a head, a line each.
    public var description: String {
        entries.map { "\(text($0.name)): \(text($0.value))" }.joined(separator: "\n")
    }
}

/// A field that must not be sent.
public struct HeaderError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with the field.
    public enum Reason: Sendable, Equatable {
        /// The value has a control byte other than HTAB: it could end the head early (RFC 9110 §5.5).
        case valueInvalid
        /// The name is that of a pseudo-header, which HTTP/1.1 has not (RFC 9110 §5.1).
        case nameInvalid
        /// The field has to be known before the body, and may not stand behind it (RFC 9110 §6.5.1).
        case trailerForbidden
    }

    /// The name of the field.
    public let name: String
    /// What is wrong with it.
    public let reason: Reason

    /// An error for a field that was refused when it was set; the name tells the reason unless one is given.
    package init(name: String, reason: Reason? = nil) {
        self.name = name
        self.reason = reason ?? (name.utf8.first == .colon ? .nameInvalid : .valueInvalid)
    }

    /// Why the field is refused.
    public var description: String {
        switch reason {
        case .valueInvalid:
            "the value of the field \(name) has a control byte in it (RFC 9110 §5.5)"
        case .nameInvalid: "\(name) is no name of a field (RFC 9110 §5.1)"
        case .trailerForbidden: "the field \(name) may not stand behind a body (RFC 9110 §6.5.1)"
        }
    }
}

/// Values of fields as the bytes that they are: opaque, and not always UTF-8 (RFC 9110 §5.5).
///
/// A value that is read as a `String` is decoded as UTF-8, and U+FFFD stands for what is not UTF-8. The bytes themselves are
/// never changed: fields that are passed on, between client and server, leave as they came.
extension Headers {
    /// The value under a name as bytes: several are joined as by the subscript for text; nil if there is none.
    ///
    /// Setting replaces every field of that name, or removes them with nil. A value with a control byte is refused as by
    /// ``append(_:bytes:)``.
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

    /// Every value under a name as bytes, in order of arrival.
    public func byteValues(of name: HTTPField.Name) -> [[UInt8]] {
        var values: [[UInt8]] = []
        var at = firstIndex(of: name)
        while let index = at {
            values.append(Array(bytes[entries[index].value]))
            at = firstIndex(of: name, after: index)
        }
        return values
    }

    /// Adds a field after the others, also when the name is there already.
    ///
    /// Any byte may stand in a value but the controls other than HTAB (RFC 9110 §5.5). A message with such a field is not
    /// sent, and the sender gets ``HeaderError``.
    public mutating func append(_ name: HTTPField.Name, bytes value: [UInt8]) {
        append(rawName: name.rawName, value: value)
    }
}
