import ArgumentParser
import KubernetesModel
import TrafficSimulator

/// How the way of a call is told.
enum JourneyFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, yaml

    func text(_ journey: Journey) -> String {
        switch self {
        case .text: journey.text
        case .json: DataFormat.json.text(journey.json)
        case .yaml: DataFormat.yaml.text(journey.json)
        }
    }
}

extension Journey {
    fileprivate var text: String {
        var lines = ["\(request.method) \(request.url)"]
        if request.content == .tcp { lines = [request.url] }
        lines += notes.map { "  note: \($0)" }
        for hop in hops {
            lines += ["", hop.title]
            let width = hop.simulation.steps.map(\.kind.rawValue.count).max() ?? 0
            for step in hop.simulation.steps {
                let kind = step.kind.rawValue
                let margin = "  " + kind + String(repeating: " ", count: width - kind.count + 2)
                let name = step.name.isEmpty ? "" : "\(step.name): "
                lines.append(margin + name + step.reason)
                let indent = String(repeating: " ", count: margin.count)
                lines += step.passedOver.map { "\(indent)not \($0)" }
                if let origin = step.origin {
                    lines.append("\(indent)from \(origin)\(places[origin].map { " (\($0))" } ?? "")")
                }
            }
            if !hop.end.isEmpty { lines.append("  => \(hop.end)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    fileprivate var json: JSONValue {
        [
            "call": [
                "url": .string(request.url), "method": .string(request.method),
                "headers": .object(request.headers.mapValues { .array($0.map(JSONValue.string)) }),
            ],
            "notes": .array(notes.map(JSONValue.string)), "hops": .array(hops.map { json($0) }),
        ]
    }

    private func json(_ hop: Hop) -> JSONValue {
        var json = hop.simulation.conformanceJSON
        json["proxy"] = .string(hop.proxy)
        json["way"] = .string(hop.title)
        json["end"] = .string(hop.end)
        switch hop.simulation.outcome {
        case .forwarded(let clusters):
            json["outcome"] = "forwarded"
            json["clusters"] = .array(
                clusters.map { ["name": .string($0.name), "weight": .integer(Int64($0.weight))] })
        case .answered(let status, let detail):
            json["outcome"] = "answered"
            json["status"] = .integer(Int64(status))
            json["detail"] = .string(detail)
        case .closed(let reason):
            json["outcome"] = "closed"
            json["detail"] = .string(reason)
        }
        json["steps"] = .array(hop.simulation.steps.map { self.json($0) })
        return json
    }

    private func json(_ step: SimulationStep) -> JSONValue {
        var json: JSONValue = [
            "step": .string(step.kind.rawValue), "name": .string(step.name), "reason": .string(step.reason),
        ]
        if !step.passedOver.isEmpty { json["passedOver"] = .array(step.passedOver.map(JSONValue.string)) }
        if let origin = step.origin {
            json["object"] = [
                "kind": .string(origin.object.groupKind.kind), "group": .string(origin.object.groupKind.group),
                "namespace": .string(origin.object.key.namespace), "name": .string(origin.object.key.name),
            ]
            if !origin.field.isEmpty { json["field"] = .string(origin.field) }
            if let place = places[origin] { json["place"] = .string(place.description) }
        }
        return json
    }
}
