package import EnvoyAPI
import SwiftProtobuf

extension Envoy_Config_Route_V3_VirtualHost {
    /// One that takes every request, whatever its host and path.
    ///
    /// - Parameters:
    ///   - special: What goes before.
    ///   - route: What becomes of all others.
    package static func everything(
        after special: [Envoy_Config_Route_V3_Route] = [], _ route: (inout Envoy_Config_Route_V3_Route) -> Void
    ) -> Self {
        .with {
            $0.name = "all"
            $0.domains = ["*"]
            $0.routes =
                special + [
                    .with {
                        $0.match.prefix = "/"
                        route(&$0)
                    }
                ]
        }
    }
}

extension Envoy_Config_Route_V3_Route {
    /// Answers by itself.
    package mutating func answer(_ text: String = "", status: UInt32 = 200) {
        directResponse.status = status
        if !text.isEmpty { directResponse.body.inlineString = text }
    }
}
