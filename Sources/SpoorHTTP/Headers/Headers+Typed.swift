import HTTPTypes

/// Headers by name and type, as for the parameters of a query.
///
/// ```swift
/// let headers = exchange.request.headers
/// let quantity = try headers.require("X-Quantity", as: Int.self)
/// let since = try headers.get(.ifModifiedSince, as: HTTPDate.self)
/// ```
///
/// What is not valid is a ``Problem`` of status 400: see ``InputSource``. The properties for common headers, such as
/// ``Headers/contentType``, do not throw, except ``Headers/authorization``.
extension Headers: InputSource {
    /// Returns the values of the headers with a name, in order.
    public func inputTexts(of name: HeaderName) -> [String] { values(of: name) }

    /// Returns the header as a location.
    public func inputLocation(of name: HeaderName) -> Problem.Violation.Location {
        .header("\(name)")
    }
}
