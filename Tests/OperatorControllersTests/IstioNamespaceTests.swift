import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing

@testable import OperatorControllers

/// What an uninstall removes lies where the install put it.
@Suite struct IstioNamespaceTests {
    @Test(
        arguments: [
            [:], ["namespace": "mesh"], ["values": ["global": ["istioNamespace": "mesh"]]],
            ["namespace": "a", "values": ["global": ["istioNamespace": "b"]]], ["profile": "demo"],
        ] as [JSONValue])
    func isWhereItIsInstalled(_ spec: JSONValue) throws {
        let iop = IstioOperator(
            UnstructuredObject([
                "apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator",
                "metadata": ["name": "mesh", "namespace": "elsewhere"], "spec": spec,
            ]))
        #expect(try iop.istioNamespace == rendered(spec).istioNamespace)
    }
}
