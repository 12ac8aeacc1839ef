import EnvoyAPI
import FoundationEssentials
import MeshModel
import SwiftProtobuf

extension Envoy_Config_Route_V3_RedirectAction {
    /// - Parameters:
    ///   - calledPort: The port that requests come to.
    ///   - endsTLS: They come to it by TLS, which ends there.
    init(_ redirect: HTTPRedirect, calledPort: Int, endsTLS: Bool) {
        self.init()
        hostRedirect = redirect.authority ?? ""
        switch redirect.path {
        case nil: break
        case .whole(let path): pathRedirect = path
        case .prefix(let prefix): prefixRewrite = prefix
        }
        if let scheme = redirect.scheme { schemeRedirect = scheme }
        let port =
            switch redirect.port {
            case .number(let number): number
            case .ofRequest: calledPort
            case .ofProtocol, nil: 0
            }
        // The port that a scheme stands for is not written.
        let scheme = redirect.scheme ?? (endsTLS ? "https" : "http")
        if (scheme, port) != ("http", 80), (scheme, port) != ("https", 443) { portRedirect = UInt32(clamping: port) }
        responseCode =
            switch redirect.status {
            case 302: .found
            case 303: .seeOther
            case 307: .temporaryRedirect
            case 308: .permanentRedirect
            default: .movedPermanently
            }
    }
}

extension Envoy_Config_Route_V3_DirectResponseAction {
    init(_ response: DirectResponse) {
        self.init()
        status = UInt32(clamping: response.status)
        switch response.body {
        case nil: break
        case .text(let text): body.inlineString = text
        case .bytes(let bytes): body.inlineBytes = Data(bytes)
        }
    }
}
