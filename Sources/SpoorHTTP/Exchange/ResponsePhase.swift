/// How far a response is: what a handler may still do about it.
///
/// The transport decides it, which is the only one to set it; a server's transport takes it from the state of its connection.
package enum ResponsePhase: CaseIterable, Sendable {
    /// Nothing has been sent; head fields can still be set.
    case open
    /// The head has been sent, and the body is being written.
    case streaming
    /// All of the response is serialized, and its end waits for the kernel: it can no longer be replaced.
    case ending
    /// The response has been sent whole.
    case complete
}
