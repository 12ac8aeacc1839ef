import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// Filters that routes have settings for.
enum RouteFilterNames {
    static let fault = "envoy.filters.http.fault"
    static let cors = "envoy.filters.http.cors"
    static let session = "envoy.filters.http.stateful_session"
}

extension FaultRule {
    var message: Envoy_Extensions_Filters_Http_Fault_V3_HTTPFault {
        .with {
            if let delay {
                $0.delay.fixedDelay = .init(delay.duration)
                $0.delay.percentage = .init(delay.share)
            }
            if let abort {
                $0.abort.percentage = .init(abort.share)
                switch abort.status {
                case .http(let status): $0.abort.httpStatus = UInt32(clamping: status)
                case .grpc(let status): $0.abort.grpcStatus = UInt32(clamping: status)
                }
            }
        }
    }
}

extension CORSRule {
    var message: Envoy_Extensions_Filters_Http_Cors_V3_CorsPolicy {
        .with {
            $0.allowOriginStringMatch = origins.map { .init($0) }
            $0.allowMethods = methods.joined(separator: ",")
            $0.allowHeaders = headers.joined(separator: ",")
            $0.exposeHeaders = exposedHeaders.joined(separator: ",")
            if let maxAge { $0.maxAge = "\(maxAge.components.seconds)" }
            if let allowsCredentials { $0.allowCredentials = .init(allowsCredentials) }
            $0.filterEnabled.defaultValue = .init(.all)
            $0.forwardNotMatchingPreflights = .init(forwardsUnmatchedPreflights)
        }
    }
}

extension Envoy_Type_V3_FractionalPercent {
    init(_ share: Share) {
        self.init()
        numerator = UInt32(clamping: share.millionths)
        denominator = .million
    }
}
