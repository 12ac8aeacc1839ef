import Authentication
package import DiscoveryServer
import GRPCCore
import MeshModel
import Observability
package import XDSServer

/// Answers xDS requests of type `istio.io/debug`, as istioctl sends them: the name of a resource is a page with its
/// query, such as `config_dump?proxyID=a.default`, and the resource is what HTTP would answer. `istio.io/debug/syncz`
/// answers in Envoy's messages, which `istioctl proxy-status` reads, and so does `istio.io/debug/config_dump`, named after
/// a proxy (`a.default`).
///
/// Only for clients that have proven to be workloads of the control plane's own namespace. Other workloads may ask what a
/// proxy of their own namespace is to have.
package struct DebugQuestions: QuestionAnswering {
    private let debugging: ControlPlaneDebugging
    private let site: DebugSite

    package init(_ debugging: ControlPlaneDebugging, site: DebugSite) {
        self.debugging = debugging
        self.site = site
    }

    package func answers(_ typeURL: TypeURL) -> Bool {
        typeURL == .debug || typeURL == .debugSync || typeURL == .debugConfigDump
    }

    package func answer(_ question: DiscoveryQuestion) async throws -> DiscoveryAnswer {
        let identities = question.client.identity.names
        guard !identities.isEmpty else {
            throw RPCError(
                code: .unauthenticated,
                message: "\(question.typeURL) is answered to authenticated clients alone: connect to the TLS port")
        }
        let namespaces = Set(identities.compactMap { SPIFFEIdentity($0)?.workload.namespace })
        guard namespaces.contains(site.namespace) || question.proxyNamespace.map(namespaces.contains) == true else {
            throw RPCError(
                code: .permissionDenied,
                message: "\(identities.joined(separator: ", ")) may not ask for \(question.typeURL): only workloads of "
                    + "namespace \(site.namespace) may; others may ask for config_dump, edsz, ecdsz and ndsz of a proxy of "
                    + "their own namespace, as ?proxyID=POD.NAMESPACE")
        }
        switch question.typeURL {
        case .debugSync: return try debugging.clientConfigurations()
        case .debugConfigDump: return try await debugging.configurationDump(of: question.names)
        default:
            guard question.names.count == 1, let name = question.names.first else {
                throw RPCError(
                    code: .invalidArgument,
                    message:
                        "\(question.names.count) pages are asked for: ask for one, such as syncz; list tells which "
                        + "there are")
            }
            return DiscoveryAnswer([Resource(name: name, body: await debugging.answer(target: name).bytes)])
        }
    }
}

extension DiscoveryQuestion {
    /// Whose namespace the question is about, if all that it is about is what one proxy is to have.
    fileprivate var proxyNamespace: String? {
        guard names.count == 1, let name = names.first else { return nil }
        if typeURL == .debugConfigDump { return Self.namespace(ofProxy: name) }
        guard typeURL == .debug else { return nil }
        let page = HTTPRequestView(method: "GET", target: name)
        guard ["config_dump", "edsz", "ecdsz", "ndsz"].contains(page.path) else { return nil }
        return page.queryValue("proxyID").flatMap(Self.namespace(ofProxy:))
    }

    /// Of `POD.NAMESPACE`, or of a node id that holds it.
    private static func namespace(ofProxy name: String) -> String? {
        let parts = name.split(separator: "~", omittingEmptySubsequences: false)
        let named = parts.count == 4 ? parts[2] : Substring(name)
        return named.lastIndex(of: ".").map { String(named[named.index(after: $0)...]) }
    }
}
