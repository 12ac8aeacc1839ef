import KubernetesModel

/// A custom resource definition without its schemas: whose it is, and whether the API server serves it.
struct DefinitionHead: KubernetesObject {
    var metadata: ObjectMeta
    /// What the API server says of it.
    var conditions: [Condition]

    private struct Status: Decodable {
        var conditions: [DecodedCondition]?
    }

    private struct DecodedCondition: Decodable {
        var type: String
        var status: String
        var reason: String?
        var message: String?
    }

    private enum CodingKeys: String, CodingKey {
        case metadata, status
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try fields.decode(ObjectMeta.self, forKey: .metadata)
        let status = try fields.decodeIfPresent(Status.self, forKey: .status)
        conditions = (status?.conditions ?? []).compactMap { condition in
            Condition.Status(rawValue: condition.status).map {
                Condition(
                    type: condition.type, status: $0, reason: condition.reason ?? "",
                    message: condition.message ?? "", observedGeneration: 0)
            }
        }
    }
}
