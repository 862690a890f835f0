/// The value of an `Accept` header: the media types that a client accepts, with their preference (RFC 9110 §12.5.1).
///
/// ```swift
/// let accepted = AcceptedMediaTypes("text/html, application/json;q=0.9, */*;q=0.1")
/// accepted.preferred(among: [.json, .html])  // text/html
/// ```
public struct AcceptedMediaTypes: Hashable, Sendable {
    /// One element of the list: a media range and its quality.
    public struct Element: Hashable, Sendable {
        /// The type in lower case; `*` for any.
        public let type: String
        /// The subtype in lower case; `*` for any.
        public let subtype: String
        /// The parameters of the media range, before `q`.
        public let parameters: [MediaType.Parameter]
        /// The quality in thousandths, 0 to 1000; 0 means that the type is not acceptable.
        public let quality: Int

        /// How specific the range is: a more specific one takes precedence.
        fileprivate var precedence: Int {
            type == "*" ? 0 : subtype == "*" ? 1 : 2 + parameters.count
        }

        fileprivate func includes(_ media: MediaType) -> Bool {
            (type == "*" || type == media.type) && (subtype == "*" || subtype == media.subtype)
                && parameters.allSatisfy { parameter in
                    media[parameter.name]?.lowercased() == parameter.value.lowercased()
                }
        }
    }

    /// The elements in the order of the header.
    public let elements: [Element]

    /// Parses a header value; elements that are not media ranges are ignored.
    ///
    /// - Parameter value: The value; nil and one without a valid element accept everything.
    public init(_ value: String?) {
        var elements: [Element] = []
        var reader = MediaTypeReader(rest: Array((value ?? "").utf8)[...])
        while !reader.rest.isEmpty {
            if let element = reader.acceptedElement() { elements.append(element) }
        }
        self.elements = elements
    }

    /// Returns the quality of a media type in thousandths: that of the most specific range that includes it; 0 if
    /// none does.
    public func quality(of media: MediaType) -> Int {
        if elements.isEmpty { return 1000 }
        var best: Element?
        for element in elements
        where element.includes(media) && element.precedence > (best?.precedence ?? -1) {
            best = element
        }
        return best?.quality ?? 0
    }

    /// Returns the candidate with the highest quality, the first of several with the same one; nil if none is
    /// acceptable.
    public func preferred(among candidates: [MediaType]) -> MediaType? {
        var best: (media: MediaType, quality: Int)?
        for media in candidates {
            let quality = quality(of: media)
            if quality > (best?.quality ?? 0) { best = (media, quality) }
        }
        return best?.media
    }
}

extension MediaTypeReader {
    /// Parses one element and the comma after it; returns nil for an element that is not a media range.
    fileprivate mutating func acceptedElement() -> AcceptedMediaTypes.Element? {
        defer { skipElement() }
        skipBlanks()
        guard let type = token(), skip(.slash), let subtype = token() else { return nil }
        guard type != "*" || subtype == "*" else { return nil }
        var parameters: [MediaType.Parameter] = []
        var quality: Int?
        while true {
            skipBlanks()
            if rest.isEmpty || rest.first == .comma { break }
            guard skip(.semicolon) else { return nil }
            skipBlanks()
            guard let name = token()?.lowercased() else { continue }
            guard skip(.equalsSign), let value = rest.first == .quote ? quotedString() : token()
            else { return nil }
            if quality != nil { continue }  // Extensions follow the quality; none is defined.
            if name == "q" {
                guard let thousandths = Self.thousandths(value) else { return nil }
                quality = thousandths
            } else {
                parameters.append(MediaType.Parameter(name: name, value: value))
            }
        }
        return AcceptedMediaTypes.Element(
            type: type.lowercased(), subtype: subtype.lowercased(), parameters: parameters,
            quality: quality ?? 1000)
    }

    private mutating func skipBlanks() { rest = rest.drop(while: \.isBlank) }

    /// Skips to the end of the element: the next comma outside a quoted string.
    private mutating func skipElement() {
        while let byte = rest.first {
            if byte == .quote {
                if quotedString() == nil { rest = [] }
                continue
            }
            rest.removeFirst()
            if byte == .comma { return }
        }
    }

    /// Parses `qvalue` (RFC 9110 §12.4.2): 0 to 1 with at most three decimal digits.
    private static func thousandths(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, first == .digitZero || first == .digitOne else { return nil }
        var value = Int(first - .digitZero) * 1000
        guard bytes.count > 1 else { return value }
        guard bytes[1] == .dot, bytes.count <= 5 else { return nil }
        var weight = 100
        for digit in bytes[2...] {
            guard digit.isDigit else { return nil }
            value += Int(digit - .digitZero) * weight
            weight /= 10
        }
        return value <= 1000 ? value : nil
    }
}
