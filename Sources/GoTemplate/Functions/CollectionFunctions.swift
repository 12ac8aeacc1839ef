import KubernetesModel

extension TemplateFunctions {
    /// Of lists and maps.
    static let collections: [String: TemplateFunction] = [
        "list": .from(0) { call throws(TemplateProblem) in TemplateValue(.array(call.arguments.map(\.json))) },
        "dict": .from(0) { call throws(TemplateProblem) in TemplateValue(.object(try pairs(call) { $0 })) },
        "strdict": .from(0) { call throws(TemplateProblem) in
            TemplateValue(.object(try pairs(call) { .string($0.isNull ? "" : $0.goText) }))
        },
        "get": TemplateFunction(2) { call throws(TemplateProblem) in
            try call.map(0)[call.text(1)].map { call[0].part($0) } ?? TemplateValue("")
        },
        "set": TemplateFunction(3) { call throws(TemplateProblem) in
            var fields = try call.map(0)
            fields[call.text(1)] = call[2].json
            return call[0].part(.object(fields))
        },
        "unset": TemplateFunction(2) { call throws(TemplateProblem) in
            var fields = try call.map(0)
            fields[call.text(1)] = nil
            return call[0].part(.object(fields))
        },
        "hasKey": TemplateFunction(2) { call throws(TemplateProblem) in
            TemplateValue(.bool(try call.map(0)[call.text(1)] != nil))
        },
        "isset": TemplateFunction(2) { call throws(TemplateProblem) in
            TemplateValue(.bool(try call.map(0)[call.text(1)] != nil))
        },
        "keys": .from(1) { call throws(TemplateProblem) in
            var names: [String] = []
            for index in call.arguments.indices { names += try call.map(index).keys.sorted() }
            return TemplateValue(JSONValue(names))
        },
        "values": TemplateFunction(1) { call throws(TemplateProblem) in
            TemplateValue(.array(try call.map(0).sorted { $0.key < $1.key }.map(\.value)))
        },
        "pick": .from(1) { call throws(TemplateProblem) in
            let names = Set(call.arguments.indices.dropFirst().map { call.text($0) })
            return call[0].part(.object(try call.map(0).filter { names.contains($0.key) }))
        },
        "omit": .from(1) { call throws(TemplateProblem) in
            let names = Set(call.arguments.indices.dropFirst().map { call.text($0) })
            return call[0].part(.object(try call.map(0).filter { !names.contains($0.key) }))
        },
        "omitNil": TemplateFunction(1) { call throws(TemplateProblem) in
            call[0].part(.object(try call.map(0).filter { !$0.value.isNull }))
        },
        "merge": merging { base, overlay in base.merging(overlay) },
        "mergeOverwrite": merging { base, overlay in overlay.merging(base) },
        "mergeMaps": merging { base, overlay in overlay.merging(base) },
        "dig": .from(3) { call throws(TemplateProblem) in
            let last = call.arguments.count - 1
            var value = call[last].json
            for index in 0..<(last - 1) {
                guard let field = value[call.text(index)] else { return call[last - 1] }
                value = field
            }
            return TemplateValue(value)
        },
        "first": TemplateFunction(1) { call throws(TemplateProblem) in
            try call.list(0).first.map { call[0].part($0) } ?? TemplateValue(.null)
        },
        "last": TemplateFunction(1) { call throws(TemplateProblem) in
            try call.list(0).last.map { call[0].part($0) } ?? TemplateValue(.null)
        },
        "rest": TemplateFunction(1) { call throws(TemplateProblem) in
            call[0].part(.array(Array(try call.list(0).dropFirst())))
        },
        "initial": TemplateFunction(1) { call throws(TemplateProblem) in
            call[0].part(.array(Array(try call.list(0).dropLast())))
        },
        "append": TemplateFunction(2) { call throws(TemplateProblem) in
            call[0].part(.array(try call.list(0) + [call[1].json]))
        },
        "prepend": TemplateFunction(2) { call throws(TemplateProblem) in
            call[0].part(.array([call[1].json] + (try call.list(0))))
        },
        "concat": .from(0) { call throws(TemplateProblem) in
            var elements: [JSONValue] = []
            for index in call.arguments.indices { elements += try call.list(index) }
            return TemplateValue(.array(elements))
        },
        "reverse": TemplateFunction(1) { call throws(TemplateProblem) in
            call[0].part(.array(try call.list(0).reversed()))
        },
        "uniq": TemplateFunction(1) { call throws(TemplateProblem) in
            var seen = Set<JSONValue>()
            return call[0].part(.array(try call.list(0).filter { seen.insert($0).inserted }))
        },
        "compact": TemplateFunction(1) { call throws(TemplateProblem) in
            call[0].part(.array(try call.list(0).filter { TemplateValue($0).isTrue }))
        },
        "without": .from(1) { call throws(TemplateProblem) in
            let others = Set(call.arguments.dropFirst().map(\.json))
            return call[0].part(.array(try call.list(0).filter { !others.contains($0) }))
        },
        "has": TemplateFunction(2) { call throws(TemplateProblem) in
            TemplateValue(.bool(try call.list(1).contains(call[0].json)))
        },
        "sortAlpha": TemplateFunction(1) { call throws(TemplateProblem) in
            TemplateValue(JSONValue(try call.list(0).map(\.goText).sorted()))
        },
        "join": TemplateFunction(2) { call throws(TemplateProblem) in
            let texts = call[1].isText ? [call.text(1)] : try call.list(1).filter { !$0.isNull }.map(\.goText)
            let (added, isTooMuch) = texts.count.multipliedReportingOverflow(by: call.text(0).utf8.count)
            try call.spend(isTooMuch ? Int.max : texts.reduce(added) { $0 + $1.utf8.count })
            return TemplateValue(texts.joined(separator: call.text(0)))
        },
        "split": TemplateFunction(2) { call throws(TemplateProblem) in
            // To a map of `_0`, `_1` …, as those write it who use its parts as fields.
            let pieces = pieces(of: call.text(1), at: call.text(0))
            let fields = pieces.enumerated().map { ("_\($0.offset)", JSONValue.string($0.element)) }
            return TemplateValue(.object(Dictionary(fields) { _, last in last }))
        },
        "splitList": TemplateFunction(2) { call throws(TemplateProblem) in
            TemplateValue(JSONValue(pieces(of: call.text(1), at: call.text(0))))
        },
        "until": TemplateFunction(1) { call throws(TemplateProblem) in
            let count = try call.integer(0)
            guard count <= 100_000 else { throw TemplateProblem("a list of \(count) numbers is too long") }
            return TemplateValue(.array((0..<max(0, count)).map { .integer($0) }))
        },
        "tuple": .from(0) { call throws(TemplateProblem) in TemplateValue(.array(call.arguments.map(\.json))) },
    ]

    private static func pieces(of text: String, at separator: String) -> [String] {
        separator.isEmpty ? text.map { String($0) } : text.split(at: separator)
    }

    private static func pairs(
        _ call: TemplateCall, _ value: (JSONValue) -> JSONValue
    ) throws(TemplateProblem) -> [String: JSONValue] {
        guard call.arguments.count % 2 == 0 else {
            throw TemplateProblem("keys and values come in pairs; the last key has no value")
        }
        var fields: [String: JSONValue] = [:]
        for index in stride(from: 0, to: call.arguments.count, by: 2) {
            fields[call.text(index)] = value(call[index + 1].json)
        }
        return fields
    }

    private static func merging(_ join: @escaping @Sendable (JSONValue, JSONValue) -> JSONValue) -> TemplateFunction {
        .from(0) { call throws(TemplateProblem) in
            var result = JSONValue.object([:])
            for index in call.arguments.indices {
                let fields = JSONValue.object(try call.map(index))
                result = join(fields, result)
                try call.budget.admit(result)
            }
            return TemplateValue(result)
        }
    }
}
