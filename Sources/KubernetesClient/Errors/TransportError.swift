/// The API server could not be reached, or did not finish its answer.
package struct TransportError: Error, Hashable, Sendable {
    /// How it failed, as far as a caller cares.
    package enum Kind: String, Hashable, Sendable {
        /// No connection: refused, no route, name not found, connect time-out. The server has not seen the request.
        case unreachable
        /// The TLS handshake failed. The server has not seen the request.
        case untrusted
        /// The connection broke or fell silent; the server may have acted on the request.
        case interrupted
        /// No answer within the request's time limit; the server may have acted on the request.
        case timedOut
        /// The answer is larger than the client takes in.
        case tooLarge
        /// The answer is not what the protocol says.
        case malformed
    }

    package var kind: Kind
    /// Base URL of the API server.
    package var server: String
    /// What was asked: `GET pods istio-system/istiod-0`.
    package var request: String
    /// What the layer below reported.
    package var cause: String

    package init(_ kind: Kind, server: String, request: String, cause: String) {
        self.kind = kind
        self.server = server
        self.request = request
        self.cause = cause
    }

    /// Whether the request certainly had no effect, so that even a create may be sent again.
    package var isBeforeSending: Bool { kind == .unreachable || kind == .untrusted }
}

extension TransportError: CustomStringConvertible {
    /// What was tried, what stopped it, what to check. One line.
    package var description: String {
        "\(request): \(happened) \(server): \(cause). \(advice)"
    }

    private var happened: String {
        switch kind {
        case .unreachable: "cannot reach the API server at"
        case .untrusted: "no trusted connection to the API server at"
        case .interrupted: "lost the connection to the API server at"
        case .timedOut: "no answer in time from the API server at"
        case .tooLarge: "too large an answer from the API server at"
        case .malformed: "cannot make sense of the answer of the API server at"
        }
    }

    private var advice: String {
        switch kind {
        case .unreachable: "Check that it runs and that the address in the kubeconfig is right"
        case .untrusted: "Check certificate-authority and tls-server-name in the kubeconfig"
        case .interrupted, .timedOut: "Check the API server's health and the network in between"
        case .tooLarge: "Ask for less, or page by page"
        case .malformed: "Check what stands between this program and the API server"
        }
    }
}
