internal import KubernetesModel

/// A component with its place in the spec.
package struct ComponentPart: Hashable, Sendable {
    /// The field's name (`pilot`), or the gateway's own name.
    package var name: String
    /// Such as `spec.components.ingressGateways[0]`.
    package var path: String
    package var isGateway: Bool
    package var component: ComponentSpec
    /// The names of fields and the index that lead to it.
    fileprivate var field: String
    fileprivate var index: Int?

    /// This component as it was written in `spec`.
    func json(in spec: JSONValue) -> JSONValue? {
        let written = spec["components", field]
        guard let index else { return written }
        guard let elements = written?.array, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension IstioComponents {
    /// Every component that the spec lists, in the order of the field names.
    package var all: [ComponentPart] {
        let single: [(String, ComponentSpec?)] = [
            ("base", base), ("cni", cni), ("istiodRemote", istiodRemote), ("pilot", pilot), ("ztunnel", ztunnel),
        ]
        let parts = single.compactMap { name, component in
            component.map {
                ComponentPart(
                    name: name, path: "spec.components.\(name)", isGateway: false, component: $0, field: name)
            }
        }
        return parts + IstioComponents.parts(of: egressGateways, field: "egressGateways")
            + IstioComponents.parts(of: ingressGateways, field: "ingressGateways")
    }

    private static func parts(of gateways: [GatewaySpec], field: String) -> [ComponentPart] {
        gateways.enumerated().map { index, gateway in
            ComponentPart(
                name: gateway.name, path: FieldPath.element(index, of: "spec.components.\(field)"), isGateway: true,
                component: gateway.component, field: field, index: index)
        }
    }
}
