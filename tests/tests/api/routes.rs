//! What is served, what is documented, and what every answer has.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::TcpStream,
};

use api::{
    auth::permissions::{Access, PERMISSIONS},
    error::Code,
};
use serde_json::Value;
use tests::{TestApp, contract, on_both_databases};

fn filled(path: &str) -> String {
    path.replace("{id}", "x")
        .replace("{number}", "1")
        .replace("{question_id}", "x")
}

#[test]
fn what_is_documented_is_what_the_table_of_permissions_has() {
    let documented: BTreeSet<_> = contract::operations()
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect();
    let permitted: BTreeSet<_> = PERMISSIONS
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(documented, permitted);
    assert_eq!(
        permitted.len(),
        PERMISSIONS.len(),
        "an operation is in the table twice"
    );
}

#[test]
fn every_operation_says_what_it_is() {
    let mut ids = BTreeSet::new();
    for (method, path, operation) in contract::operations() {
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(!id.is_empty() && ids.insert(id), "{method} {path}: {id}");
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|summary| !summary.is_empty()),
            "{method} {path}"
        );
        for (status, response) in operation["responses"].as_object().unwrap() {
            let problem = response["content"].get("application/problem+json").is_some();
            // What the parser refuses unread has no body.
            let has_body = status.as_str() >= "400" && status != "431";
            assert_eq!(problem, has_body, "{method} {path} {status}");
        }
    }
}

on_both_databases! {
    async fn what_the_table_has_is_served_and_nothing_else(app: TestApp) {
        let mut served: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (method, path, _) in PERMISSIONS {
            served.entry(path).or_default().insert(method);
        }
        for (path, methods) in served {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                let answer = app.call(method, &filled(path)).send().await;
                if methods.contains(method) {
                    let anyone = PERMISSIONS.contains(&(method, path, Access::Anyone));
                    assert_eq!(answer.status == 401, !anyone, "{method} {path}: {}", answer.text);
                    assert!(![404, 405].contains(&answer.status), "{method} {path}: {}", answer.text);
                } else {
                    answer.refused(Code::MethodNotAllowed);
                    let allowed: BTreeSet<_> = answer.header("allow").split(", ").collect();
                    assert!(methods.is_subset(&allowed), "{method} {path}: {allowed:?}");
                }
            }
        }
    }

    async fn more_headers_than_are_read_are_refused_as_documented(app: TestApp) {
        for (method, path, operation) in contract::operations() {
            assert!(operation["responses"]["431"].get("content").is_none(), "{method} {path}");
            for headers in ["X: x\r\n".repeat(97), format!("X: {}\r\n", "x".repeat(128 * 1024))] {
                let mut stream = TcpStream::connect(app.address()).unwrap();
                let head = format!("{method} {} HTTP/1.1\r\nHost: x\r\n{headers}\r\n", filled(&path));
                // The server may have answered and closed before it has read it all.
                let _all_or_not = stream.write_all(head.as_bytes());
                let mut answer = [0; 4096];
                let read = stream.read(&mut answer).unwrap();
                let answer = String::from_utf8_lossy(&answer[..read]);
                assert!(answer.starts_with("HTTP/1.1 431 "), "{method} {path}: {answer}");
                assert!(answer.ends_with("\r\n\r\n"), "{method} {path}: {answer}");
            }
        }
    }

    async fn unknown_paths_are_not_found(app: TestApp) {
        for path in [
            "/", "/v1", "/v1/", "/v2/me", "/v1/me/", "/v1//me", "/V1/ME", "/v1/sessions/x/y/z", "/%00", "/%ff", "/.env",
            "/v1/me%2Fpassword", "/v1/..%2Fhealthz",
        ] {
            for method in ["GET", "POST", "DELETE"] {
                app.call(method, path).refused(Code::NotFound).await;
            }
        }
    }

    async fn head_is_answered_as_get_without_a_body(app: TestApp) {
        for path in ["/healthz", "/readyz", "/openapi.json", "/.well-known/jwks.json"] {
            let answer = app.call("HEAD", path).send().await;
            assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{path}");
        }
        app.call("HEAD", "/v1/me").send().await.is(401);
        app.call("HEAD", "/nowhere").send().await.is(404);
    }

    async fn the_server_is_there_and_ready(app: TestApp) {
        for path in ["/healthz", "/readyz"] {
            let health = app.get(path).ok().await;
            assert_eq!((&health["status"], &health["version"]), (&"ok".into(), &env!("CARGO_PKG_VERSION").into()));
        }
    }

    async fn the_document_is_served_as_it_is_checked(app: TestApp) {
        let document = app.get("/openapi.json").ok().await;
        assert_eq!(&document, contract::document());
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    }

    async fn the_documentation_takes_nothing_from_outside(app: TestApp) {
        let redirect = app.get("/docs").send().await;
        assert!((300..400).contains(&redirect.status));
        assert_eq!(redirect.header("location"), "/docs/");
        let page = app.get("/docs/").send().await;
        assert_eq!(page.is(200).media_type(), Some("text/html"));
        let assets: Vec<&str> = page.text.split(['"', '\'']).filter(|text| {
            [".js", ".css", ".png"].iter().any(|ending| text.ends_with(ending))
        }).collect();
        assert!(assets.len() >= 3, "{assets:?}");
        for asset in assets {
            assert!(!asset.contains("//"), "{asset}");
            app.get(&format!("/docs/{}", asset.trim_start_matches("./"))).send().await.is(200);
        }
        let initializer = app.get("/docs/swagger-initializer.js").send().await;
        assert!(initializer.is(200).text.contains("/openapi.json"));
    }

    async fn a_request_id_goes_in_and_comes_out(app: TestApp) {
        for path in ["/healthz", "/v1/me", "/nowhere"] {
            let answer = app.get(path).header("x-request-id", "trace-1.a_B:2").send().await;
            assert_eq!(answer.header("x-request-id"), "trace-1.a_B:2");
        }
        let (one, other) = (app.get("/healthz").send().await, app.get("/healthz").send().await);
        assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
        for unfit in ["", "a b", "a\"b", &"x".repeat(129)] {
            let answer = app.get("/healthz").header("x-request-id", unfit).send().await;
            assert_ne!(answer.header("x-request-id"), unfit);
        }
    }

    async fn nothing_is_cached_unasked(app: TestApp) {
        let member = app.member().await;
        for path in ["/v1/me", "/v1/sessions", "/v1/question-sets", "/nowhere"] {
            assert_eq!(member.get(&app, path).send().await.header("cache-control"), "no-store", "{path}");
        }
    }

    async fn every_error_of_the_document_has_a_code_of_the_table(app: TestApp) {
        let document = app.get("/openapi.json").ok().await;
        let text = document.to_string();
        for code in Code::ALL.iter().filter(|code| code.status() != 405) {
            let named = text.contains(&format!("`{}`", code.word()));
            // A path or a header that can't be read is nobody's operation.
            assert!(named || *code == Code::BadRequest, "{} is not documented", code.word());
        }
        assert_eq!(document["components"]["schemas"]["Problem"]["type"], Value::from("object"));
    }
}
