package import JaegerTracing

/// What a backend says of an accepted request (`ExportTraceServiceResponse` of OTLP).
///
/// Spans that it rejects nevertheless are lost, and must not be sent again.
package struct OTLPExportResponse: Hashable, Sendable {
    /// How many spans were not accepted (`rejected_spans`); never below zero.
    package var rejectedSpanCount: Int64
    /// Why, in words for people; with no span rejected it is a warning (`error_message`).
    package var message: String

    /// Makes a response; without arguments, that of full success.
    package init(rejectedSpanCount: Int64 = 0, message: String = "") {
        self.rejectedSpanCount = rejectedSpanCount
        self.message = message
    }

    /// Decodes the body of a response; an empty one is full success.
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

    /// The body of the response; empty for full success.
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
