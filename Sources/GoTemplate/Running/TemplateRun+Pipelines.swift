import KubernetesModel

extension TemplateRun {
    /// What a pipeline gives, after its variables are set.
    mutating func value(of pipeline: TemplatePipeline, _ dot: TemplateValue) throws(TemplateFault) -> TemplateValue {
        var value: TemplateValue?
        for command in pipeline.commands { value = try self.value(of: command, dot, final: value) }
        let result = value ?? TemplateValue(.null)
        for name in pipeline.variables { assign(name, result, isNew: !pipeline.isAssignment) }
        return result
    }

    /// - Parameter final: What the command before gave: the last argument.
    private mutating func value(
        of command: TemplateCommand, _ dot: TemplateValue, final: TemplateValue?
    ) throws(TemplateFault) -> TemplateValue {
        guard let first = command.operands.first else { return TemplateValue(.null) }
        guard case .function(let name, let offset) = first else { return try value(of: first, dot) }
        return try call(name, command.operands.dropFirst(), dot, final: final, offset)
    }

    private mutating func value(
        of operand: TemplateOperand, _ dot: TemplateValue
    ) throws(TemplateFault) -> TemplateValue {
        try step(operand.offset)
        switch operand {
        case .dot: return dot
        case .literal(let literal, _): return literal.value
        case .fields(let names, let offset): return try fields(names, of: dot, offset)
        case .variable(let name, let names, let offset): return try fields(names, of: variable(name), offset)
        case .pipeline(let pipeline, let names, let offset):
            return try fields(names, of: try value(of: pipeline, dot), offset)
        case .function(let name, let offset): return try call(name, [], dot, final: nil, offset)
        }
    }

    private func fields(
        _ names: [String], of value: TemplateValue, _ offset: Int
    ) throws(TemplateFault) -> TemplateValue {
        var value = value
        for name in names {
            do throws(TemplateProblem) { value = try value.field(name) } catch {
                throw TemplateFault(problem: error.problem, offset: offset)
            }
        }
        return value
    }

    // MARK: Functions

    private mutating func call(
        _ name: String, _ operands: some Collection<TemplateOperand>, _ dot: TemplateValue, final: TemplateValue?,
        _ offset: Int
    ) throws(TemplateFault) -> TemplateValue {
        try step(offset)
        if name == "and" || name == "or" { return try junction(name, operands, dot, final: final, offset) }
        var arguments: [TemplateValue] = []
        for operand in operands { arguments.append(try value(of: operand, dot)) }
        if let final { arguments.append(final) }
        if name == "render" { return try render(arguments, offset) }
        let result = try evaluate(name, arguments, offset)
        // In Go dictionaries are changed in place.
        if name == "set" || name == "unset", case .variable(let variable, let fields, _) = operands.first,
            fields.isEmpty
        {
            assign(variable, result, isNew: false)
        }
        return result
    }

    private mutating func evaluate(
        _ name: String, _ arguments: [TemplateValue], _ offset: Int
    ) throws(TemplateFault) -> TemplateValue {
        do throws(TemplateProblem) {
            guard let function = TemplateFunctions.all[name] else {
                throw TemplateProblem("there is no function \"\(name)\"")
            }
            guard arguments.count >= function.minimum, arguments.count <= function.maximum else {
                throw TemplateProblem(
                    "\"\(name)\" takes \(function.arity) arguments, and is given \(arguments.count)")
            }
            var call = TemplateCall(arguments: arguments, environment: environment, budget: budget)
            defer { budget = call.budget }
            let result = try function.body(&call)
            try call.budget.admit(result.json)
            return result
        } catch {
            throw TemplateFault(problem: "\(name): \(error.problem)", offset: offset)
        }
    }

    /// The first argument that decides, the others unlooked at.
    private mutating func junction(
        _ name: String, _ operands: some Collection<TemplateOperand>, _ dot: TemplateValue, final: TemplateValue?,
        _ offset: Int
    ) throws(TemplateFault) -> TemplateValue {
        var last = final
        guard !operands.isEmpty || final != nil else {
            throw TemplateFault(problem: "\"\(name)\" takes at least one argument", offset: offset)
        }
        for operand in operands {
            let value = try value(of: operand, dot)
            if value.isTrue == (name == "or") { return value }
            if final == nil { last = value }
        }
        return last ?? TemplateValue(.null)
    }

    /// A text that is a template itself, with the data of the whole one.
    private mutating func render(_ arguments: [TemplateValue], _ offset: Int) throws(TemplateFault) -> TemplateValue {
        guard (1...2).contains(arguments.count), case .string(let text) = arguments[0].json else {
            throw TemplateFault(problem: "\"render\" takes a text, and what \".\" is in it", offset: offset)
        }
        do { try budget.enter() } catch { throw TemplateFault(problem: error.problem, offset: offset) }
        let dot = arguments.count > 1 ? arguments[1] : root
        do throws(TemplateFault) {
            try budget.spendOrFail(text.utf8.count, offset)
            var run = TemplateRun(
                try TemplateParser.templates(of: text), root: dot, environment: environment, budget: budget)
            let nodes = run.templates[""] ?? []
            _ = try run.run(nodes, dot)
            budget = run.budget
            budget.leave()
            return TemplateValue(run.output)
        } catch {
            let inner = error.located(in: text)
            throw TemplateFault(problem: "in the text that is rendered here, \(inner)", offset: offset)
        }
    }
}

extension TemplateBudget {
    fileprivate mutating func spendOrFail(_ size: Int, _ offset: Int) throws(TemplateFault) {
        do { try spend(size) } catch { throw TemplateFault(problem: error.problem, offset: offset) }
    }
}
