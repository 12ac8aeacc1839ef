package import KubernetesModel

/// `status` of an IstioOperator: how far its installation is.
package struct IstioOperatorStatus: Hashable, Sendable {
    /// The word that people and Argo CD read.
    package enum Word: String, Hashable, Sendable, CaseIterable {
        /// Nothing is installed, as asked.
        case none = "NONE"
        /// Everything runs.
        case healthy = "HEALTHY"
        /// Something is applied that does not run yet.
        case reconciling = "RECONCILING"
        /// Another version is being moved to.
        case updating = "UPDATING"
        /// It goes on only once a person did something.
        case actionRequired = "ACTION_REQUIRED"
        /// It cannot be done.
        case error = "ERROR"
    }

    package var word: Word
    /// What is wrong, or what is waited for; empty if there is nothing to say.
    package var message: String
    /// By name of component, such as `Pilot`.
    package var componentStatus: [String: ComponentStatus]
    /// `metadata.generation` of the spec that this is about; 0 before the first.
    package var observedGeneration: Int64
    package var conditions: [Condition]
    /// Objects that stay JSON.
    package var revisions: [JSONValue]
    /// Objects that stay JSON.
    package var rollouts: [JSONValue]

    package init(
        _ word: Word = .none, message: String = "", componentStatus: [String: ComponentStatus] = [:],
        observedGeneration: Int64 = 0, conditions: [Condition] = [], revisions: [JSONValue] = [],
        rollouts: [JSONValue] = []
    ) {
        self.word = word
        self.message = message
        self.componentStatus = componentStatus
        self.observedGeneration = observedGeneration
        self.conditions = conditions
        self.revisions = revisions
        self.rollouts = rollouts
    }
}

extension IstioOperatorStatus.Word {
    /// The word for a whole: the first of ERROR, ACTION_REQUIRED, UPDATING, RECONCILING, HEALTHY that one of its parts
    /// has, else NONE.
    package static func whole(of parts: some Sequence<Self>) -> Self { parts.max { $0.rank < $1.rank } ?? .none }

    private var rank: Int {
        switch self {
        case .none: 0
        case .healthy: 1
        case .reconciling: 2
        case .updating: 3
        case .actionRequired: 4
        case .error: 5
        }
    }
}

/// How one component is.
package struct ComponentStatus: Hashable, Sendable {
    /// The version that was applied; empty if none was.
    package var version: String
    package var word: IstioOperatorStatus.Word
    /// What is wrong, or what is waited for; empty if there is nothing to say.
    package var error: String

    package init(_ word: IstioOperatorStatus.Word, version: String = "", error: String = "") {
        self.word = word
        self.version = version
        self.error = error
    }

    fileprivate init(_ json: JSONValue) {
        self.init(
            IstioOperatorStatus.Word(json["status"]), version: json["version"]?.string ?? "",
            error: json["error"]?.string ?? "")
    }

    fileprivate var json: JSONValue {
        var json: JSONValue = ["status": .string(word.rawValue)]
        if !version.isEmpty { json["version"] = .string(version) }
        if !error.isEmpty { json["error"] = .string(error) }
        return json
    }
}

extension IstioOperatorStatus {
    /// Reads a status as far as it is one.
    package init(_ json: JSONValue) {
        self.init(
            Word(json["status"]), message: json["message"]?.string ?? "",
            componentStatus: (json["componentStatus"]?.object ?? [:]).mapValues(ComponentStatus.init),
            observedGeneration: json["observedGeneration"]?.integer ?? 0,
            conditions: (json["conditions"]?.array ?? []).compactMap(Condition.init),
            revisions: json["revisions"]?.array ?? [], rollouts: json["rollouts"]?.array ?? [])
    }

    /// As it stands in the object: what has nothing to say is left out.
    package var json: JSONValue {
        var json: JSONValue = ["status": .string(word.rawValue), "observedGeneration": .integer(observedGeneration)]
        if !message.isEmpty { json["message"] = .string(message) }
        if !componentStatus.isEmpty { json["componentStatus"] = .object(componentStatus.mapValues(\.json)) }
        if !conditions.isEmpty { json["conditions"] = .array(conditions.map(\.json)) }
        if !revisions.isEmpty { json["revisions"] = .array(revisions) }
        if !rollouts.isEmpty { json["rollouts"] = .array(rollouts) }
        return json
    }
}

extension IstioOperatorStatus.Word {
    fileprivate init(_ json: JSONValue?) { self = (json?.string).flatMap(Self.init(rawValue:)) ?? .none }
}
