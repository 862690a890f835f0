import FoundationEssentials
import JaegerTracing
import TestSupport

/// A body that a real client sent, and its contents according to an independent decoder.
struct GoldenBatch {
    let bytes: [UInt8]
    let decoded: Decoded

    /// The names of all bodies in Golden/.
    static let names = [
        "async-jaeger-batch25-1", "async-jaeger-batch25-2", "async-jaeger-batch25-3",
        "async-jaeger-defaultapi-1", "async-jaeger-longtag-1", "async-jaeger-minimal-1",
        "jaeger-client-go-1", "otel-jaeger-py-1",
    ]

    init(named name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Golden")
        bytes = [UInt8](try Data(contentsOf: folder.appending(path: "\(name).body")))
        decoded = try JSONDecoder().decode(
            Decoded.self,
            from: try Data(contentsOf: folder.appending(path: "\(name).decoded.json")))
    }

    struct Decoded: Decodable {
        let process: Process
        let spans: [Span]
    }

    struct Process: Decodable {
        let serviceName: String
        let tags: [TagRecord]?
    }

    struct Span: Decodable {
        let traceIdLow, traceIdHigh, spanId, parentSpanId: Int64
        let operationName: String
        let references: [Reference]?
        let flags: Int
        let startTime, duration: UInt64
        let tags: [TagRecord]?
        let logs: [Log]?
    }

    struct Reference: Decodable {
        let refType: Int
        let traceIdLow, traceIdHigh, spanId: Int64
    }

    struct Log: Decodable {
        let timestamp: UInt64
        let fields: [TagRecord]
    }

    struct TagRecord: Decodable {
        struct Hex: Decodable {
            let hex: String
        }

        let key: String
        let vType: Int
        let vStr: String?
        let vDouble: Double?
        let vBool: Bool?
        let vLong: Int64?
        let vBinary: Hex?

        var tag: SpanTag? {
            let value: TagValue? =
                switch vType {
                case 0: vStr.map(TagValue.string)
                case 1: vDouble.map(TagValue.double)
                case 2: vBool.map(TagValue.bool)
                case 3: vLong.map(TagValue.int)
                default: vBinary.map { .binary(TestSupport.bytes(hex: $0.hex)) }
                }
            return value.map { SpanTag(key, $0) }
        }
    }
}
