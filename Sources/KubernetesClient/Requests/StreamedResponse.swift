import AsyncHTTPClient
import NIOCore

/// An answer that is read bit by bit.
struct StreamedResponse: AnswerWithStatus {
    var status: Int
    var retryAfter: String?
    /// What an error answer said.
    var errorBody: ByteBuffer
    /// Nil for an error answer.
    var body: HTTPClientResponse.Body?

    func error(of call: Call) -> APIError {
        APIError(status: status, body: errorBody.readableBytesView, retryAfter: retryAfter, request: call.subject)
    }
}
