package import Authentication
package import KubernetesModel
package import Logging
package import MeshModel
package import MeshTranslator
package import Metrics
import ServiceLifecycle

/// When which keys are fetched.
package typealias KeySetSchedule = FetchSchedule<KeySetSource>

/// Has the keys that RequestAuthentications need, and keeps them fresh.
package struct KeySetUpkeep: Service {
    private let upkeep: FetchUpkeep<KeySetSource, String>

    /// Istio's metrics of it.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("pilot_jwks_resolver_network_fetch_success_total", "Keys of tokens that were fetched.", nil),
        ("pilot_jwks_resolver_network_fetch_fail_total", "Keys of tokens that could not be fetched.", nil),
    ]

    /// - Parameters:
    ///   - metrics: Where counts go; by default the program's.
    ///   - take: Is told of keys that came, and (nil) of those that nobody wants any more.
    package init(
        _ fetcher: any KeySetFetching, timing: KeySetSchedule.Timing = .init(), logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory,
        take: @escaping @Sendable (ObjectChange, ObjectReference) -> Void
    ) {
        let fetched = Counter(label: "pilot_jwks_resolver_network_fetch_success_total", factory: metrics)
        let missed = Counter(label: "pilot_jwks_resolver_network_fetch_fail_total", factory: metrics)
        upkeep = FetchUpkeep(timing: timing) { source, timeout in
            let keys = try await fetcher.keySet(from: source, within: timeout)
            fetched.increment()
            return keys
        } failed: { source, error in
            missed.increment()
            logger.warning(
                "Cannot fetch the keys of tokens; those that came before stay, and without any all are refused",
                metadata: ["source": "\(source.name)", "error": "\(error)"])
        } tell: { source, keys in
            let reference = ObjectReference(
                GroupKind(group: "", kind: "JSONWebKeySet"), ObjectKey(namespace: "", name: source.name))
            take(.keySet(source, keys), reference)
        }
    }

    /// Takes over what the mesh wants from now on.
    package func want(_ wanted: [KeySetSource: Duration]) { upkeep.want(wanted) }

    package func run() async throws { try await upkeep.run() }
}

extension KeySetSource {
    /// For people.
    fileprivate var name: String {
        switch self {
        case .address(let address): address
        case .issuer(let issuer): "issuer \(issuer)"
        }
    }
}
