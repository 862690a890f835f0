public import HTTPTypes

/// The name of a header as a string literal, where a predefined `HTTPField.Name` does not exist.
///
/// ```swift
/// let id = exchange.request.headers["X-Request-ID"]
/// exchange.response.headers = [.cacheControl: "no-store", "X-Request-ID": "7"]
/// ```
///
/// A literal that is not a token (RFC 9110 §5.1) stops the program when it is evaluated, with a message that contains
/// it. A name that is known at run time only is an `HTTPField.Name`, whose initializer returns nil for an invalid one.
public struct HeaderName: Hashable, Sendable {
    /// The name.
    public let name: HTTPField.Name

    /// Creates a header name.
    public init(_ name: HTTPField.Name) {
        self.name = name
    }
}

extension HeaderName: ExpressibleByStringLiteral {
    /// Creates a header name from a literal; stops the program if it is not a token (RFC 9110 §5.6.2).
    public init(stringLiteral literal: StaticString) {
        guard let name = HTTPField.Name("\(literal)") else {
            fatalError(
                "invalid header name \"\(literal)\": use only letters, digits and !#$%&'*+-.^_`|~ (RFC 9110 §5.1)"
            )
        }
        self.name = name
    }
}

extension HeaderName: CustomStringConvertible {
    /// The name as written.
    public var description: String { name.rawName }
}

/// Access to headers by the literal of their name.
///
/// These overloads are disfavored, so that `headers[.accept]` is the predefined `HTTPField.Name`. A literal is checked
/// and converted on each use; in code that runs for every request, a static `HTTPField.Name` is faster.
extension Headers {
    /// The value of a header, as by the subscript with an `HTTPField.Name`.
    @_disfavoredOverload
    public subscript(name: HeaderName) -> String? {
        get { self[name.name] }
        set { self[name.name] = newValue }
    }

    /// The value of a header as bytes, as by the subscript with an `HTTPField.Name`.
    @_disfavoredOverload
    public subscript(bytes name: HeaderName) -> [UInt8]? {
        get { self[bytes: name.name] }
        set { self[bytes: name.name] = newValue }
    }

    /// Returns every value of a header, in order.
    @_disfavoredOverload
    public func values(of name: HeaderName) -> [String] { values(of: name.name) }

    /// Returns whether a header of that name exists.
    @_disfavoredOverload
    public func contains(_ name: HeaderName) -> Bool { contains(name.name) }

    /// Appends a header, even if the name already exists; a value with a control byte is rejected as by
    /// ``append(_:_:)-(HTTPField.Name,_)``.
    @_disfavoredOverload
    public mutating func append(_ name: HeaderName, _ value: String) { append(name.name, value) }

    /// Appends a header whose value is bytes, even if the name already exists; see
    /// ``append(_:bytes:)-(HTTPField.Name,_)``.
    @_disfavoredOverload
    public mutating func append(_ name: HeaderName, bytes value: [UInt8]) {
        append(name.name, bytes: value)
    }

    /// Removes every header of that name.
    @_disfavoredOverload
    public mutating func remove(_ name: HeaderName) { remove(name.name) }
}

extension Headers: ExpressibleByDictionaryLiteral {
    /// Creates headers from names and values, in order.
    public init(dictionaryLiteral elements: (HeaderName, String)...) {
        for (name, value) in elements {
            append(name.name, value)
        }
    }

    /// Creates headers from a dictionary literal whose names are not literals, in order.
    ///
    /// ```swift
    /// let name = HTTPField.Name("X-Tenant") ?? .via
    /// let headers = Headers([name: "7"])
    /// ```
    @_disfavoredOverload
    public init(_ elements: KeyValuePairs<HTTPField.Name, String>) {
        for (name, value) in elements {
            append(name, value)
        }
    }
}
