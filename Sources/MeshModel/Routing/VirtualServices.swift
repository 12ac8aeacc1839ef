package import KubernetesModel

/// All VirtualServices, by name.
package struct VirtualServices: Hashable, Sendable, ConfigurationTable {
    package private(set) var all: [ObjectKey: VirtualService] = [:]
    /// How many have rules that look at a label of the client.
    private var labelKeys: [String: Int] = [:]
    /// Those that a gateway applies.
    private var byGateway: [String: Set<ObjectKey>] = [:]

    package init() {}

    package static func == (left: VirtualServices, right: VirtualServices) -> Bool { left.all == right.all }
    package func hash(into hasher: inout Hasher) { all.hash(into: &hasher) }

    package var isEmpty: Bool { all.isEmpty }

    /// Labels by which rules tell clients apart.
    package var clientLabelKeys: Set<String> { Set(labelKeys.keys) }

    package subscript(_ name: ObjectKey) -> VirtualService? {
        get { all[name] }
        set {
            if let old = all[name] { forget(old, at: name) }
            all[name] = newValue
            for key in newValue?.clientLabelKeys ?? [] { labelKeys[key, default: 0] += 1 }
            guard let newValue, !newValue.isDelegate else { return }
            for gateway in newValue.gateways { byGateway[gateway, default: []].insert(name) }
        }
    }

    /// Those that a gateway applies, or sidecars, in no order; without those that others delegate to.
    package func applied(by gateway: String) -> [VirtualService] {
        (byGateway[gateway] ?? []).compactMap { all[$0] }
    }

    private mutating func forget(_ old: VirtualService, at name: ObjectKey) {
        for key in old.clientLabelKeys {
            let count = labelKeys[key, default: 0] - 1
            labelKeys[key] = count > 0 ? count : nil
        }
        for gateway in old.gateways {
            byGateway[gateway]?.remove(name)
            if byGateway[gateway]?.isEmpty ?? false { byGateway[gateway] = nil }
        }
    }
}
