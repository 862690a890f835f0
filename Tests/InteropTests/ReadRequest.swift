/// A request of OTLP as decoded by Google's protobuf library: JSON with the field names of protobuf, bytes as hexadecimal digits,
/// and values as texts with the names of their types.
struct ReadRequest: Decodable {
    let resourceSpans: [ResourceSpans]

    struct ResourceSpans: Decodable {
        let resource: Resource
        let scopeSpans: [ScopeSpans]
    }

    struct Resource: Decodable {
        let attributes: [KeyValue]
    }

    struct ScopeSpans: Decodable {
        let scope: Scope
        let spans: [Span]
    }

    struct Scope: Decodable {
        let name, version: String?
    }

    struct Span: Decodable {
        let traceId, spanId: String
        let parentSpanId, traceState, name: String?
        let kind: Int?
        let startTimeUnixNano, endTimeUnixNano: UInt64
        let attributes: [KeyValue]?
        let droppedAttributesCount, droppedEventsCount, droppedLinksCount: Int?
        let events: [Event]?
        let links: [Link]?
        let status: Status?
        let flags: UInt32?
    }

    struct Event: Decodable {
        let timeUnixNano: UInt64
        let name: String?
        let attributes: [KeyValue]?
    }

    struct Link: Decodable, Equatable {
        var traceId, spanId: String
        var traceState: String?
        var attributes: [KeyValue]?
        var flags: UInt32?
    }

    struct Status: Decodable, Equatable {
        let message: String?
        let code: Int?
    }

    struct KeyValue: Decodable, Equatable {
        let key: String
        let value: AnyValue

        init(_ key: String, _ type: String, _ text: String) {
            self.key = key
            value = AnyValue(type, text)
        }

        init(_ key: String, elements: [AnyValue]) {
            self.key = key
            value = AnyValue(type: "array_value", elements: elements)
        }

        init(_ key: String, _ texts: [String]) {
            self.init(key, elements: texts.map { AnyValue("string", $0) })
        }
    }

    struct AnyValue: Decodable, Equatable {
        let type: String
        var text: String?
        var elements: [AnyValue]?

        init(_ type: String, _ text: String) {
            self.type = type + "_value"
            self.text = text
        }

        init(type: String, elements: [AnyValue]) {
            self.type = type
            self.elements = elements
        }
    }
}

/// A trace in the JSON of Jaeger's query API, with the parts that tests check.
struct QueryResponse: Decodable {
    let data: [Trace]

    struct Trace: Decodable {
        let spans: [Span]
        let processes: [String: Process]
    }

    struct Process: Decodable {
        let serviceName: String
        let tags: [Tag]
    }

    struct Span: Decodable {
        let spanID, operationName: String
        let references: [Reference]
        let tags: [Tag]
        let logs: [Log]
    }

    struct Reference: Decodable {
        let refType, spanID: String
    }

    struct Log: Decodable {
        let fields: [Tag]
    }

    /// A tag with its value as text.
    struct Tag: Decodable, Equatable {
        enum CodingKeys: CodingKey {
            case key, value
        }

        let key, text: String

        init(_ key: String, _ text: String) {
            self.key = key
            self.text = text
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            key = try container.decode(String.self, forKey: .key)
            if let truth = try? container.decode(Bool.self, forKey: .value) {
                text = String(truth)
            } else if let number = try? container.decode(Int64.self, forKey: .value) {
                text = String(number)
            } else if let number = try? container.decode(Double.self, forKey: .value) {
                text = String(number)
            } else {
                text = try container.decode(String.self, forKey: .value)
            }
        }
    }
}
