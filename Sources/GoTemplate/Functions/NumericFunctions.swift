import KubernetesModel

extension TemplateFunctions {
    /// Of numbers. Results wrap around as in Go.
    static let numeric: [String: TemplateFunction] = [
        "add": folding(0) { $0 &+ $1 },
        "mul": folding(1) { $0 &* $1 },
        "add1": TemplateFunction(1) { call throws(TemplateProblem) in TemplateValue(.integer(try call.integer(0) &+ 1))
        },
        "sub": TemplateFunction(2) { call throws(TemplateProblem) in
            TemplateValue(.integer(try call.integer(0) &- call.integer(1)))
        },
        "div": TemplateFunction(2) { call throws(TemplateProblem) in try quotient(call).quotient },
        "mod": TemplateFunction(2) { call throws(TemplateProblem) in try quotient(call).remainder },
        "max": .from(1) { call throws(TemplateProblem) in
            var result = try call.integer(0)
            for index in call.arguments.indices { result = max(result, try call.integer(index)) }
            return TemplateValue(.integer(result))
        },
        "min": .from(1) { call throws(TemplateProblem) in
            var result = try call.integer(0)
            for index in call.arguments.indices { result = min(result, try call.integer(index)) }
            return TemplateValue(.integer(result))
        },
        "int": TemplateFunction(1) { call throws(TemplateProblem) in TemplateValue(.integer(try call.integer(0))) },
        "int64": TemplateFunction(1) { call throws(TemplateProblem) in TemplateValue(.integer(try call.integer(0))) },
        "float64": TemplateFunction(1) { call throws(TemplateProblem) in TemplateValue(.double(try call.double(0))) },
        "atoi": TemplateFunction(1) { call throws(TemplateProblem) in TemplateValue(.integer(Int64(call.text(0)) ?? 0))
        },
    ]

    private static func folding(
        _ start: Int64, _ join: @escaping @Sendable (Int64, Int64) -> Int64
    ) -> TemplateFunction {
        .from(1) { call throws(TemplateProblem) in
            var result = start
            for index in call.arguments.indices { result = join(result, try call.integer(index)) }
            return TemplateValue(.integer(result))
        }
    }

    private static func quotient(
        _ call: TemplateCall
    ) throws(TemplateProblem) -> (quotient: TemplateValue, remainder: TemplateValue) {
        let (dividend, divisor) = (try call.integer(0), try call.integer(1))
        guard divisor != 0 else { throw TemplateProblem("nothing can be divided by 0") }
        let (quotient, overflows) = dividend.dividedReportingOverflow(by: divisor)
        if overflows { return (TemplateValue(.integer(dividend)), TemplateValue(.integer(0))) }
        return (TemplateValue(.integer(quotient)), TemplateValue(.integer(dividend % divisor)))
    }
}
