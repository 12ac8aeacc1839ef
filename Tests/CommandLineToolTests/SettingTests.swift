import IstioAPI
import KubernetesModel
import Testing

@testable import CommandLineTool

/// What `--set` makes of its arguments.
@Suite struct SettingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var spec: JSONValue
        var testDescription: String { arguments.joined(separator: " ") }

        init(_ arguments: String..., spec: JSONValue) { (self.arguments, self.spec) = (arguments, spec) }
    }

    static let cases = [
        Case("hub=docker.io/istio", "tag=1.10", spec: ["hub": "docker.io/istio", "tag": "1.10"]),
        Case("values.pilot.autoscaleMin=2", spec: ["values": ["pilot": ["autoscaleMin": 2]]]),
        Case("values.pilot.env.A=true", spec: ["values": ["pilot": ["env": ["A": true]]]]),
        Case("values.pilot.env.A=\"true\"", spec: ["values": ["pilot": ["env": ["A": "true"]]]]),
        Case("revision=1-20", "revision=7", spec: ["revision": "7"]),
        Case("meshConfig.enableTracing=yes", spec: ["meshConfig": ["enableTracing": true]]),
        Case("meshConfig.accessLogFile=", spec: ["meshConfig": ["accessLogFile": ""]]),
        Case("unvalidatedValues.a=yes", spec: ["unvalidatedValues": ["a": "yes"]]),
        Case("unvalidatedValues.a=007", spec: ["unvalidatedValues": ["a": "007"]]),
        Case("unvalidatedValues.a=1.50", spec: ["unvalidatedValues": ["a": "1.50"]]),
        Case(
            "meshConfig.defaultConfig.tracing.sampling=1.50",
            spec: ["meshConfig": ["defaultConfig": ["tracing": ["sampling": 1.5]]]]),
        Case("unvalidatedValues.a=b=c", spec: ["unvalidatedValues": ["a": "b=c"]]),
        Case("unvalidatedValues.a=b\\,c", spec: ["unvalidatedValues": ["a": "b,c"]]),
        Case("unvalidatedValues.a={b, 2,d\\,e}", spec: ["unvalidatedValues": ["a": ["b", 2, "d,e"]]]),
        Case("unvalidatedValues.a={}", spec: ["unvalidatedValues": ["a": []]]),
        Case("unvalidatedValues.a=[1, {b: c}]", spec: ["unvalidatedValues": ["a": [1, ["b": "c"]]]]),
        Case("unvalidatedValues.a={\"b\": 1}", spec: ["unvalidatedValues": ["a": ["b": 1]]]),
        Case("unvalidatedValues.a=null", spec: ["unvalidatedValues": ["a": nil]]),
        Case(
            "components.ingressGateways[name:front].enabled=true",
            "components.ingressGateways.[name:front].namespace=n",
            spec: ["components": ["ingressGateways": [["name": "front", "enabled": true, "namespace": "n"]]]]),
        Case(
            "components.pilot.k8s.nodeSelector.kubernetes\\.io/os=linux",
            spec: ["components": ["pilot": ["k8s": ["nodeSelector": ["kubernetes.io/os": "linux"]]]]]),
        Case(
            "components.pilot.k8s.nodeSelector.a=true",
            spec: ["components": ["pilot": ["k8s": ["nodeSelector": ["a": "true"]]]]]),
        Case(
            "unvalidatedValues.l[0].a=1", "unvalidatedValues.l[-1].a=2", "unvalidatedValues.l[1].b=3",
            spec: ["unvalidatedValues": ["l": [["a": 1], ["a": 2, "b": 3]]]]),
        Case("unvalidatedValues.l={a,b}", "unvalidatedValues.l[0]=null", spec: ["unvalidatedValues": ["l": ["b"]]]),
        Case(
            "unvalidatedValues.l={aa,bb}", "unvalidatedValues.l[:^b]=c",
            spec: ["unvalidatedValues": ["l": ["aa", "c"]]]),
    ]

    @Test(arguments: cases)
    func writesFields(_ example: Case) throws {
        let input = try OperatorInput([], try example.arguments.map { try Setting(parsing: $0) })
        #expect(input.object.json["spec"] == example.spec)
    }

    @Test(arguments: [
        ("hub", "--set hub: error: give path=value, such as --set hub=docker.io/istio"),
        ("=x", "--set =x: error: the path is empty"),
        ("a[=x", "--set a[=x: error: give path=value, such as --set hub=docker.io/istio"),
        ("a[b]=x", "--set a[b]=x: error: \"[b]\" in \"a[b]\" is none of [key:value], [:expression], [N] and [-1]"),
    ])
    func refusesWhatIsNoField(_ argument: String, _ message: String) throws {
        #expect(throws: InputFault.self) { _ = try Setting(parsing: argument) }
        do { _ = try Setting(parsing: argument) } catch { #expect(error.description == message) }
    }

    /// Every argument that cannot be followed is named.
    @Test func saysAllThatCannotBeSet() throws {
        let settings = try ["hub=x", "hub.a=1", "tag[0]=1", "values.l[3]=1", "values.l[:x]=1"].map {
            try Setting(parsing: $0)
        }
        let tag = try Setting(parsing: "tag=1")
        do {
            _ = try OperatorInput([], [tag] + settings)
            Issue.record("accepted")
        } catch {
            #expect(
                error.findings.map(\.description) == [
                    "--set hub.a=1: error: \"a\" is set in the string \"x\", which has no fields",
                    "--set tag[0]=1: error: [0] is looked for in the integer 1, but it needs a list",
                    "--set values.l[3]=1: error: there is no [3] in a list of 0; [-1] adds an element",
                    "--set values.l[:x]=1: error: no element of the list is [:x]",
                ])
        }
    }
}
