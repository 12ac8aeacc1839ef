import CertificateService
import ControllerRuntime
import KubernetesClient
import KubernetesModel
import Logging
import SidecarInjector

/// Follows whom the proxies of each namespace have to run as, where the platform dictates that.
struct NamespaceAccounts: Sendable {
    private let store = Store<ObservedNamespace>()
    private let reflector: Reflector<ObservedNamespace>

    /// - Parameter take: Told the account of a namespace, nil if that has none.
    init(
        client: KubernetesClient, logger: Logger,
        take: @escaping @Sendable (_ account: ProxyAccount?, _ namespace: String) -> Void
    ) {
        store.onChange { change in
            switch change {
            case .stored(_, let namespace):
                take(ProxyAccount(namespaceAnnotations: namespace.metadata.annotations), namespace.key.name)
            case .removed(let namespace): take(nil, namespace.key.name)
            }
        }
        reflector = Reflector(
            .namespaces, reader: .decodable(ObservedNamespace.self), into: store, client: client, logger: logger)
    }

    func run() async throws { try await reflector.run() }

    func waitUntilSynced() async { await store.waitUntilSynced() }
}
