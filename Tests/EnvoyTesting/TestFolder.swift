import Foundation

/// A folder that a test removes when it ends.
package struct TestFolder {
    package let path: String

    package init() throws {
        path = NSTemporaryDirectory() + "apus-envoy-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }

    package func text(of name: String) throws -> String {
        try String(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"), encoding: .utf8)
    }

    package func remove() { try? FileManager.default.removeItem(atPath: path) }
}
