import Foundation

/// Servers and clients in network namespaces, as a small Python program: a test cannot change its own namespace.
enum Sockets {
    /// Listens on ports of both families over TCP and UDP and answers each connection with
    /// "<the port that was asked for> via <the port that was reached>".
    private static let server = """
        import socket, struct, sys, threading
        def asked(connection, transparent):
            if transparent: return connection.getsockname()[1]
            for level in (socket.IPPROTO_IP, socket.IPPROTO_IPV6):
                try: return struct.unpack_from("!H", connection.getsockopt(level, 80, 28), 2)[0]
                except OSError: pass
            return connection.getsockname()[1]
        def serve(listener, port, transparent):
            while True:
                connection, peer = listener.accept()
                connection.sendall(b"%d via %d" % (asked(connection, transparent), port))
                connection.close()
        def answer(listener, port):
            while True:
                data, peer = listener.recvfrom(512)
                listener.sendto(b"%s via %d" % (data, port), peer)
        for word in sys.argv[1:]:
            transparent, port = word.startswith("t"), int(word.lstrip("t"))
            listener = socket.socket(socket.AF_INET6)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            if transparent: listener.setsockopt(socket.IPPROTO_IPV6, 75, 1)
            listener.bind(("::", port))
            listener.listen(8)
            threading.Thread(target=serve, args=(listener, port, transparent), daemon=True).start()
            # An answer has to come from the address that a redirect leads to.
            for host in ("127.0.0.1", "::1") if port > 15000 else ("0.0.0.0", "::"):
                listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
                if ":" in host: listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind((host, port))
                threading.Thread(target=answer, args=(listener, port), daemon=True).start()
        print("ready", flush=True)
        sys.stdin.read()
        """

    private static let client = """
        import socket, sys
        kind = socket.SOCK_DGRAM if sys.argv[3] == "udp" else socket.SOCK_STREAM
        family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
        connection = socket.socket(family, kind)
        connection.settimeout(20)
        try:
            connection.connect((sys.argv[1], int(sys.argv[2])))
            if kind == socket.SOCK_DGRAM: connection.send(b"asked")
            print(connection.recv(99).decode())
        except OSError as error: print(type(error).__name__)
        """

    /// What the server says to a client in a namespace.
    static func ask(
        _ namespaces: NetworkNamespaces, from namespace: String, as user: Int = 1000, _ address: String, _ port: Int,
        udp: Bool = false
    ) throws -> String {
        try namespaces.run(
            in: namespace, as: user,
            ["/usr/bin/python3", "-c", client, address, String(port), udp ? "udp" : "tcp"]
        ).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Servers that end with the value. A port written "t15006" takes connections transparently.
    final class Servers {
        private let process = Process()
        private let input = Pipe()

        init(in namespace: String, as user: Int, _ ports: [String]) throws {
            let capabilities = ports.contains { $0.hasPrefix("t") } ? "+net_admin" : ""
            let low = ports.contains { (Int($0) ?? 9999) < 1024 } ? "+net_bind_service" : capabilities
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments =
                NetworkNamespaces.entry(namespace, user, capabilities: low) + ["/usr/bin/python3", "-c", server] + ports
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            let said = output.fileHandleForReading.availableData
            guard said.starts(with: "ready".utf8) else {
                throw CommandFailure(
                    description: "no server came up on \(ports), it said \"\(String(decoding: said, as: UTF8.self))\"")
            }
        }

        deinit {
            process.terminate()
        }
    }
}
