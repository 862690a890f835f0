package import JaegerTracing

/// The response of a backend to an accepted request (`ExportTraceServiceResponse` of OTLP).
///
/// Spans that it rejected are lost, and must not be sent again.
package struct OTLPExportResponse: Hashable, Sendable {
    /// The number of spans that were rejected (`rejected_spans`); never negative.
    package var rejectedSpanCount: Int64
    /// The reason in plain language; if no span was rejected it is a warning (`error_message`).
    package var message: String

    /// Creates a response; without arguments, that of complete success.
    package init(rejectedSpanCount: Int64 = 0, message: String = "") {
        self.rejectedSpanCount = rejectedSpanCount
        self.message = message
    }

    /// Decodes the body of a response; an empty one means complete success.
    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self.init()
        var response = ProtobufReader(bytes)
        while let field = try response.field() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited):
                var partialSuccess = try response.message()
                try read(&partialSuccess)
            default: try response.skip(field.type)
            }
        }
    }

    private mutating func read(_ partialSuccess: inout ProtobufReader) throws(MalformedBytes) {
        while let field = try partialSuccess.field() {
            switch (field.number, field.type) {
            case (1, .varint):
                rejectedSpanCount = max(0, Int64(bitPattern: try partialSuccess.varint()))
            case (2, .lengthDelimited): message = try partialSuccess.string()
            default: try partialSuccess.skip(field.type)
            }
        }
    }

    /// The body of the response; empty for complete success.
    package var bytes: [UInt8] {
        let count = UInt64(clamping: rejectedSpanCount)
        let byteCount =
            ProtobufSize.optional(varint: count) + ProtobufSize.optional(string: message)
        guard byteCount > 0 else { return [] }
        return [UInt8](capacity: ProtobufSize.lengthDelimited(byteCount)) { output in
            output.append(field: 1, messageOf: byteCount)
            output.append(field: 1, optionalVarint: count)
            output.append(field: 2, optionalString: message)
        }
    }
}
