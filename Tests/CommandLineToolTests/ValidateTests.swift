import KubernetesModel
import Testing

@testable import CommandLineTool

/// What `apus validate` says about documents.
@Suite struct ValidateTests {
    private func lines(_ text: String) -> [String] {
        InputDocuments(text: text, of: "a.yaml").validated(kubernetesMinor: 30).map(\.description)
    }

    @Test func acceptsWhatIsFine() {
        #expect(lines(head + "  profile: minimal\n") == [])
        #expect(lines("# nothing\n---\n") == [])
    }

    @Test func goesThroughEveryDocument() {
        let text = """
            apiVersion: v1
            kind: Service
            metadata: {name: a, namespace: b}
            ---
            - 1
            ---
            kind: Gateway
            ---
            apiVersion: install.istio.io/v1beta1
            kind: IstioOperator
            ---
            apiVersion: install.istio.io/v1alpha1
            kind: IstioOprator
            ---
            apiVersion: install.istio.io/v1alpha1
            kind: IstioOperator
            spec:
              hubb: x
            """
        #expect(
            lines(text) == [
                "a.yaml: note: passed over, for there are no rules here: 1 Service",
                "a.yaml:5:1: error: a Kubernetes object is a map, but this is the list [1]",
                "a.yaml:7:1: error: Gateway (document 3): apiVersion: is required: it says by which rules this object "
                    + "is read",
                "a.yaml:9:1: error: IstioOperator (document 4): apiVersion: there is no version \"v1beta1\" of "
                    + "IstioOperator; known are install.istio.io/v1alpha1",
                "a.yaml:13:1: error: IstioOprator (document 5): kind: there is no IstioOprator in install.istio.io; did "
                    + "you mean IstioOperator?",
                "a.yaml:18:3: error: IstioOperator (document 6): spec.hubb: unknown field \"hubb\"; did you mean "
                    + "\"hub\"?",
            ])
    }

    @Test func notesKindsWithoutRulesOnce() {
        let objects = ["v1/Pod", "apps.v1/Deployment", "v1/Pod"].map { kind in
            let parts = kind.split(separator: "/")
            return "apiVersion: \(parts[0].replacing(".", with: "/"))\nkind: \(parts[1])\n"
        }
        #expect(
            lines(objects.joined(separator: "---\n")) == [
                "a.yaml: note: passed over, for there are no rules here: 2 Pod, 1 Deployment.apps"
            ])
    }

    @Test(arguments: [
        ("networking.istio.io/v1", "AuthorizationPolicy", "apiVersion: there is no AuthorizationPolicy in "),
        ("security.istio.io/v1", "PeerAuthentification", "kind: there is no PeerAuthentification in security.istio.io"),
        ("networking.istio.io/v1alpha5", "VirtualService", "apiVersion: there is no version \"v1alpha5\""),
    ])
    func namesTheRightKind(_ apiVersion: String, _ kind: String, _ message: String) {
        let found = lines("apiVersion: \(apiVersion)\nkind: \(kind)\nmetadata: {name: a}\n")
        #expect(found.count == 1)
        #expect(found.first?.contains(message) == true, "\(found)")
    }

    @Test func checksConfigurationKinds() {
        #expect(
            lines("apiVersion: networking.istio.io/v1\nkind: VirtualService\nspec:\n  host: [a]\n").map {
                $0.prefix { $0 != ";" }
            } == [
                "a.yaml:1:1: error: VirtualService: metadata.name: is required",
                "a.yaml:3:1: error: VirtualService: spec: has no rules: one of http, tls and tcp is required",
                "a.yaml:4:3: error: VirtualService: spec.host: unknown field \"host\"",
            ])
    }

    /// Whoever applies the file may change them.
    @Test func doubtsNamesThatNoServerTakes() {
        let text = """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: Strict_All, namespace: my.shop, labels: {app: a, "a b": c, x: "-"}}
            """
        let found = lines(text)
        #expect(found.allSatisfy { $0.contains(" warning: ") })
        let paths = ["metadata.name: ", "metadata.namespace: ", #"metadata.labels["a b"]: "#, "metadata.labels.x: "]
        #expect(found.count == paths.count)
        for path in paths { #expect(found.contains { $0.contains(path) }, "\(path) in \(found)") }
    }

    @Test func saysWhereATextIsNoYAML() {
        #expect(
            lines("a: 1\na: 2\n") == [
                "a.yaml:2:1: error: not YAML: the key 'a' stands twice in one map, on line 1 and on line 2; remove one"
            ])
    }

    @Test func looksIntoLists() {
        let text = """
            apiVersion: v1
            kind: List
            items:
            - apiVersion: install.istio.io/v1alpha1
              kind: IstioOperator
              metadata: {name: a}
              spec:
                hub: a b
            """
        let found = lines(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("a.yaml:8:5: error: IstioOperator a: spec.hub: must be an image hub") == true)
    }

    /// Warnings alone are no reason to fail.
    @Test func warningsAreWarnings() throws {
        let found = try documents(head + "  tag: 1.10\n").flatMap { $0.findings(kubernetesMinor: 30) }
        #expect(found.map(\.severity) == [.warning])
        #expect(!found.hasErrors)
    }
}
