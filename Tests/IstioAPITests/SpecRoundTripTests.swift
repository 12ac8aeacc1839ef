import IstioAPI
import KubernetesModel
import MeshTesting
import Testing

/// A spec that is written and read again is the same.
@Suite struct SpecRoundTripTests {
    @Test(arguments: 0..<300)
    func writtenIsRead(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let spec = IstioOperatorSpec.read(random.value(of: .istioOperatorSpec, faults: seed % 3 == 0)).spec
        #expect(IstioOperatorSpec.read(spec.json).spec == spec)
    }

    @Test func nothingIsWrittenOfDefaults() {
        #expect(IstioOperatorSpec().json == [:])
    }

    @Test func aGatewayKeepsItsName() {
        let spec = IstioOperatorSpec.read(["components": ["egressGateways": [["enabled": true]]]]).spec
        #expect(spec.json == ["components": ["egressGateways": [["enabled": true, "name": "istio-egressgateway"]]]])
    }
}
