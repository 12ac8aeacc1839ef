import GRPCCore
import XDSServer

/// How a stream ended.
enum StreamEnd: Sendable {
    /// The client has no more requests.
    case finishedByClient
    /// The client or its connection is gone, or sent what cannot be read.
    case failed(any Error)
    /// The server ends it.
    case closed(CloseReason)
    /// The source of snapshots refused the client, or ended.
    case refused(RPCError)
    /// The server ends everything at once.
    case cancelled

    /// What the client is told; nil: all is well.
    var status: RPCError? {
        switch self {
        case .finishedByClient: nil
        case .failed(let error as RPCError): error
        case .failed(let error): RPCError(code: .internalError, message: "the stream broke", cause: error)
        case .closed(let reason): RPCError(code: reason.code, message: "\(reason)")
        case .refused(let error): error
        case .cancelled: RPCError(code: .unavailable, message: "the server ends: connect again")
        }
    }

    /// For log lines.
    var explanation: String {
        switch self {
        case .finishedByClient: "the client finished"
        case .failed(let error): "\(error)"
        case .closed(let reason): "\(reason)"
        case .refused(let error): error.message
        case .cancelled: "the server ends"
        }
    }
}

extension CloseReason {
    /// The gRPC status that tells it.
    var code: RPCError.Code {
        switch self {
        case .missingNode, .wrongVariant, .tooLong: .invalidArgument
        case .tooManyTypes, .tooManyNames, .tooManyRequests: .resourceExhausted
        case .acknowledgementTimeout: .deadlineExceeded
        case .maximumAge, .draining: .unavailable
        }
    }
}
