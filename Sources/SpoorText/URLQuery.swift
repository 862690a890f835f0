/// The items of a query, `name=value` joined by `&`: to build a query, and to read that of a request.
///
/// ```swift
/// let query: URLQuery = ["q": "tea & biscuits", "page": "2"]  // q=tea%20%26%20biscuits&page=2
/// let page = exchange.request.queryItems["page"]
/// ```
///
/// Names and values are kept as decoded bytes, in order, including repeated names. Parsing follows the rules of HTML
/// forms: `+` is a space, and a name without `=` has an empty value.
public struct URLQuery: Sendable, Hashable {
    private struct Item: Hashable {
        var name: [UInt8]
        var value: [UInt8]
    }

    private var items: [Item] = []

    /// Creates a query without items.
    public init() {}

    /// Parses an encoded query, without its `?`.
    public init(encoded text: String) {
        for part in Array(text.utf8).split(separator: .ampersand) {
            let sign = part.firstIndex(of: .equalsSign)
            let name = part[..<(sign ?? part.endIndex)]
            let value = sign.map { part[($0 + 1)...] } ?? []
            items.append(Item(name: Self.decode(name), value: Self.decode(value)))
        }
    }

    /// The number of items; a name that occurs twice counts twice.
    public var count: Int { items.count }

    /// Whether there are no items.
    public var isEmpty: Bool { items.isEmpty }

    /// The value of the first item of that name; nil if there is none.
    ///
    /// Invalid UTF-8 is repaired. Setting it replaces every item of that name; setting nil removes them.
    public subscript(name: String) -> String? {
        get { self[bytes: name].map { String(decoding: $0, as: UTF8.self) } }
        set { self[bytes: name] = newValue.map { Array($0.utf8) } }
    }

    /// The bytes of the value of the first item of that name; nil if there is none.
    ///
    /// Setting it replaces every item of that name; setting nil removes them.
    public subscript(bytes name: String) -> [UInt8]? {
        get { items.first { $0.name.elementsEqual(name.utf8) }?.value }
        set {
            items.removeAll { $0.name.elementsEqual(name.utf8) }
            if let newValue { append(name, bytes: newValue) }
        }
    }

    /// Returns every value of that name, in order.
    ///
    /// Invalid UTF-8 is repaired.
    public func values(of name: String) -> [String] {
        byteValues(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Returns the bytes of every value of that name, in order.
    public func byteValues(of name: String) -> [[UInt8]] {
        items.filter { $0.name.elementsEqual(name.utf8) }.map(\.value)
    }

    /// The names of the items, in order, each once; invalid UTF-8 is repaired.
    public var names: [String] {
        var seen: Set<[UInt8]> = []
        return items.filter { seen.insert($0.name).inserted }
            .map { String(decoding: $0.name, as: UTF8.self) }
    }

    /// Appends an item, even if the name already exists.
    public mutating func append(_ name: String, _ value: String) {
        append(name, bytes: Array(value.utf8))
    }

    /// Appends an item whose value is arbitrary bytes.
    public mutating func append(_ name: String, bytes value: [UInt8]) {
        items.append(Item(name: Array(name.utf8), value: value))
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        PercentEncoding.decode(bytes, plus: .isSpace)
    }
}

extension URLQuery: CustomStringConvertible {
    /// The query in its encoded form, without a `?`; encoded as ``PercentEncoding/queryItem``.
    public var description: String {
        items.map { item in
            PercentEncoding.queryItem.encode(item.name) + "="
                + PercentEncoding.queryItem.encode(item.value)
        }.joined(separator: "&")
    }
}

extension URLQuery: ExpressibleByDictionaryLiteral {
    /// Creates a query from decoded names and values, in order.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }
}
