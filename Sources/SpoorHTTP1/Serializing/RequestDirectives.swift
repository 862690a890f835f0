package import HTTPTypes
package import SpoorHTTP

/// How a request is framed, and what the fields that its caller has set ask of the connection.
///
/// It is made before anything is sent, and refuses what cannot be framed or would contradict the framing. No field is left
/// out silently: each is sent as it is, or the request is refused.
package struct RequestDirectives: Sendable, Equatable {
    /// How the body ends.
    package let framing: MessageFraming
    /// `Connection: close`: the connection is not used again (RFC 9112 §9.6).
    package private(set) var closes = false
    /// `Connection: upgrade` beside `Upgrade`: another protocol is asked for (RFC 9110 §7.8).
    package private(set) var upgrades = false
    /// `Expect: 100-continue`: the body waits for `100 Continue` (RFC 9110 §10.1.1).
    package private(set) var expectsContinue = false
    /// Whether the caller has set `User-Agent`.
    package private(set) var hasUserAgent = false
    /// Which of the fields is `Host`, if there is one.
    private(set) var hostIndex: Int?
    /// `TE` without `Connection: TE`, which goes with it (RFC 9110 §10.1.4).
    private(set) var lacksTEOption = false

    /// Looks at each field once.
    ///
    /// - Parameters:
    ///   - bodyLength: `.unknown` is sent chunked, which only an HTTP/1.1 server understands.
    /// - Throws: Why the request must not be sent.
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
            case 4 where bytes.isToken("host", at: start): try noteHost(bytes, entry, index)
            case 6 where bytes.isToken("expect", at: start): noteExpectation(bytes, entry.value)
            case 7 where bytes.isToken("upgrade", at: start): hasUpgrade = true
            case 10 where bytes.isToken("user-agent", at: start): hasUserAgent = true
            case 10 where bytes.isToken("connection", at: start):
                let options = try Self.options(bytes, entry.value)
                closes = closes || options.contains(.close)
                hasUpgradeOption = hasUpgradeOption || options.contains(.upgrade)
                hasTEOption = hasTEOption || options.contains(.te)
            case 10 where bytes.isToken("keep-alive", at: start): throw .keepAliveField
            case 14 where bytes.isToken("content-length", at: start): throw .contentLengthField
            case 17 where bytes.isToken("transfer-encoding", at: start):
                throw .transferEncodingField
            default: break
            }
        }
        guard hasUpgrade == hasUpgradeOption else { throw .upgradeIncomplete }
        guard hasTE || !hasTEOption else { throw .connectionOption("TE") }
        upgrades = hasUpgrade
        lacksTEOption = hasTE && !hasTEOption
        // RFC 9110 §10.1.1: there is nothing that could be waited with.
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
        // RFC 9110 §8.6: said explicitly where a body would be usual.
        case .none: return method == .post || method == .put || method == .patch ? .bytes(0) : .none
        }
    }

    private mutating func noteHost(
        _ bytes: Span<UInt8>, _ entry: Headers.Entry, _ index: Int
    ) throws(RequestSerializingError) {
        guard hostIndex == nil else { throw .hostRepeated }
        guard AuthorityGrammar.isValid(bytes, entry.value) else { throw .authorityInvalid }
        hostIndex = index
    }

    private mutating func noteExpectation(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var elements = ListElements(value)
        while let element = elements.next(bytes) {
            if element.count == 12, bytes.isToken("100-continue", at: element.lowerBound) {
                expectsContinue = true
            }
        }
    }

    /// The options of a `Connection` field, each of which must be one that is heeded (RFC 9110 §7.6.1).
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
