import HTTPTypes
import SpoorText

/// Removal of the headers of a representation that is not sent, because an error is sent instead.
extension Headers {
    /// Removes the headers that describe the representation, and those that allow caching it (RFC 9110 §8, RFC 9111
    /// §5.2.2).
    ///
    /// Directives of `Cache-Control` that restrict caching are kept, such as the `no-store` of a middleware: they
    /// apply to the error as well. Headers of any other kind are kept too, such as those of CORS.
    mutating func removeRepresentation() {
        for name in Self.representationNames { remove(name) }
        guard contains(.cacheControl) else { return }
        let kept = byteValues(of: .cacheControl).flatMap { value in
            value[...].listElements.filter(Self.restrictsCaching)
        }
        remove(.cacheControl)
        guard !kept.isEmpty else { return }
        append(.cacheControl, bytes: Array(kept.joined(separator: Array(", ".utf8))))
    }

    private static let representationNames: [HTTPField.Name] =
        [
            .contentType, .contentLength, .contentEncoding, .contentLanguage, .contentLocation,
            .contentRange, .contentDisposition, .eTag, .lastModified, .expires, .acceptRanges,
        ]
        + ["Content-Digest", "Repr-Digest", "Digest", "Content-MD5"].compactMap {
            HTTPField.Name($0)
        }

    private static let restrictingDirectives: Set<String> = [
        "no-store", "no-cache", "private", "must-revalidate", "proxy-revalidate", "no-transform",
    ]

    private static func restrictsCaching(_ directive: ArraySlice<UInt8>) -> Bool {
        let name = directive.prefix { $0 != .equalsSign }.trimmed.map { lowercased($0) }
        return restrictingDirectives.contains(String(decoding: name, as: UTF8.self))
    }
}
