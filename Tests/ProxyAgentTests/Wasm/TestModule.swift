/// A WebAssembly module for proxies, as small as they come (proxy-wasm ABI 0.2.1): it adds a header to responses.
enum TestModule {
    static func addingHeader(_ name: String, _ value: String) -> [UInt8] {
        let (i32, function): (UInt8, UInt8) = (0x7F, 0x60)
        let (nameAt, valueAt, bufferAt) = (1024, 2048, 4096)
        let types: [[UInt8]] = [
            [function, 2, i32, i32, 0], [function, 2, i32, i32, 1, i32], [function, 3, i32, i32, i32, 1, i32],
            [function, 5, i32, i32, i32, i32, i32, 1, i32], [function, 0, 0], [function, 1, i32, 1, i32],
        ]
        let imported: [UInt8] = text("env") + text("proxy_add_header_map_value") + [0, 3]
        // Of the functions after the imported one: their types, names and bodies.
        let functions: [(type: UInt8, name: String, body: [UInt8])] = [
            (4, "proxy_abi_version_0_2_1", []), (5, "malloc", constant(bufferAt)),
            (0, "proxy_on_context_create", []), (1, "proxy_on_vm_start", constant(1)),
            (1, "proxy_on_configure", constant(1)),
            (
                2, "proxy_on_response_headers",
                // Map 2 is the one of response headers; what the call says is dropped, and 0 lets the response go on.
                constant(2) + constant(nameAt) + constant(name.utf8.count) + constant(valueAt)
                    + constant(value.utf8.count) + [0x10, 0, 0x1A] + constant(0)
            ),
        ]
        let exports =
            functions.enumerated().map { text($1.name) + [0] + number($0 + 1) } + [text("memory") + [2, 0]]
        let bodies = functions.map { function in
            let code: [UInt8] = [0] + function.body + [0x0B]
            return number(code.count) + code
        }
        let data = [(nameAt, name), (valueAt, value)].map { place, content in
            [0] + constant(place) + [0x0B] + text(content)
        }
        return [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0] + section(1, types) + section(2, [imported])
            + section(3, functions.map { [$0.type] }) + section(5, [[0, 1]]) + section(7, exports)
            + section(10, bodies) + section(11, data)
    }

    private static func section(_ identifier: UInt8, _ items: [[UInt8]]) -> [UInt8] {
        let content = number(items.count) + items.joined()
        return [identifier] + number(content.count) + content
    }

    private static func text(_ text: String) -> [UInt8] { number(text.utf8.count) + Array(text.utf8) }

    /// `i32.const`, whose number has a sign.
    private static func constant(_ value: Int) -> [UInt8] {
        var rest = value
        var octets: [UInt8] = []
        while rest >= 64 {
            octets.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return [0x41] + octets + [UInt8(rest)]
    }

    private static func number(_ value: Int) -> [UInt8] {
        var rest = value
        var octets: [UInt8] = []
        while rest >= 128 {
            octets.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return octets + [UInt8(rest)]
    }
}
