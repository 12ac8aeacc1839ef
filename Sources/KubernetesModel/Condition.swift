/// One entry of `status.conditions`, as in `metav1.Condition`.
package struct Condition: Hashable, Sendable {
    /// `True`, `False` or `Unknown`.
    package enum Status: String, Hashable, Sendable {
        case `true` = "True"
        case `false` = "False"
        case unknown = "Unknown"
    }

    package var type: String
    package var status: Status
    /// One CamelCase word.
    package var reason: String
    package var message: String
    /// RFC 3339, UTC, whole seconds: when `status` last changed.
    package var lastTransitionTime: String
    package var observedGeneration: Int64

    package init(
        type: String, status: Status, reason: String, message: String, lastTransitionTime: String = "",
        observedGeneration: Int64
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.lastTransitionTime = lastTransitionTime
        self.observedGeneration = observedGeneration
    }

    /// Reads a condition; nil if it has no type or no known status.
    package init?(_ json: JSONValue) {
        guard let type = json["type"]?.string, let status = (json["status"]?.string).flatMap(Status.init) else {
            return nil
        }
        self.init(
            type: type, status: status, reason: json["reason"]?.string ?? "",
            message: json["message"]?.string ?? "", lastTransitionTime: json["lastTransitionTime"]?.string ?? "",
            observedGeneration: json["observedGeneration"]?.integer ?? 0)
    }

    /// As it stands in an object.
    package var json: JSONValue {
        [
            "type": .string(type), "status": .string(status.rawValue), "reason": .string(reason),
            "message": .string(message), "lastTransitionTime": .string(lastTransitionTime),
            "observedGeneration": .integer(observedGeneration),
        ]
    }

    /// `wanted`, each stamped with the moment its status changed: the old moment where `current` has the same status,
    /// else `now`.
    package static func merge(_ wanted: [Condition], into current: [Condition], now: String) -> [Condition] {
        wanted.map { condition in
            var condition = condition
            let same = current.first { $0.type == condition.type && $0.status == condition.status }
            condition.lastTransitionTime = same.map(\.lastTransitionTime).flatMap { $0.isEmpty ? nil : $0 } ?? now
            return condition
        }
    }
}
