import KubernetesModel
import YAML

extension TemplateFunctions {
    /// To and from JSON and YAML.
    static let serialization: [String: TemplateFunction] = [
        "toYaml": yaml, "toYAML": yaml,
        "toJson": json, "toRawJson": json, "mustToJson": json,
        "toJSON": orEmptyMap, "structToJSON": orEmptyMap,
        "protoToJSON": TemplateFunction(1) { call throws(TemplateProblem) in
            TemplateValue(withoutProxyDefaults(try call.map(0)).jsonText)
        },
        "toPrettyJson": TemplateFunction(1) { call throws(TemplateProblem) in
            TemplateValue(call[0].json.prettyJSONText)
        },
        "toJsonMap": .from(0) { call throws(TemplateProblem) in
            var fields: [String: JSONValue] = [:]
            for index in call.arguments.indices { fields.merge(try call.map(index)) { _, new in new } }
            return TemplateValue(JSONValue.object(fields).jsonText)
        },
        "fromJSON": parsing, "fromJson": parsing, "mustFromJson": parsing,
        "fromYaml": TemplateFunction(1) { call throws(TemplateProblem) in
            do throws(YAMLError) {
                return TemplateValue(try JSONValue.documents(yaml: call.text(0)).first ?? .null)
            } catch {
                throw TemplateProblem("\(error)")
            }
        },
    ]

    private static let yaml = TemplateFunction(1) { call throws(TemplateProblem) in
        TemplateValue(yamlText(YAMLNode(call[0].json)))
    }

    private static let json = TemplateFunction(1) { call throws(TemplateProblem) in
        TemplateValue(call[0].json.jsonText)
    }

    private static let orEmptyMap = TemplateFunction(1) { call throws(TemplateProblem) in
        TemplateValue(call[0].json.isNull ? "{}" : call[0].json.jsonText)
    }

    private static let parsing = TemplateFunction(1) { call throws(TemplateProblem) in
        do throws(JSONSyntaxError) { return TemplateValue(try JSONValue(parsing: call.text(0))) } catch {
            throw TemplateProblem("\(error)")
        }
    }

    /// What of a ProxyConfig an agent does not know by itself.
    private static func withoutProxyDefaults(_ fields: [String: JSONValue]) -> JSONValue {
        .object(fields.filter { proxyDefaults[$0.key] != $0.value })
    }

    private static let proxyDefaults: [String: JSONValue] = [
        "configPath": "./etc/istio/proxy", "binaryPath": "/usr/local/bin/envoy", "serviceCluster": "istio-proxy",
        "drainDuration": "45s", "terminationDrainDuration": "5s", "proxyAdminPort": 15000,
        "controlPlaneAuthPolicy": "MUTUAL_TLS", "discoveryAddress": "istiod.istio-system.svc:15012",
        "statNameLength": 189, "statusPort": 15020, "interceptionMode": "REDIRECT", "proxyMetadata": [:],
        "tracing": ["zipkin": ["address": "zipkin.istio-system:9411"]],
    ]
}
