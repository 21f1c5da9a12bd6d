//! Where a request comes from: the peer, or what a proxy that is trusted says of it.

use std::net::IpAddr;

use actix_web::http::header::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address: going back from the peer, the first that is no trusted proxy.
///
/// `X-Forwarded-For` grows to the right, each proxy adding who spoke to it, so only what trusted proxies added counts.
pub fn client(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> Option<IpAddr> {
    let mut nearest = peer?;
    let lines: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .filter_map(|line| line.to_str().ok())
        .collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !trusted.contains(&nearest) {
            break;
        }
        match hop.trim().parse() {
            Ok(address) => nearest = address,
            Err(_) => break,
        }
    }
    Some(nearest)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        let trusted: Vec<IpAddr> = trusted.iter().map(|address| address.parse().unwrap()).collect();
        client(Some(peer.parse().unwrap()), &headers, &trusted)
            .unwrap()
            .to_string()
    }

    #[test]
    fn nobody_is_believed_unless_trusted() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"], &["192.0.2.2"]), "192.0.2.1");
    }

    #[test]
    fn only_what_trusted_proxies_added_counts() {
        let proxies = ["192.0.2.1", "192.0.2.2"];
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"], &proxies), "198.51.100.7");
        assert_eq!(
            seen("192.0.2.1", &["203.0.113.9, 198.51.100.7, 192.0.2.2"], &proxies),
            "198.51.100.7"
        );
        assert_eq!(
            seen("192.0.2.1", &["203.0.113.9", "198.51.100.7"], &proxies),
            "198.51.100.7"
        );
        assert_eq!(seen("192.0.2.1", &["nonsense"], &proxies), "192.0.2.1");
        assert_eq!(seen("192.0.2.1", &[], &proxies), "192.0.2.1");
    }
}
