/// The JSON of Jaeger's query API, as decoded by a client.
struct ResponseRecord<Value: Decodable>: Decodable {
    struct Fault: Decodable, Equatable {
        let code: Int?
        let msg: String
        let traceID: String?
    }

    let data: Value?
    let total, limit, offset: Int
    let errors: [Fault]?
}

struct TraceRecord: Decodable, Equatable {
    struct Process: Decodable, Equatable {
        let serviceName: String
        let tags: [TagRecord]
    }

    let traceID: String
    let spans: [SpanRecord]
    let processes: [String: Process]
    let warnings: [String]?
}

struct SpanRecord: Decodable, Equatable {
    struct Reference: Decodable, Equatable {
        let refType, traceID, spanID: String
    }

    struct Log: Decodable, Equatable {
        let timestamp: UInt64
        let fields: [TagRecord]
    }

    let traceID, spanID: String
    let flags: Int?
    let operationName: String
    let references: [Reference]
    let startTime, duration: UInt64
    let tags: [TagRecord]
    let logs: [Log]
    let processID: String
    let warnings: [String]?
}

struct TagRecord: Decodable, Equatable {
    enum CodingKeys: CodingKey {
        case key, type, value
    }

    let key, type, text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        key = try container.decode(String.self, forKey: .key)
        type = try container.decode(String.self, forKey: .type)
        switch type {
        case "bool": text = String(try container.decode(Bool.self, forKey: .value))
        case "float64": text = String(try container.decode(Double.self, forKey: .value))
        case "int64":
            let number = try? container.decode(Int64.self, forKey: .value)
            text = try number.map { String($0) } ?? container.decode(String.self, forKey: .value)
        default: text = try container.decode(String.self, forKey: .value)
        }
    }
}
