import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1

/// Logs rejected requests and creates their responses, in one place.
extension LoopServer {
    /// The maximum size of a body: a longer one is not sent by one write, and an event loop does not wait for
    /// rejected peers.
    private static let maxRejectionBytes = 16 << 10

    /// Returns the response to a rejected request, as the application defines it; logs and counts its status.
    ///
    /// - Parameter isCounted: Whether it counts as a rejection; false for what is counted elsewhere, such as a
    ///   timeout.
    func response(to rejected: RejectedRequest, isCounted: Bool = true) -> Response {
        let response = shapedResponse(to: rejected)
        if isCounted { countRejection(response.status.code, because: rejected.cause) }
        logger.debug("request rejected", metadata: rejected.logMetadata(response.status))
        return response
    }

    /// Logs and counts a rejected body to whose request the handler has responded itself.
    ///
    /// - Parameter status: The status that was sent; nil if none was.
    func logRejected(_ rejectedBody: RejectedRequest, sent status: HTTPResponse.Status?) {
        countRejection(status?.code ?? 0, because: rejectedBody.cause)
        logger.debug(
            "request body rejected, handler responded",
            metadata: rejectedBody.logMetadata(status))
    }

    /// Returns the application's response to a rejection, or the default if that cannot be sent.
    private func shapedResponse(to rejected: RejectedRequest) -> Response {
        guard let rejectionHandler else { return rejected.defaultResponse }
        var response = rejectionHandler(rejected)
        if !(400..<600).contains(response.status.code) { response.status = rejected.status }
        guard let fault = Self.fault(of: response) else { return response }
        var metadata = rejected.logMetadata(rejected.status)
        metadata["error"] = "\(fault)"
        logger.error(
            "invalid response of rejection handler, default sent",
            metadata: metadata)
        return rejected.defaultResponse
    }

    /// Returns why a response to a rejection cannot be sent; nil if it can.
    private static func fault(of response: Response) -> String? {
        guard response.body.count <= maxRejectionBytes else {
            return "the body is longer than 16 KiB"
        }
        guard response.stream == nil else { return "the body is a stream" }
        do throws(HeaderError) {
            try ResponseSerializer.check(response.headers, contentType: response.contentType)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Appends the whole response to a rejection; the connection closes after it.
    func append(
        _ rejected: RejectedRequest, isCounted: Bool = true, isHead: Bool = false,
        to output: inout [UInt8]
    ) {
        let response = response(to: rejected, isCounted: isCounted)
        let framing = MessageFraming(
            length: .bytes(response.body.count), sendsBody: !isHead, connection: .close)
        for name in framing.unsentHeaders(among: response.headers) {
            logger.debug(
                "framing header of response ignored",
                metadata: ["header": "\(name)", "id": "\(rejected.id)"])
        }
        do throws(HeaderError) {
            try ResponseSerializer.append(
                response.status, headers: response.headers, contentType: response.contentType,
                body: response.body, framing: framing, date: date, to: &output)
        } catch {
            // It was validated above.
            ResponseSerializer.appendRejection(
                rejected.status, isHead: isHead, date: date, to: &output)
        }
    }
}

extension RejectedRequest {
    /// Returns the metadata of the log line.
    ///
    /// - Parameter sentStatus: The status of the response; nil if none was sent.
    fileprivate func logMetadata(_ sentStatus: HTTPResponse.Status?) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "id": "\(id)", "peer": "\(connection.peer)", "cause": "\(cause)",
        ]
        if let sentStatus { metadata["status"] = "\(sentStatus.code)" }
        if let limit { metadata["limit"] = "\(limit)" }
        if let explanation { metadata["explanation"] = "\(explanation)" }
        if let request {
            metadata["method"] = "\(request.method.rawValue)"
            metadata["path"] = "\(request.path)"
        }
        return metadata
    }
}
