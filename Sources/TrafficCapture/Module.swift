/// # TrafficCapture: the rules that bring a Pod's traffic to its proxy
///
/// | folder | what is in it |
/// |---|---|
/// | Settings | `CaptureSettings`: what is captured and what is not, and its reading from flags and environment |
/// | Rules | `CaptureRule` (family, table, chain, matches, verdict) and the functions settings -> rules |
/// | Text | the same rules as arguments of iptables, as iptables-restore text, as an atomic replacement of what is in place, as nftables; policy routing |
///
/// Everything here is a pure function; `ProxyAgent/Capture` runs the programs.
enum TrafficCaptureMap {}
