/// A message whose headers can be read one after the other, as bytes.
///
/// Unlike `Extractor` of swift-distributed-tracing it gives access to headers whose names are not known in advance
/// (`uberctx-*`) and to repeated headers. Bytes are borrowed, not copied, so that headers unrelated to tracing cost
/// nothing.
public protocol HeaderCarrier {
    /// Calls the body for each header in the order of the message; a repeated header is passed each time.
    func forEachHeader(
        _ body: (_ name: Swift.Span<UInt8>, _ value: Swift.Span<UInt8>) -> Void)
}

/// A message to which headers can be added.
public protocol HeaderWriter {
    /// Sets a header, replacing all headers of that name.
    ///
    /// - Parameters:
    ///     - name: A token in lower case.
    ///   - value: Visible ASCII characters; spaces and tabs are allowed between them.
    mutating func setHeader(_ name: String, to value: String)

    /// Removes the headers of another context before this one is written.
    ///
    /// The default implementation removes nothing, which is right for a new message.
    ///
    /// - Parameter isStale: Returns whether a header of that name, compared case-insensitively, must be removed.
    mutating func removeHeaders(where isStale: (_ name: Swift.Span<UInt8>) -> Bool)
}

extension HeaderWriter {
    /// Removes nothing.
    public mutating func removeHeaders(where isStale: (_ name: Swift.Span<UInt8>) -> Bool) {}
}
