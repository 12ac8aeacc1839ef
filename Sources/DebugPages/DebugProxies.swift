import DiscoveryServer
import KubernetesModel
import XDSServer

extension DebugPage {
    @Sendable static func configDump(_ request: DebugRequest) async -> DebugAnswer {
        await ofProxy(request) { EnvoyDump.configurations($0) }
    }

    @Sendable static func edsz(_ request: DebugRequest) async -> DebugAnswer { await resources(.endpoint, request) }

    @Sendable static func ecdsz(_ request: DebugRequest) async -> DebugAnswer {
        await resources(.extensionConfig, request)
    }

    /// There is one table, or none.
    @Sendable static func ndsz(_ request: DebugRequest) async -> DebugAnswer {
        await ofProxy(request) { EnvoyDump.resources(.nameTable, $0).array?.first ?? ["table": [:]] }
    }

    private static func resources(_ type: TypeURL, _ request: DebugRequest) async -> DebugAnswer {
        await ofProxy(request) { EnvoyDump.resources(type, $0) }
    }

    private static func ofProxy(
        _ request: DebugRequest, _ content: (ResourceCache) -> JSONValue
    ) async -> DebugAnswer {
        switch request.namedProxy() {
        case .failure(let problem): return problem.answer
        case .success(let proxy):
            guard let cache = await request.state.resources(ofProxy: proxy.node.id) else {
                return .notFound("\(proxy.name) is connected, but nothing is made for it yet: ask again")
            }
            return .json(content(cache))
        }
    }
}
