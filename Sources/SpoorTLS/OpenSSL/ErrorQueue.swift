internal import CSpoorOpenSSL

/// OpenSSL's error queue of the current thread.
///
/// The queue is cleared before a call whose failure is examined, so that it never contains errors of another
/// connection.
enum ErrorQueue {
    /// Clears the queue.
    static func clear() {
        ERR_clear_error()
    }

    /// The number of the first reason if it is a reason of TLS; 0 if there is none, or if it is another library's,
    /// whose numbers have other meanings.
    ///
    /// Reasons that all libraries share, such as a lack of memory, keep their number.
    static var firstReason: Int32 {
        let code = ERR_peek_error()
        let reason = ERR_GET_REASON(code)
        let isShared =
            reason == Int32(ERR_R_MALLOC_FAILURE) || reason == Int32(ERR_R_INTERNAL_ERROR)
        return ERR_GET_LIB(code) == ERR_LIB_SSL || isShared ? reason : 0
    }

    /// The number of the last reason, 0 if there is none.
    static var lastReason: Int32 { ERR_GET_REASON(ERR_peek_last_error()) }

    /// Returns the reasons as text, the first cause first, and clears the queue.
    static func takeText() -> String {
        var reasons: [String] = []
        while case let code = ERR_get_error(), code != 0 {
            // A pointer to a constant of the library.
            if let text = unsafe ERR_reason_error_string(code) {
                let reason = unsafe String(cString: text)
                if reasons.last != reason { reasons.append(reason) }
            } else {
                reasons.append("error \(code)")
            }
        }
        return reasons.isEmpty ? "no reason given" : reasons.joined(separator: "; ")
    }
}
