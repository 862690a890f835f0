import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1

/// The one place where a rejected request gets its line in the log and its response.
extension LoopServer {
    /// A longer body does not leave in one write, and a loop does not wait for those it rejects.
    private static let rejectionBytesMax = 16 << 10

    /// Counts a rejection and logs it.
    func note(_ rejected: RejectedRequest) {
        noteRefusal(rejected.status, because: rejected.cause)
        log(rejected)
    }

    /// Logs a rejection that is counted elsewhere, such as a time-out.
    func log(_ rejected: RejectedRequest) {
        logger.debug("request rejected", metadata: rejected.logMetadata)
    }

    /// The response of a rejection, as the application shapes it.
    func response(to rejected: RejectedRequest) -> Response {
        guard let rejectionHandler else { return rejected.defaultResponse }
        var response = rejectionHandler(rejected)
        guard response.body.count <= Self.rejectionBytesMax else {
            logger.error(
                "the response of the rejection handler is longer than 16 KiB: the default is sent",
                metadata: rejected.logMetadata)
            return rejected.defaultResponse
        }
        if !(400..<600).contains(response.status.code) { response.status = rejected.status }
        return response
    }

    /// Adds the whole response of a rejection; the connection closes after it.
    func append(_ rejected: RejectedRequest, isHead: Bool = false, to output: inout [UInt8]) {
        let response = response(to: rejected)
        let framing = MessageFraming(
            length: .bytes(response.body.count), sendsBody: !isHead, connection: .close)
        do throws(FieldError) {
            try ResponseSerializer.append(
                response.status, fields: response.fields, contentType: response.contentType,
                body: response.body, framing: framing, date: date, to: &output)
        } catch {
            logger.error(
                "the response of the rejection handler cannot be sent: the default is",
                metadata: ["error": "\(error)"])
            ResponseSerializer.appendRefusal(
                rejected.status, isHead: isHead, date: date, to: &output)
        }
    }
}

extension RejectedRequest {
    /// What the log says of it.
    fileprivate var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "id": "\(id)", "peer": "\(connection.peer)", "status": "\(status.code)",
            "cause": "\(cause)",
        ]
        if let limit { metadata["limit"] = "\(limit)" }
        if let explanation { metadata["explanation"] = "\(explanation)" }
        if let request {
            metadata["method"] = "\(request.method.rawValue)"
            metadata["path"] = "\(request.path)"
        }
        return metadata
    }
}
