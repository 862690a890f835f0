package import HTTPTypes
package import SpoorHTTP

/// The framing of a request, and the effects of its headers on the connection.
///
/// It is created before anything is sent, and rejects headers that cannot be framed or would contradict the framing.
/// No header is dropped silently: each is sent as it is, or the request is rejected.
package struct RequestDirectives: Sendable, Equatable {
    /// The framing of the message.
    package let framing: MessageFraming
    /// Whether `Connection: close` is set: the connection is not reused (RFC 9112 §9.6).
    package private(set) var closes = false
    /// Whether `Connection: upgrade` and `Upgrade` are set: another protocol is requested (RFC 9110 §7.8).
    package private(set) var upgrades = false
    /// Whether `Expect: 100-continue` is set: the body waits for `100 Continue` (RFC 9110 §10.1.1).
    package private(set) var expectsContinue = false
    /// Whether the caller has set `User-Agent`.
    package private(set) var hasUserAgent = false
    /// The index of the `Host` header, if there is one.
    private(set) var hostIndex: Int?
    /// Whether `TE` is set without `Connection: TE`, which it requires (RFC 9110 §10.1.4).
    private(set) var lacksTEOption = false

    /// Creates the directives of a request, in one pass over its headers.
    ///
    /// - Parameters:
    ///   - bodyLength: The length of the body; `.unknown` is sent chunked, which only an HTTP/1.1 server supports.
    /// - Throws: The reason why the request must not be sent.
    package init(
        _ method: HTTPRequest.Method, bodyLength: Request.BodyLength, headers: borrowing Headers
    ) throws(RequestSerializingError) {
        framing = MessageFraming(length: try Self.length(method, bodyLength))
        guard !headers.entries.isEmpty else { return }
        let bytes = headers.bytes.span
        var (hasTE, hasTEOption, hasUpgrade, hasUpgradeOption) = (false, false, false, false)
        for index in headers.entries.indices {
            let entry = headers.entries[index]
            let start = entry.name.lowerBound
            switch entry.nameCount {
            case 2 where bytes.isToken("te", at: start): hasTE = true
            case 4 where bytes.isToken("host", at: start): try recordHost(bytes, entry, index)
            case 6 where bytes.isToken("expect", at: start): recordExpectation(bytes, entry.value)
            case 7 where bytes.isToken("upgrade", at: start): hasUpgrade = true
            case 10 where bytes.isToken("user-agent", at: start): hasUserAgent = true
            case 10 where bytes.isToken("connection", at: start):
                let options = try Self.options(bytes, entry.value)
                closes = closes || options.contains(.close)
                hasUpgradeOption = hasUpgradeOption || options.contains(.upgrade)
                hasTEOption = hasTEOption || options.contains(.te)
            case 10 where bytes.isToken("keep-alive", at: start): throw .keepAliveHeader
            case 14 where bytes.isToken("content-length", at: start): throw .contentLengthHeader
            case 17 where bytes.isToken("transfer-encoding", at: start):
                throw .transferEncodingHeader
            default: break
            }
        }
        guard hasUpgrade == hasUpgradeOption else { throw .upgradeIncomplete }
        guard hasTE || !hasTEOption else { throw .connectionOption("TE") }
        upgrades = hasUpgrade
        lacksTEOption = hasTE && !hasTEOption
        // RFC 9110 §10.1.1: there is no body that could wait.
        guard !expectsContinue || hasBody else { throw .expectationWithoutBody }
    }

    /// Whether there is at least one byte of body, as far as is known.
    package var hasBody: Bool {
        switch framing.length {
        case .none, .bytes(0), .untilClose: false
        case .bytes, .chunked: true
        }
    }

    private static func length(
        _ method: HTTPRequest.Method, _ bodyLength: Request.BodyLength
    ) throws(RequestSerializingError) -> MessageFraming.Length {
        // RFC 9110 §9.3.8.
        guard method != .trace || bodyLength == .none else { throw .traceWithBody }
        switch bodyLength {
        case .bytes(let count):
            guard count >= 0 else { throw .lengthNegative(count) }
            return .bytes(count)
        case .unknown: return .chunked
        // RFC 9110 §8.6: sent explicitly for methods that usually have a body.
        case .none: return method == .post || method == .put || method == .patch ? .bytes(0) : .none
        }
    }

    private mutating func recordHost(
        _ bytes: Span<UInt8>, _ entry: Headers.Entry, _ index: Int
    ) throws(RequestSerializingError) {
        guard hostIndex == nil else { throw .hostRepeated }
        guard AuthorityGrammar.isValid(bytes, entry.value) else { throw .authorityInvalid }
        hostIndex = index
    }

    private mutating func recordExpectation(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var elements = ListElements(value)
        while let element = elements.next(bytes) {
            if element.count == 12, bytes.isToken("100-continue", at: element.lowerBound) {
                expectsContinue = true
            }
        }
    }

    /// Returns the options of a `Connection` header, all of which must be supported (RFC 9110 §7.6.1).
    private static func options(
        _ bytes: Span<UInt8>, _ value: Range<Int>
    ) throws(RequestSerializingError) -> ConnectionOptions {
        var options = ConnectionOptions()
        var elements = ListElements(value)
        while let element = elements.next(bytes) {
            let option = ConnectionOptions.option(bytes, element)
            guard !option.isEmpty else {
                throw .connectionOption(
                    String(decoding: element.map { bytes[$0] }, as: UTF8.self))
            }
            options.formUnion(option)
        }
        return options
    }
}
