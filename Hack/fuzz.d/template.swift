import GoTemplate
import KubernetesModel

/// Any text as an injection template: rendered, or refused with a place; soon and in little memory.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTemplate(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    guard let template = try? GoTemplate(parsing: text) else { return 0 }
    var limits = TemplateLimits()
    limits.steps = 20_000
    limits.bytes = 1 << 20
    limits.work = 4 << 20
    _ = try? template.render(with: example, environment: ["NAME": "value"], limits: limits)
    return 0
}

private let example: JSONValue = [
    "ObjectMeta": ["name": "p", "labels": ["app": "web"], "annotations": ["a/b": "c"]],
    "Spec": ["containers": [["name": "c", "ports": [["containerPort": 80]]]], "volumes": nil],
    "Values": ["global": ["hub": "h", "list": ["a", 1, 2.5, true, nil], "map": ["k": ["v": "w"]]]],
    "ProxyConfig": ["statusPort": 15020, "concurrency": 2], "Revision": "default", "NativeSidecars": true,
]
