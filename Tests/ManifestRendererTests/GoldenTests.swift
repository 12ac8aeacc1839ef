import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing

@Suite struct GoldenTests {
    @Test func thereAreCases() {
        #expect(GoldenCase.all.count >= 9)
    }

    @Test(arguments: GoldenCase.all)
    func matchesGolden(_ golden: GoldenCase) throws {
        let text = goldenText(try golden.input())
        #expect(try golden.wanted(insteadOf: text) == text)
    }

    /// Rendering twice gives the same bytes, and the order in which maps were filled does not show.
    @Test(arguments: GoldenCase.all)
    func isDeterministic(_ golden: GoldenCase) throws {
        let input = try golden.input()
        let text = goldenText(input)
        for _ in 0..<3 { #expect(goldenText(input) == text) }

        var refilled = input
        refilled.spec.values = input.spec.values.map(refilledInReverse)
        refilled.spec.meshConfig = input.spec.meshConfig.map(refilledInReverse)
        refilled.spec.components.pilot?.k8s = input.spec.components.pilot?.k8s.map(refilledInReverse)
        for index in refilled.spec.components.ingressGateways.indices {
            let k8s = input.spec.components.ingressGateways[index].component.k8s
            refilled.spec.components.ingressGateways[index].component.k8s = k8s.map(refilledInReverse)
        }
        #expect(goldenText(refilled) == text)
    }

    /// Whatever is rendered, an operator with access to `renderedResources()` can apply it.
    @Test(arguments: GoldenCase.all)
    func rendersOnlyDeclaredKinds(_ golden: GoldenCase) throws {
        let declared = Set(renderedResources().map(\.groupVersionKind))
        guard let rendered = try? manifests(for: golden.input()) else { return }
        for manifest in rendered.manifests {
            #expect(declared.contains(manifest.object.groupVersionKind), "\(manifest.reference)")
        }
    }

    /// Every object says whose it is; shared ones say that they are nobody's; no object misses its namespace.
    @Test(arguments: GoldenCase.all)
    func everyObjectIsLabelled(_ golden: GoldenCase) throws {
        let input = try golden.input()
        guard let rendered = try? manifests(for: input) else { return }
        let scopes = Dictionary(
            renderedResources().map { ($0.groupVersionKind, $0.isNamespaced) }, uniquingKeysWith: { first, _ in first })
        for manifest in rendered.manifests {
            let labels = manifest.object.labels
            #expect(labels["operator.istio.io/managed"] == "Reconcile")
            let component = manifest.isShared ? Component.base : manifest.component
            #expect(labels["operator.istio.io/component"] == component.rawValue)
            #expect(labels["operator.istio.io/version"] == apusVersion)
            let owner = labels["install.operator.istio.io/owning-resource"]
            #expect(owner == (manifest.isShared ? "shared" : input.owner.name), "\(manifest.reference)")
            #expect((labels["istio.io/rev"] == nil) == manifest.isShared, "\(manifest.reference)")
            #expect(
                manifest.object.namespace.isEmpty == (scopes[manifest.object.groupVersionKind] == false),
                "\(manifest.reference)")
        }
    }
}

/// The same value, its maps filled anew from the last key to the first and with room to spare, so that they iterate in
/// another order.
private func refilledInReverse(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let fields):
        var refilled: [String: JSONValue] = [:]
        refilled.reserveCapacity(fields.count * 8 + 64)
        for (key, field) in fields.sorted(by: { $0.key > $1.key }) { refilled[key] = refilledInReverse(field) }
        return .object(refilled)
    case .array(let elements): return .array(elements.map(refilledInReverse))
    default: return value
    }
}
