import JaegerTracing

/// `Batch` of jaeger.thrift as the whole of a body: bytes after its stop are ignored.
extension JaegerBatch {
    /// Decodes a body of `POST /api/traces`.
    ///
    /// One malformed span makes the whole body an error, since nothing behind it can be trusted.
    package init(thriftBytes bytes: [UInt8]) throws(ThriftError) {
        var reader = ThriftBinaryReader(bytes)
        try reader.refuseMessageEnvelope()
        self = try reader.batch()
    }
}

extension ThriftBinaryReader {
    fileprivate mutating func batch() throws(ThriftError) -> JaegerBatch {
        var process: TracedProcess?
        var spans: [FinishedSpan]?
        var sequenceNumber: Int64?
        var stats: ClientStats?
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .structure): process = try self.process()
            case (2, .list): spans = try self.spans(of: process ?? Self.unknownProcess)
            case (3, .int64): sequenceNumber = try int64()
            case (4, .structure): stats = try self.stats()
            default: try skip(field.type)
            }
        }
        let maker = try required(process, "Batch.process")
        var batch = JaegerBatch(
            process: maker,
            spans: try required(spans, "Batch.spans"),
            sequenceNumber: sequenceNumber,
            stats: stats
        )
        // Fields may come in any order, and twice: the last process made all spans.
        if let first = batch.spans.first, first.process !== maker {
            for index in batch.spans.indices {
                batch.spans[index].process = maker
            }
        }
        return batch
    }

    /// Stands for the process until it is read.
    private static let unknownProcess = TracedProcess(serviceName: "")

    private mutating func process() throws(ThriftError) -> TracedProcess {
        var serviceName: String?
        var tags: [Tag] = []
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .string): serviceName = try string()
            case (2, .list): tags = try self.tags()
            default: try skip(field.type)
            }
        }
        return TracedProcess(
            serviceName: try required(serviceName, "Process.serviceName"), tags: tags)
    }

    private mutating func stats() throws(ThriftError) -> ClientStats {
        var fullQueue: Int64?
        var tooLarge: Int64?
        var failedToEmit: Int64?
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .int64): fullQueue = try int64()
            case (2, .int64): tooLarge = try int64()
            case (3, .int64): failedToEmit = try int64()
            default: try skip(field.type)
            }
        }
        return ClientStats(
            fullQueueDroppedSpans: try required(fullQueue, "ClientStats.fullQueueDroppedSpans"),
            tooLargeDroppedSpans: try required(tooLarge, "ClientStats.tooLargeDroppedSpans"),
            failedToEmitSpans: try required(failedToEmit, "ClientStats.failedToEmitSpans")
        )
    }
}
