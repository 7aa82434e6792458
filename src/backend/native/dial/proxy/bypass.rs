//! Which servers need no proxy: the list `NO_PROXY`. The docs of [`Proxy::System`](crate::Proxy::System) have its rules.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Host;

/// Whether an entry of the list is about this server.
pub(super) fn is_listed(list: &str, server: &Host) -> bool {
    let entries = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
    let name = server.name.trim_end_matches('.').to_ascii_lowercase();
    let address: Option<IpAddr> = name.parse().ok();
    entries.into_iter().any(|entry| matches(&entry.to_ascii_lowercase(), &name, address, server.port))
}

fn matches(entry: &str, name: &str, address: Option<IpAddr>, port: u16) -> bool {
    if let (Ok(network), Some(address)) = (entry.parse::<IpNet>(), address) {
        return network.contains(&address);
    }
    let (host, entry_port) = split_port(entry);
    if entry_port.is_some_and(|entry_port| entry_port != port.to_string()) {
        return false;
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(listed) = bare.parse::<IpAddr>() {
        return address == Some(listed);
    }
    let host = host.trim_end_matches('.');
    if host.contains('*') {
        return glob(host.as_bytes(), name.as_bytes());
    }
    // Names are compared as they are looked up: in ASCII.
    let Ok(url::Host::Domain(domain)) = url::Host::parse(host.trim_start_matches('.')) else { return false };
    // A name, or one below it; no address has a domain.
    let above = name.strip_suffix(domain.as_str());
    address.is_none() && above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// Takes a port off; the colons of an IPv6 address are none.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    match entry.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') && (host.ends_with(']') || !host.contains(':')) => (host, Some(port)),
        _ => (entry, None),
    }
}

/// Whether the whole text fits a pattern, in which an asterisk stands for anything.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let mut parts = pattern.split(|byte| *byte == b'*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = find(rest, part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() { Some(0) } else { text.windows(part.len()).position(|window| window == part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the table in the docs, and what lies beside each.
    #[test]
    fn the_list_is_taken_as_the_docs_say() {
        for (list, listed, others) in [
            ("*", &["example.com", "127.0.0.1", "::1"][..], &[][..]),
            (
                "example.com",
                &["example.com", "a.example.com", "a.b.example.com:81", "EXAMPLE.com."],
                &["notexample.com", "com"],
            ),
            (".example.com", &["example.com", "a.example.com"], &["notexample.com"]),
            ("Example.COM.", &["example.com", "a.example.com"], &["example.org"]),
            ("*.example.com", &["a.example.com", "a.b.example.com"], &["example.com", "notexample.com"]),
            ("127.*", &["127.0.0.1", "127.9.9.9:81"], &["128.0.0.1", "1127.0.0.1"]),
            ("db-*.example.com", &["db-1.example.com", "db-.example.com"], &["db.example.com", "x.db-1.example.com"]),
            ("*a*b*", &["ab", "xaxbx"], &["ba", "a"]),
            ("a*a", &["aa", "aba"], &["a", "ab"]),
            ("127.0.0.1", &["127.0.0.1", "127.0.0.1:81"], &["127.0.0.2"]),
            ("::1", &["::1", "::1:81"], &["::2"]),
            ("[::1]", &["::1", "::1:81"], &["::2"]),
            ("0:0:0:0:0:0:0:1", &["::1"], &[]),
            ("10.0.0.0/8", &["10.255.0.1"], &["11.0.0.1", "ten.example.com"]),
            ("fe80::/10", &["fe80::1"], &["fec0::1", "127.0.0.1"]),
            ("example.com:81", &["example.com:81", "a.example.com:81"], &["example.com", "example.com:8"]),
            ("*.example.com:81", &["a.example.com:81"], &["a.example.com", "example.com:81"]),
            ("127.0.0.1:81", &["127.0.0.1:81"], &["127.0.0.1"]),
            ("[::1]:81", &["::1:81"], &["::1"]),
            ("b\u{fc}cher.example", &["xn--bcher-kva.example", "a.xn--bcher-kva.example"], &["bcher.example"]),
            ("a.example,b.example", &["a.example", "b.example"], &["c.example"]),
            (
                "a.example b.example\tc.example , d.example",
                &["a.example", "b.example", "c.example", "d.example"],
                &["e.example"],
            ),
            (" ,, ", &[], &["example.com", "127.0.0.1"]),
            ("", &[], &["example.com"]),
            ("0.0.1", &[], &["127.0.0.1"]),
            ("exa mple.com", &["mple.com"], &["example.com"]),
            ("%", &[], &["example.com"]),
            ("[", &[], &["::1"]),
            (":81", &[], &["example.com:81"]),
        ] {
            for (hosts, expected) in [(listed, true), (others, false)] {
                for host in hosts {
                    assert_eq!(is_listed(list, &server(host)), expected, "{host} and {list:?}");
                }
            }
        }
    }

    /// A host with port 81 if it ends in it, else with port 80.
    fn server(host: &str) -> Host {
        match host.strip_suffix(":81") {
            Some(name) => Host { name: name.to_owned(), port: 81 },
            None => Host { name: host.to_owned(), port: 80 },
        }
    }
}
