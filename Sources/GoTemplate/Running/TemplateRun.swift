import KubernetesModel

/// One rendering of a template: walks its tree with the data, and writes.
struct TemplateRun {
    /// How a list of nodes ended.
    enum Flow { case next, leaveLoop, nextTurn }

    let templates: [String: [TemplateNode]]
    let environment: [String: String]
    /// What `.` was at the start: what rendered values refer to.
    let root: TemplateValue
    var output = ""
    var budget: TemplateBudget
    var variables: [(name: String, value: TemplateValue)]

    init(
        _ templates: [String: [TemplateNode]], root: TemplateValue, environment: [String: String],
        budget: TemplateBudget
    ) {
        self.templates = templates
        self.root = root
        self.environment = environment
        self.budget = budget
        variables = [("", root)]
    }

    mutating func step(_ offset: Int) throws(TemplateFault) {
        do { try budget.step() } catch { throw TemplateFault(problem: error.problem, offset: offset) }
    }

    // MARK: Nodes

    mutating func run(_ nodes: [TemplateNode], _ dot: TemplateValue) throws(TemplateFault) -> Flow {
        for node in nodes {
            let flow = try run(node, dot)
            if flow != .next { return flow }
        }
        return .next
    }

    private mutating func run(_ node: TemplateNode, _ dot: TemplateValue) throws(TemplateFault) -> Flow {
        switch node {
        case .text(let text):
            try write(text, 0)
            return .next
        case .action(let pipeline):
            let value = try value(of: pipeline, dot)
            if pipeline.variables.isEmpty { try print(value, pipeline.offset) }
            return .next
        case .condition(let branch):
            let known = variables.count
            defer { variables.removeSubrange(known...) }
            let value = try value(of: branch.pipeline, dot)
            return try run(value.isTrue ? branch.body : branch.otherwise, dot)
        case .with(let branch):
            let known = variables.count
            defer { variables.removeSubrange(known...) }
            let value = try value(of: branch.pipeline, dot)
            return value.isTrue ? try run(branch.body, value) : try run(branch.otherwise, dot)
        case .range(let branch):
            return try range(branch, dot)
        case .call(let name, let argument, let offset):
            var value = TemplateValue(.null)
            if let argument { value = try self.value(of: argument, dot) }
            try call(name, value, offset)
            return .next
        case .leaveLoop: return .leaveLoop
        case .nextTurn: return .nextTurn
        }
    }

    private mutating func range(_ branch: TemplateBranch, _ dot: TemplateValue) throws(TemplateFault) -> Flow {
        let known = variables.count
        defer { variables.removeSubrange(known...) }
        var pipeline = branch.pipeline
        let names = pipeline.variables
        pipeline.variables = []
        let value = try value(of: pipeline, dot)
        let turns = try turns(over: value, pipeline.offset)
        guard !turns.isEmpty else { return try run(branch.otherwise, dot) }
        for (key, element) in turns {
            try step(pipeline.offset)
            let inner = variables.count
            defer { variables.removeSubrange(inner...) }
            let values = names.count == 2 ? [key, element] : [element]
            for (name, value) in zip(names, values) { assign(name, value, isNew: !branch.pipeline.isAssignment) }
            if try run(branch.body, element) == .leaveLoop { break }
        }
        return .next
    }

    private func turns(
        over value: TemplateValue, _ offset: Int
    ) throws(TemplateFault) -> [(key: TemplateValue, element: TemplateValue)] {
        switch value.json {
        case .null: return []
        case .array(let elements):
            return elements.enumerated().map { (TemplateValue(.integer(Int64($0.offset))), value.part($0.element)) }
        case .object(let fields):
            return fields.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { (TemplateValue($0.key), value.part($0.value)) }
        case .integer(let count):
            guard count <= 100_000 else {
                throw TemplateFault(problem: "a loop of \(count) turns is too long", offset: offset)
            }
            return (0..<max(count, 0)).map { (TemplateValue(.integer($0)), TemplateValue(.integer($0))) }
        default:
            throw TemplateFault(
                problem: "range goes over lists and maps, not over a \(value.json.typeName)", offset: offset)
        }
    }

    private mutating func call(_ name: String, _ argument: TemplateValue, _ offset: Int) throws(TemplateFault) {
        guard let nodes = templates[name], !name.isEmpty else {
            throw TemplateFault(problem: "there is no template \"\(name)\"", offset: offset)
        }
        do { try budget.enter() } catch { throw TemplateFault(problem: error.problem, offset: offset) }
        defer { budget.leave() }
        let outer = variables
        variables = [("", argument)]
        defer { variables = outer }
        _ = try run(nodes, argument)
    }

    // MARK: Output and variables

    private mutating func print(_ value: TemplateValue, _ offset: Int) throws(TemplateFault) {
        try write(value.text, offset)
    }

    private mutating func write(_ text: String, _ offset: Int) throws(TemplateFault) {
        guard output.utf8.count + text.utf8.count <= budget.bytes else {
            throw TemplateFault(problem: "the template writes more than \(budget.bytes) bytes", offset: offset)
        }
        output += text
    }

    mutating func assign(_ name: String, _ value: TemplateValue, isNew: Bool) {
        if !isNew, let index = variables.lastIndex(where: { $0.name == name }) {
            variables[index].value = value
        } else {
            variables.append((name, value))
        }
    }

    func variable(_ name: String) -> TemplateValue {
        variables.last { $0.name == name }?.value ?? .missing(in: .plain)
    }
}
