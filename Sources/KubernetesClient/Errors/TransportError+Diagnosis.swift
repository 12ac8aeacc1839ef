import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension TransportError {
    /// What kind of failure an error of the network stack is, and how to tell a person.
    static func diagnosis(of error: any Error, limits: ClientLimits) -> (Kind, String) {
        switch error {
        case let error as HTTPClientError: diagnosis(of: error, limits: limits)
        case let error as NIOConnectionError: (.unreachable, cause(of: error))
        case let error as TimeLimitExceeded: (.timedOut, "no complete answer within \(error.limit)")
        case ChannelError.connectTimeout: (.unreachable, "no connection within \(limits.connectTimeout)")
        case is ChannelError: (.interrupted, "the server closed the connection")
        case is HandshakeAnswer.Malformed: (.malformed, "\(error)")
        case is NIOTooManyBytesError: (.tooLarge, "more than \(limits.responseBytes >> 20) MiB")
        case NIOSSLError.uncleanShutdown: (.interrupted, "the server closed the connection")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: (.untrusted, trustProblem(error))
        case let error as IOError: (kind(of: error), systemText(error.errnoCode))
        default: (.interrupted, text(of: error))
        }
    }

    /// Streams of HTTP/2 that the server resets come as a type of a module that is not imported here.
    private static func text(of error: any Error) -> String {
        let text = "\(error)"
        return text.hasPrefix("StreamClosed(") ? "the server broke off its answer" : text
    }

    private static func diagnosis(of error: HTTPClientError, limits: ClientLimits) -> (Kind, String) {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout:
            (.unreachable, "no connection within \(limits.connectTimeout)")
        case .tlsHandshakeTimeout: (.unreachable, "no TLS handshake within \(limits.connectTimeout)")
        case .deadlineExceeded: (.timedOut, "no answer within \(limits.requestTimeout)")
        case .remoteConnectionClosed, .cancelled: (.interrupted, "the server closed the connection")
        case .invalidURL, .emptyHost, .emptyScheme: (.unreachable, "the address is no URL")
        default: (.interrupted, error.shortDescription)
        }
    }

    private static func kind(of error: IOError) -> Kind {
        switch error.errnoCode {
        case ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL: .unreachable
        default: .interrupted
        }
    }

    private static func cause(of error: NIOConnectionError) -> String {
        if let attempt = error.connectionErrors.first {
            if let system = attempt.error as? IOError { return systemText(system.errnoCode) }
            return "\(attempt.error)"
        }
        if error.dnsAError != nil || error.dnsAAAAError != nil { return "there is no host \(error.host)" }
        return "no connection to \(error.host):\(error.port)"
    }

    private static func systemText(_ code: CInt) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text).lowercased()
    }

    private static func trustProblem(_ error: any Error) -> String {
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return "its certificate is not signed by a trusted root" }
        if text.contains("failedToValidateHostname") { return "its certificate is for another name" }
        return text
    }
}
