/// The `Content-Type` of files by the suffixes of their names (RFC 9110 §8.3).
///
/// ```swift
/// var types = MediaTypes.common
/// types["ts"] = "video/mp2t"  // and not a translation of Qt Linguist
/// routes.on(.get, "/film/{path...}", StaticFiles(directory: "Film", mediaTypes: types))
/// ```
///
/// Suffixes are compared without regard to case. A name of two suffixes is looked up by both together first, such as
/// `spdx.json`. Types that begin with `text/` are given `charset=utf-8` unless they name a charset.
public struct MediaTypes: Sendable {
    /// Some 1500 suffixes of IANA's registry and of common use.
    public static let common = MediaTypes(
        tables: MediaTypes.applicationTypes + MediaTypes.otherTypes)

    /// The type of a file whose suffix is not known: bytes.
    public static let unknown = "application/octet-stream"

    /// The types in full, by suffixes in lower case.
    private var types: [String: String] = [:]

    /// No suffixes; ``common`` has those in common use.
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

    /// The type of files with this suffix, such as `html`, without its dot; nil if it is not known.
    ///
    /// Setting adds the suffix or replaces its type; nil removes it.
    public subscript(suffix: String) -> String? {
        get { types[suffix.lowercased()] }
        set { types[suffix.lowercased()] = newValue.map(Self.withCharset) }
    }

    /// The type of the file at a path, by the suffix of its last component; ``unknown`` if the suffix is not known.
    public func type(ofFileAt path: String) -> String {
        type(ofFileAt: Array(path.utf8))
    }

    /// The type of the file at a path whose bytes may be any.
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

    /// RFC 9110 §8.3.2: a text says its charset, for what readers assume differs.
    private static func withCharset(_ type: String) -> String {
        let folded = type.lowercased()
        guard folded.hasPrefix("text/"), folded.firstRange(of: "charset=") == nil else {
            return type
        }
        return type + "; charset=utf-8"
    }
}
