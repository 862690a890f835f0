/// The mapping from file name suffixes to `Content-Type` values (RFC 9110 §8.3).
///
/// ```swift
/// var types = MediaTypes.common
/// types["ts"] = "video/mp2t"  // and not a translation of Qt Linguist
/// routes.on(.get, "/film/{path...}", StaticFiles(directory: "Film", mediaTypes: types))
/// ```
///
/// Suffixes are case-insensitive. For a name with two suffixes both together are looked up first, such as
/// `spdx.json`. Types with the prefix `text/` get `charset=utf-8` unless they contain a charset.
public struct MediaTypes: Sendable {
    /// A mapping with about 1500 suffixes of IANA's registry and in common use.
    public static let common = MediaTypes(
        tables: MediaTypes.applicationTypes + MediaTypes.otherTypes)

    /// The type of a file with an unknown suffix: `application/octet-stream`.
    public static let unknown = "application/octet-stream"

    /// The complete types, by suffixes in lower case.
    private var types: [String: String] = [:]

    /// Creates an empty mapping; ``common`` contains the suffixes in common use.
    public init() {}

    private init(tables: [(prefix: String, types: String)]) {
        for table in tables {
            for entry in table.types.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                let parts = entry.split(separator: "=")
                let type = Self.withCharset(table.prefix + parts[0])
                for suffix in parts[1].split(separator: ",") { types[String(suffix)] = type }
            }
        }
    }

    /// The type of files with this suffix, such as `html`, without its dot; nil if it is unknown.
    ///
    /// Setting a value adds the suffix or replaces its type; setting nil removes it.
    public subscript(suffix: String) -> String? {
        get { types[suffix.lowercased()] }
        set { types[suffix.lowercased()] = newValue.map(Self.withCharset) }
    }

    /// Returns the type of the file at a path, by the suffix of its last component; ``unknown`` if the suffix is
    /// unknown.
    public func type(ofFileAt path: String) -> String {
        type(ofFileAt: Array(path.utf8))
    }

    /// Returns the type of the file at a path of arbitrary bytes.
    func type(ofFileAt path: [UInt8]) -> String {
        let start = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        guard let last = path[start...].lastIndex(of: UInt8(ascii: ".")) else {
            return Self.unknown
        }
        if let first = path[start..<last].lastIndex(of: UInt8(ascii: ".")),
            let type = self[String(decoding: path[(first + 1)...], as: UTF8.self)]
        {
            return type
        }
        return self[String(decoding: path[(last + 1)...], as: UTF8.self)] ?? Self.unknown
    }

    /// RFC 9110 §8.3.2: text is sent with its charset, because the defaults of clients differ.
    private static func withCharset(_ type: String) -> String {
        let folded = type.lowercased()
        guard folded.hasPrefix("text/"), folded.firstRange(of: "charset=") == nil else {
            return type
        }
        return type + "; charset=utf-8"
    }
}
