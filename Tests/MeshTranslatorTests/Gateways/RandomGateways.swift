import KubernetesModel
import MeshTesting
import MeshTranslator
import Testing

/// Changes of Gateways, Ingresses and their classes.
enum RandomGateways {
    static func change(
        in namespace: String, isRemoval: Bool, _ generator: inout SeededGenerator
    ) throws -> ObjectChange {
        func pick(_ words: String...) -> String { words.randomElement(using: &generator) ?? "" }
        let name = pick("g", "h")
        let yaml: String
        switch Int.random(in: 0..<5, using: &generator) {
        case 0, 1:
            let server = pick(
                "{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}",
                "{port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.com], tls: {mode: SIMPLE, credentialName: c}}",
                "{port: {number: 443, name: tls, protocol: TLS}, hosts: [./b.com], tls: {mode: PASSTHROUGH}}")
            yaml = """
                {apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: \(name), namespace: \(namespace)},
                 spec: {selector: {istio: ingressgateway}, servers: [\(server)]}}
                """
        case 2, 3:
            yaml = """
                {apiVersion: networking.k8s.io/v1, kind: Ingress,
                 metadata: {name: \(name), namespace: \(namespace), annotations: {\(pick("", "kubernetes.io/ingress.class: istio"))}},
                 spec: {\(pick("", "ingressClassName: x,")) rules: [{host: \(pick("a.com", "b.com")), http: {paths: [
                   {path: \(pick("/", "/a", "''")), pathType: \(pick("Prefix", "Exact", "Never")),
                    backend: {service: {name: s, port: {\(pick("number: 80", "name: http", "number: 0"))}}}}]}}]}}
                """
        default:
            yaml = """
                {apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: x},
                 spec: {controller: \(pick("istio.io/ingress-controller", "example.com/other"))}}
                """
        }
        let document = try #require(JSONValue.documents(yaml: yaml).first)
        let object = ConfigurationObject(UnstructuredObject(document))
        return .configuration(object.reference, isRemoval ? nil : object)
    }
}
