import JaegerTracing

/// A batch as decoded by an independent library: JSON with the field names of jaeger.thrift.
struct ReadBatch: Decodable {
    let process: Process
    let spans: [Span]
    let seqNo: Int64?
    let stats: Stats?

    struct Process: Decodable, Equatable {
        let serviceName: String
        let tags: [Tag]?
    }

    struct Stats: Decodable, Equatable {
        let fullQueueDroppedSpans, tooLargeDroppedSpans, failedToEmitSpans: Int64
    }

    struct Span: Decodable, Equatable {
        let traceIdLow, traceIdHigh, spanId, parentSpanId: Int64
        let operationName: String
        var references: [Reference]?
        var flags: Int32
        let startTime, duration: Int64
        var tags: [Tag]?
        var logs: [Log]?
    }

    struct Reference: Decodable, Equatable {
        let refType: Int32
        let traceIdLow, traceIdHigh, spanId: Int64
    }

    struct Tag: Decodable, Equatable {
        var key: String
        var vType: Int32
        var vStr: String?
        var vDouble: Double?
        var vBool: Bool?
        var vLong: Int64?
        /// In hexadecimal digits.
        var vBinary: String?
    }

    struct Log: Decodable, Equatable {
        let timestamp: Int64
        let fields: [Tag]
    }
}

/// The expected result of the decoder, computed without the encoder.
extension ReadBatch.Span {
    init(_ span: FinishedSpan) {
        traceIdLow = Int64(bitPattern: span.traceID.low)
        traceIdHigh = Int64(bitPattern: span.traceID.high)
        spanId = Int64(bitPattern: span.spanID.value)
        parentSpanId = Int64(bitPattern: span.parentID?.value ?? 0)
        operationName = span.operationName
        references = span.references.map(ReadBatch.Reference.init)
        flags = Int32(span.flags.rawValue)
        startTime = Int64(span.startNanosecondsSinceEpoch / 1000)
        duration = Int64(span.durationNanoseconds / 1000)
        tags = span.tags.map(ReadBatch.Tag.init)
        logs = span.logs.map { log in
            ReadBatch.Log(
                timestamp: Int64(log.nanosecondsSinceEpoch / 1000),
                fields: log.fields.map(ReadBatch.Tag.init))
        }
    }

    /// The flags in OTLP: those of W3C, and Jaeger's debug flag as an attribute.
    mutating func takeW3CFlags(of span: FinishedSpan) {
        flags = (span.flags.contains(.sampled) ? 1 : 0) | (span.hasRandomTraceID ? 2 : 0)
        if span.flags.contains(.debug) {
            tags?.append(ReadBatch.Tag(SpanTag("jaeger.debug", true)))
        }
    }

    /// The same, with empty lists for absent ones, and tags in the order of their keys.
    var normalized: Self {
        var copy = self
        copy.references = references ?? []
        copy.tags = tags?.sorted { $0.key < $1.key } ?? []
        copy.logs = logs ?? []
        return copy
    }
}

extension ReadBatch.Reference {
    init(_ reference: SpanReference) {
        self.init(
            refType: reference.kind == .childOf ? 0 : 1,
            traceIdLow: Int64(bitPattern: reference.traceID.low),
            traceIdHigh: Int64(bitPattern: reference.traceID.high),
            spanId: Int64(bitPattern: reference.spanID.value))
    }
}

extension ReadBatch.Tag {
    init(_ tag: SpanTag) {
        self.init(key: tag.key, vType: 0)
        switch tag.value {
        case .string(let text): vStr = text
        case .double(let number): (vType, vDouble) = (1, number)
        case .bool(let truth): (vType, vBool) = (2, truth)
        case .int(let number): (vType, vLong) = (3, number)
        case .binary(let bytes): (vType, vBinary) = (4, bytes.hexDigits)
        case .array: vStr = tag.value.text
        }
    }
}
