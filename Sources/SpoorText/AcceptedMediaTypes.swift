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

        /// How specifically the range describes a media type: a higher number takes precedence (RFC 9110 §12.5.1);
        /// nil if the range does not include it.
        ///
        /// A parameter that the media type does not have, such as the `charset` of `application/json;charset=utf-8`,
        /// is ignored if no other range of the type includes it, unless the quality is 0: what is not acceptable is
        /// then another representation.
        fileprivate func precedence(for media: MediaType) -> Int? {
            guard type == "*" || type == media.type, subtype == "*" || subtype == media.subtype
            else { return nil }
            var hasUnknownParameter = false
            for parameter in parameters {
                if let value = media[parameter.name] {
                    guard value.lowercased() == parameter.value.lowercased() else { return nil }
                } else {
                    hasUnknownParameter = true
                }
            }
            if hasUnknownParameter, quality == 0 { return nil }
            let names = type == "*" ? 0 : subtype == "*" ? 1 : 2
            return 1000 * names + (hasUnknownParameter ? 0 : 1 + min(parameters.count, 900))
        }
    }

    /// The elements in the order of the header.
    public let elements: [Element]

    /// Parses a header value; elements that are not media ranges are ignored.
    ///
    /// - Parameter value: The value; nil and one without a valid element accept everything.
    public init(_ value: String?) {
        var elements: [Element] = []
        var reader = HeaderValueReader((value ?? "").utf8)
        while !reader.rest.isEmpty {
            if let element = reader.acceptedElement() { elements.append(element) }
        }
        self.elements = elements
    }

    /// Returns the quality of a media type in thousandths: that of the most specific range that includes it; 0 if
    /// none does.
    public func quality(of media: MediaType) -> Int {
        elements.isEmpty ? 1000 : mostSpecificElement(for: media)?.quality ?? 0
    }

    /// Returns the quality that the header gives to a media type by its name; nil if it does not name it.
    package func namedQuality(of media: MediaType) -> Int? {
        guard let element = mostSpecificElement(for: media), element.subtype != "*" else {
            return nil
        }
        return element.quality
    }

    private func mostSpecificElement(for media: MediaType) -> Element? {
        var best: (element: Element, precedence: Int)?
        for element in elements {
            guard let precedence = element.precedence(for: media),
                precedence > best?.precedence ?? -1
            else { continue }
            best = (element, precedence)
        }
        return best?.element
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

extension HeaderValueReader {
    /// Parses one element and the comma after it; returns nil for an element that is not a media range.
    fileprivate mutating func acceptedElement() -> AcceptedMediaTypes.Element? {
        defer { skipElement() }
        skipBlanks()
        guard let type = token(), skip(.slash), let subtype = token() else { return nil }
        guard type != "*" || subtype == "*" else { return nil }
        var parameters: [MediaType.Parameter] = []
        while true {
            skipBlanks()
            if isAtElementEnd { break }
            let beforeParameter = rest
            guard skip(.semicolon) else { return nil }
            skipBlanks()
            guard let name = token()?.lowercased() else { continue }
            if name == "q" {
                rest = beforeParameter
                break
            }
            guard skip(.equalsSign), let value = tokenOrQuotedString() else { return nil }
            parameters.append(MediaType.Parameter(name: name, value: value))
        }
        // Extensions follow the quality; none is defined.
        guard let quality = weight() else { return nil }
        return AcceptedMediaTypes.Element(
            type: type.lowercased(), subtype: subtype.lowercased(), parameters: parameters,
            quality: quality)
    }
}
