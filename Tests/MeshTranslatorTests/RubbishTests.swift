import KubernetesModel
import MeshModel
import MeshTesting
import MeshTranslator
import Testing

@Suite struct RubbishTests {
    private static let objects = """
        apiVersion: v1
        kind: Service
        metadata: {name: a, namespace: b, labels: {x: y}, annotations: {networking.istio.io/exportTo: "."}}
        spec:
          type: ClusterIP
          clusterIP: 10.0.0.1
          clusterIPs: [10.0.0.1]
          selector: {x: y}
          sessionAffinity: ClientIP
          sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}
          ports: [{name: http, port: 80, targetPort: web, protocol: TCP, nodePort: 30000}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: a-1, namespace: b, labels: {kubernetes.io/service-name: a}}
        addressType: IPv4
        ports: [{name: http, port: 8080, protocol: TCP}]
        endpoints: [{addresses: [10.1.0.1], conditions: {ready: true}, targetRef: {kind: Pod, name: p, namespace: b}}]
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: p
          namespace: b
          labels: {istio-locality: r.z, pod-template-hash: h}
          ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: p-h, uid: u, controller: true}]
        spec: {nodeName: n, containers: [{ports: [{name: web, containerPort: 8080}]}]}
        status: {phase: Running, podIP: 10.1.0.1, podIPs: [{ip: 10.1.0.1}]}
        """

    private static let values: [JSONValue] = [
        .null, true, -1, 0, 9_223_372_036_854_775_807, 1e300, 0.5, "", "~", "\u{0}", "-", ["a"], [], [:], ["a": [1]],
    ]

    /// Any value anywhere: nothing traps, and the object is read, left out or told, while another one stands.
    @Test func anyValueAnywhereHarmsNoOther() throws {
        let good = try serviceObject(
            "{apiVersion: v1, kind: Service, metadata: {name: good, namespace: b}, spec: {clusterIP: 10.0.0.9}}")
        let objects = try JSONValue.documents(yaml: Self.objects)
        var tried = 0
        for (index, object) in objects.enumerated() {
            for path in paths(in: object) where path.first != .field("kind") && path.first != .field("apiVersion") {
                for value in Self.values {
                    var cluster = ClusterObjects()
                    cluster.apply(.service(good.metadata.key, good))
                    var changed = objects
                    changed[index] = replaced(object, at: path[...], with: value)
                    for object in changed { _ = cluster.add(UnstructuredObject(object)) }
                    let snapshot = MeshTranslation(cluster).snapshot
                    #expect(snapshot.services.values.contains { $0.name == "good" })
                    let ports = snapshot.endpoints.values.flatMap(\.endpoints).map(\.port)
                    #expect(ports.allSatisfy { (1...65535).contains($0) })
                    tried += 1
                }
            }
        }
        #expect(tried > 500)
    }

    private enum Step: Equatable {
        case field(String)
        case element(Int)
    }

    private func paths(in json: JSONValue) -> [[Step]] {
        switch json {
        case .object(let fields):
            fields.sorted { $0.key < $1.key }.flatMap { name, value in
                [[.field(name)]] + paths(in: value).map { [.field(name)] + $0 }
            }
        case .array(let elements):
            elements.enumerated().flatMap { index, value in
                [[.element(index)]] + paths(in: value).map { [.element(index)] + $0 }
            }
        default: []
        }
    }

    private func replaced(_ json: JSONValue, at path: ArraySlice<Step>, with value: JSONValue) -> JSONValue {
        guard let step = path.first else { return value }
        switch (step, json) {
        case (.field(let name), .object(var fields)):
            fields[name] = replaced(fields[name] ?? .null, at: path.dropFirst(), with: value)
            return .object(fields)
        case (.element(let index), .array(var elements)):
            elements[index] = replaced(elements[index], at: path.dropFirst(), with: value)
            return .array(elements)
        default: return json
        }
    }
}
