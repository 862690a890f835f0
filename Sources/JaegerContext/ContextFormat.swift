/// A way in which contexts travel that Spoor does not bring along: yours.
///
/// It is asked as one of the formats of a ``Propagation``, in its place in the list. It must not
/// wait, and what it is given comes from the network: of any length that a message may have.
public protocol ContextFormat: Sendable {
    /// The names of the fields that it reads, in lower case.
    ///
    /// One that ends in `*` stands for all names that begin so; through an `Extractor`, which
    /// cannot list names, such fields stay unseen.
    var fieldNames: [String] { get }

    /// Reads the fields of a message that have its names, in their order; never called with none.
    func extract(from fields: [ReceivedField]) -> ContextReading

    /// Writes a context, which need not have a valid trace, by setting fields.
    ///
    /// Names are tokens in lower case, values visible characters of ASCII.
    func inject(_ context: SpanContext, setField: (_ name: String, _ value: String) -> Void)
}

/// A field as it came.
public struct ReceivedField: Hashable, Sendable {
    /// The name, in lower case.
    public let name: String
    /// The value without blanks around it; bytes that are no UTF-8 are replaced.
    public let value: String

    /// Makes a field.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// What a ``ContextFormat`` made of the fields of a message.
public enum ContextReading: Hashable, Sendable {
    /// There is nothing of the kind: the next format is used.
    case absent
    /// There is something that cannot be read: it is counted, and the next format is used.
    case malformed
    /// What came: a trace, a decision on sampling without one, or baggage alone.
    case context(SpanContext)
}
