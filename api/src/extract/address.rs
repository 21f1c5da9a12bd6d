//! Where a request comes from: the peer, or what a proxy that is trusted says of it.

use std::{
    future::{Ready, ready},
    net::{IpAddr, SocketAddr},
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderName},
    web::Data,
};

use crate::{config::Proxies, error::Problem, state::State};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address: going back from the peer, the first that is no trusted proxy.
///
/// `X-Forwarded-For` grows to the right, each proxy adding who spoke to it, so only what trusted proxies added counts.
pub fn client(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Proxies]) -> Option<IpAddr> {
    // A socket for both versions sees addresses of version 4 as of version 6.
    let mut nearest = peer?.to_canonical();
    let lines: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .filter_map(|line| line.to_str().ok())
        .collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !trusted.iter().any(|proxies| proxies.contain(nearest)) {
            break;
        }
        match address(hop.trim()) {
            Some(address) => nearest = address,
            None => break,
        }
    }
    Some(nearest)
}

/// The address of a request's client, as the configuration has it.
pub fn of(request: &HttpRequest) -> Option<IpAddr> {
    let state = request.app_data::<Data<State>>()?;
    let peer = request.peer_addr().map(|peer| peer.ip());
    client(peer, request.headers(), &state.config.trusted_proxies)
}

/// An address as proxies write it: some add the port.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.parse::<IpAddr>();
    let address = bare.or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// Where the request comes from.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub Option<IpAddr>);

impl FromRequest for ClientAddress {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(of(request))))
    }
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
        let trusted: Vec<Proxies> = trusted.iter().map(|address| address.parse().unwrap()).collect();
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

    #[test]
    fn proxies_are_known_by_their_network_and_in_either_version() {
        let proxies = ["10.0.0.0/8", "2001:db8::/32"];
        for peer in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"] {
            for hop in ["198.51.100.7", "198.51.100.7:4711", "::ffff:198.51.100.7"] {
                assert_eq!(seen(peer, &["203.0.113.9", hop], &proxies), "198.51.100.7");
            }
            assert_eq!(seen(peer, &["[2001:db9::7]:80"], &proxies), "2001:db9::7");
        }
        assert_eq!(seen("11.1.2.3", &["198.51.100.7"], &proxies), "11.1.2.3");
        assert!("10.0.0.0/33".parse::<Proxies>().is_err() && "proxy".parse::<Proxies>().is_err());
    }
}
