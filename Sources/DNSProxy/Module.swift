/// # DNSProxy: DNS for the application
///
/// ```
///   the application's query ─► NameServer :15053 ─► NameTable ── knows the name ──► its addresses
///                                    ▲                 └ does not ─► NameForwarder ─► the servers of /etc/resolv.conf
///   the control plane's names ───────┘ NameTableStore
/// ```
///
/// | folder | what is in it |
/// |---|---|
/// | Names | ``NameTable``: the names that the control plane gives addresses to, as a value; ``NameTableStore``: the newest |
/// | Messages | questions and answers as DNS writes them |
/// | Server | ``NameServer``: over UDP and TCP; ``NameForwarder``: what the mesh does not know; metrics |
enum DNSProxyMap {}
