package import KubernetesModel

extension IstioOperatorSpec {
    /// Reads and checks a `spec`; paths in the diagnostics begin with `spec`.
    ///
    /// All faults are reported at once. A fault of one field takes nothing from the others, so `spec` holds as much
    /// as can be understood: enough to name what stands, never to install while there are errors.
    package static func read(_ json: JSONValue) -> ReadSpec {
        var json = json
        for path in [["meshConfig"], ["values", "meshConfig"]] {
            if let written = json.value(at: path) { json.set(Schema.meshConfig.withNumbers(written), at: path) }
        }
        let faults = json.isNull ? [] : Schema.istioOperatorSpec.diagnostics(for: json, at: "spec")
        let spec = IstioOperatorSpec(json)
        return ReadSpec(spec: spec, diagnostics: faults + spec.faults(writtenAs: json) + spec.contradictions)
    }

    /// Takes what has the right type and leaves out the rest.
    private init(_ json: JSONValue) {
        self.init()
        profile = json["profile"]?.nonEmpty?.string
        hub = json["hub"]?.nonEmpty?.string
        tag = json["tag"]?.nonEmpty?.scalarText
        namespace = json["namespace"]?.nonEmpty?.string
        revision = json["revision"]?.nonEmpty?.string.flatMap { $0 == "default" ? nil : $0 }
        compatibilityVersion = json["compatibilityVersion"]?.nonEmpty?.string
        meshConfig = json["meshConfig"]?.asObject
        components = IstioComponents(json["components"] ?? .null)
        values = json["values"]?.asObject
        unvalidatedValues = json["unvalidatedValues"]?.asObject
        updateStrategy = UpdateStrategy(json["updateStrategy"] ?? .null)
        installPackagePath = json["installPackagePath"]?.nonEmpty?.string
    }
}

extension IstioComponents {
    fileprivate init(_ json: JSONValue) {
        self.init()
        base = json["base"]?.asObject.map(ComponentSpec.init)
        pilot = json["pilot"]?.asObject.map(ComponentSpec.init)
        cni = json["cni"]?.asObject.map(ComponentSpec.init)
        ztunnel = json["ztunnel"]?.asObject.map(ComponentSpec.init)
        istiodRemote = json["istiodRemote"]?.asObject.map(ComponentSpec.init)
        ingressGateways = GatewaySpec.list(json["ingressGateways"], defaultName: .ingress)
        egressGateways = GatewaySpec.list(json["egressGateways"], defaultName: .egress)
    }
}

extension ComponentSpec {
    fileprivate init(_ json: JSONValue) {
        self.init()
        enabled = json["enabled"]?.bool
        namespace = json["namespace"]?.nonEmpty?.string
        hub = json["hub"]?.nonEmpty?.string
        tag = json["tag"]?.nonEmpty?.scalarText
        k8s = json["k8s"]?.asObject
    }
}

extension GatewaySpec {
    fileprivate init(_ json: JSONValue, defaultName: DefaultName) {
        self.init(name: json["name"]?.nonEmpty?.string ?? defaultName.rawValue)
        label = (json["label"]?.object ?? [:]).compactMapValues(\.string)
        component = ComponentSpec(json)
    }

    /// The gateways of a list. One that is empty takes the place of the profile's, so that none is installed.
    fileprivate static func list(_ json: JSONValue?, defaultName: DefaultName) -> [GatewaySpec] {
        guard let elements = json?.array else { return [] }
        guard elements.isEmpty else { return elements.map { GatewaySpec($0, defaultName: defaultName) } }
        var usual = GatewaySpec(name: defaultName.rawValue)
        usual.component.enabled = false
        return [usual]
    }

    /// What gateways are called that have no name.
    fileprivate enum DefaultName: String {
        case ingress = "istio-ingressgateway"
        case egress = "istio-egressgateway"
    }
}

extension UpdateStrategy {
    fileprivate init(_ json: JSONValue) {
        self.init()
        type = (json["type"]?.string).flatMap(Kind.init(rawValue:)) ?? type
        inactiveRevisionDeletionGracePeriodSeconds =
            json["inactiveRevisionDeletionGracePeriodSeconds"]?.integer ?? inactiveRevisionDeletionGracePeriodSeconds
        updateWorkloads = json["updateWorkloads"]?.bool ?? updateWorkloads
        switch json["maxUnavailableWorkloads"] {
        case .integer(let count)?: maxUnavailableWorkloads = .integer(count)
        case .string(let share)?: maxUnavailableWorkloads = .string(share)
        default: break
        }
    }
}

extension JSONValue {
    /// The shortest text of a string, number or boolean, else nil: `1.2`, `true`.
    package var scalarText: String? {
        switch self {
        case .string(let text): text
        case .integer, .double, .bool: jsonText
        case .null, .array, .object: nil
        }
    }

    /// This value unless it is the empty string, which stands for "not given".
    fileprivate var nonEmpty: JSONValue? { self == "" ? .none : .some(self) }

    /// This value if it is an object.
    fileprivate var asObject: JSONValue? { object == nil ? .none : .some(self) }
}
