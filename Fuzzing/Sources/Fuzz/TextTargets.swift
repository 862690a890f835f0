import SpoorHTTP1
import SpoorText

/// The parsers of `SpoorText`, selected by the first byte: parsed, written and parsed again, a text has the same value.
func fuzzText(_ input: Span<UInt8>) {
    guard !input.isEmpty else { return }
    let bytes = (1..<input.count).map { input[$0] }
    let text = String(decoding: bytes, as: UTF8.self)
    switch input[0] & 15 {
    case 0: checkAddress(text, bytes)
    case 1: checkStable(text, IPNetwork.init)
    case 2: checkPercentEncoding(bytes)
    case 3: checkStable(text, { URLQuery(encoded: $0) })
    case 4: checkBase64(text)
    case 5: checkStable(text, HTTPDate.init)
    case 6: checkStable(text, MediaType.init)
    case 7: checkURL(text, bytes)
    case 8: checkAccepted(text)
    case 9: checkEntityTags(text)
    case 10: checkStable(text, ByteRanges.init)
    case 11: checkAuthorization(text)
    case 12: checkForwarded(text)
    default: checkContentDisposition(text)
    }
}

/// JSON of limited depth, parsed, written and parsed again.
func fuzzJSON(_ input: Span<UInt8>) {
    let bytes = (0..<input.count).map { input[$0] }
    let limits = JSONScanner.Limits(maxDepth: 8, maxMembers: .max)
    let isAccepted = (try? JSONScanner.check(bytes.span, limits: limits)) != nil
    do throws(JSONError) {
        let value = try JSONReader<JSONValue>.read(bytes, maxDepth: 8)
        precondition(isAccepted, "read, but not accepted by the scanner")
        var writer = JSONWriter()
        writer.value(value)
        let again = try JSONReader<JSONValue>.read(writer.bytes, maxDepth: 8)
        precondition(again == value, "another value")
    } catch {
        precondition(error.offset <= bytes.count)
        if let again = try? JSONReader<JSONValue>.read(bytes, maxDepth: 8) {
            preconditionFailure("read, but not what was written: \(again)")
        }
    }
}

private func checkStable<Value: Equatable & CustomStringConvertible>(
    _ text: String, _ read: (String) -> Value?
) {
    guard let value = read(text) else { return }
    let written = value.description
    precondition(written.utf8.count <= 3 * text.utf8.count + 64, "grew")
    guard let again = read(written) else { preconditionFailure("refused what was written") }
    precondition(again == value && again.description == written, "another value")
}

private func checkAddress(_ text: String, _ bytes: [UInt8]) {
    checkStable(text, IPAddress.init)
    let literal = IPAddress(ipv6: bytes.span, 0..<bytes.count)
    precondition(literal == IPAddress(bytes).flatMap { $0.family == .ipv6 ? $0 : nil })
    guard let address = IPAddress(bytes) else { return }
    precondition(address.octets.count == address.bitWidth / 8)
    precondition(IPNetwork(address, prefixLength: address.bitWidth)?.contains(address) == true)
}

private func checkPercentEncoding(_ bytes: [UInt8]) {
    for component in PercentEncoding.allCases {
        precondition(PercentEncoding.decode(component.encode(bytes)) == bytes, "another text")
    }
    precondition(PercentEncoding.decode(bytes, plus: .isSpace).count <= bytes.count)
    let path = URLPath(segments: [String(decoding: bytes, as: UTF8.self)])
    precondition(path.description.utf8.filter { $0 == .slash }.count == 1, "another segment")
}

private func checkBase64(_ text: String) {
    for form in Base64.allCases {
        guard let bytes = form.decode(text) else { continue }
        let written = form.encode(bytes)
        precondition(written == text || form == .urlSafe && text.hasPrefix(written), "two texts")
        precondition(form.decode(written) == bytes)
    }
}

private func checkURL(_ text: String, _ bytes: [UInt8]) {
    let authority = Authority(text[...])
    precondition(authority.hostAndPort.utf8.count <= text.utf8.count)
    // A `Host` that the parser accepts has the parts of an authority.
    if text.utf8.elementsEqual(bytes), AuthorityGrammar.isValid(bytes.span, 0..<bytes.count) {
        precondition(authority.userInfo == nil && authority.isClosed && !authority.host.isEmpty)
        precondition(authority.afterHost.isEmpty || authority.afterHost.utf8.first == .colon)
        precondition(authority.afterHost.utf8.count < 2 || authority.port != nil)
        precondition(authority.form != .ipv6 || IPAddress(String(authority.host)) != nil)
    }
    guard let url = URLParts(text) else { return }
    let whole = url.path.utf8.count + (url.query.map { $0.utf8.count + 1 } ?? 0)
    precondition(whole == url.pathAndQuery.utf8.count, "parts of another length")
}

private func checkAccepted(_ text: String) {
    let media = AcceptedMediaTypes(text)
    precondition((0...1000).contains(media.quality(of: .json)), "quality")
    if let chosen = media.preferred(among: [.json, .html]) {
        precondition(media.quality(of: chosen) > 0, "chosen, but not acceptable")
    }
    let encodings = AcceptedEncodings(text)
    if let coding = encodings.preferred(among: ["br", "gzip"]) {
        precondition(encodings.quality(of: coding) > 0, "chosen, but not acceptable")
    } else {
        precondition(encodings.quality(of: "identity") == 0, "acceptable, but not chosen")
    }
    let chosen = AcceptedLanguages(text).preferred(among: ["de-CH", "en"])
    precondition(chosen == nil || chosen == "de-CH" || chosen == "en", "not a candidate")
}

private func checkEntityTags(_ text: String) {
    checkStable(text, EntityTag.init)
    let list = EntityTagList(text)
    precondition(EntityTagList(list.description) == list, "another list")
    precondition(list.weaklyMatches(nil) == (list == .any), "matches nothing")
    guard case .tags(let tags) = list, let first = tags.first else { return }
    precondition(list.weaklyMatches(first) && list.stronglyMatches(first) != first.isWeak)
}

private func checkAuthorization(_ text: String) {
    guard let header = AuthorizationHeader(text) else { return }
    precondition(header.basic == nil || header.bearerToken == nil, "two schemes")
    if let basic = header.basic { precondition(!basic.user.utf8.contains(.colon), "colon") }
    if let token = header.bearerToken {
        precondition(AuthorizationHeader("Bearer \(token)")?.bearerToken == token, "another token")
    }
}

private func checkForwarded(_ text: String) {
    checkStable(text, ForwardedElement.Node.init)
    let elements = ForwardedElement.elements(ofForwarded: text)
    precondition(elements.count <= text.utf8.count, "more elements than bytes")
    let others = ForwardedElement.elements(ofXForwardedFor: text, host: text, proto: text)
    precondition(others.count <= text.utf8.count && others.allSatisfy { $0.host != nil })
}

private func checkContentDisposition(_ text: String) {
    let disposition = ContentDisposition.attachment(named: text)
    let header = disposition.description.utf8
    precondition(header.allSatisfy { $0 == .space || $0.isVisible }, "a byte that is not visible")
    let quotes = header.count { $0 == .quote }
    precondition(quotes == 2 && !header.contains(.backslash), "an escape")
    let name = disposition.fileName ?? ""
    precondition(!name.isEmpty && !name.utf8.contains(.slash), "a path")
    precondition(ContentDisposition.attachment(named: name).fileName == name, "another name")
}
