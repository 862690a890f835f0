/// By which fields trusted proxies tell who asked for what.
///
/// A proxy must set or remove all that are read: those that it only passes on may be made up by the client.
public enum ProxyFields: Sendable, Hashable {
    /// `X-Forwarded-For`, with `-Host` and `-Proto`, as most proxies have it; `Forwarded` where it is absent.
    case xForwardedFirst
    /// `X-Forwarded-For`, with `-Host` and `-Proto`, alone.
    case xForwarded
    /// `Forwarded` (RFC 7239) alone.
    case forwarded
}
