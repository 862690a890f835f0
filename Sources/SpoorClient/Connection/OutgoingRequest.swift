import SpoorHTTP
import SpoorHTTP1

/// A request as it is sent: its head as bytes, and its body unless that is written piece by piece.
///
/// It is made before a connection is asked for, so that what must not be sent costs no connection.
struct OutgoingRequest {
    /// The head.
    let head: [UInt8]
    /// The body; empty if it is streamed.
    let body: [UInt8]
    /// How it is framed, and what its fields ask for.
    let directives: RequestDirectives
    /// Whether the body is written piece by piece.
    let isStreamed: Bool

    init(
        _ request: ClientRequest, to target: RequestTarget, streamedLength: Request.BodyLength?,
        userAgent: Fields
    ) throws(ClientError) {
        let length: Request.BodyLength
        switch request.body {
        case .none: (body, length) = ([], .none)
        case .text(let text): (body, length) = (Array(text.utf8), .bytes(text.utf8.count))
        case .bytes(let bytes): (body, length) = (bytes, .bytes(bytes.count))
        }
        isStreamed = streamedLength != nil
        guard !isStreamed || length == .none else {
            throw .requestInvalid("it has a body of its own, and the closure would write another")
        }
        do throws(RequestSerializingError) {
            directives = try RequestDirectives(
                request.method, bodyLength: streamedLength ?? length, fields: request.fields)
            var output: [UInt8] = []
            try RequestSerializer.appendHead(
                request.method, target: target.path, authority: target.authority,
                fields: request.fields, directives, userAgent: userAgent, to: &output)
            head = output
        } catch {
            throw .requestInvalid("\(error)")
        }
        guard !directives.upgrades else {
            throw .requestInvalid(
                "the client cannot switch to another protocol: remove Upgrade and its option of Connection"
            )
        }
    }
}
