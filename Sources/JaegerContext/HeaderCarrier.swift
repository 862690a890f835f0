/// A message whose fields can be read one after the other, as they are on the wire.
///
/// Unlike `Extractor` of swift-distributed-tracing it shows fields whose names are not known
/// beforehand (`uberctx-*`) and fields that occur more than once. Bytes are lent, not copied, so
/// that fields which mean nothing to tracing cost nothing.
public protocol HeaderCarrier {
    /// Calls the body for each field in the order of the message, repeated fields repeatedly.
    func forEachField(
        _ body: (_ name: Swift.Span<UInt8>, _ value: Swift.Span<UInt8>) -> Void)
}

/// A message onto which fields can be written.
public protocol HeaderWriter {
    /// Sets a field, in the place of all fields of that name.
    ///
    /// - Parameters:
    ///   - name: A token in lower case.
    ///   - value: Visible characters of ASCII; between them also spaces and tabs.
    mutating func setField(_ name: String, to value: String)

    /// Removes the fields whose names are stale: those of another context, before this one is
    /// written.
    ///
    /// By default nothing is removed: right for a message that is new.
    ///
    /// - Parameter isStale: Whether a field of that name, in any case, is to go.
    mutating func removeHeaders(where isStale: (_ name: Swift.Span<UInt8>) -> Bool)
}

extension HeaderWriter {
    /// Removes nothing.
    public mutating func removeHeaders(where isStale: (_ name: Swift.Span<UInt8>) -> Bool) {}
}
