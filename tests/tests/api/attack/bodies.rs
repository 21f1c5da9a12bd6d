//! What may stand in a body, a query or a path: from the document, for every operation that takes one.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use api::{auth::permissions::access, error::Code};
use serde_json::{Value, json};
use tests::{Answer, TestApp, contract, on_both_databases};

use super::{IDENTITIES, scene::Scene};

const JSON: &str = "application/json";
/// Fields that somebody might hope to set.
const TEMPTING: &[&str] = &[
    "organization_id",
    "created_by",
    "role",
    "is_admin",
    "built_in",
    "points",
    "max_points",
    "grade",
    "revision",
    "saved_at",
    "released_at",
    "finalized_at",
    "submitted_by",
    "deadline_at",
    "published_version",
    "password_hash",
    "invite_code_hash",
    "__proto__",
    "constructor",
    "$where",
    "",
];
/// Numbers that no field means.
const NUMBERS: &[&str] = &[
    "-1",
    "-0",
    "0.5",
    "1e308",
    "1e400",
    "-1e400",
    "1e-400",
    "2147483648",
    "-2147483649",
    "9223372036854775808",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
];
/// Stands where text is put that no JSON value could be.
const HERE: &str = "@here@";

/// Every operation that takes a body, with one that is right.
fn operations_with_bodies(scene: &Scene) -> Vec<(String, String, Value)> {
    let found: Vec<_> = contract::operations()
        .into_iter()
        .filter_map(|(method, template, operation)| {
            let mut body = contract::example(operation)?;
            scene.aim(&mut body);
            Some((method, template, body))
        })
        .collect();
    assert!(found.len() >= 11, "{found:?}");
    found
}

/// What one sends who may.
fn authorization(scene: &Scene, method: &str, template: &str) -> String {
    let access = access(method, template).expect("a line of the table of permissions");
    let owner = IDENTITIES
        .iter()
        .find(|identity| identity.name == "the owner")
        .expect("the owner");
    let candidate = IDENTITIES
        .iter()
        .find(|identity| identity.name == "the candidate")
        .expect("the candidate");
    let identity = if access == api::auth::permissions::Access::Candidate {
        candidate
    } else {
        owner
    };
    (identity.authorization)(scene, access).expect("a token")
}

/// Sends a body as one who may.
async fn send(scene: &Scene, method: &str, template: &str, body: String) -> Answer {
    let authorization = authorization(scene, method, template);
    let call = scene
        .app
        .call(method, &scene.path(template))
        .header("authorization", &authorization);
    call.body(JSON, body).send().await
}

/// The JSON pointers to everything in a document that fits.
fn pointers(value: &Value, at: &str, fits: fn(&Value) -> bool, found: &mut Vec<String>) {
    if fits(value) {
        found.push(at.to_owned());
    }
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| pointers(value, &format!("{at}/{name}"), fits, found)),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .for_each(|(i, value)| pointers(value, &format!("{at}/{i}"), fits, found)),
        _ => {}
    }
}

fn all(value: &Value, fits: fn(&Value) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    pointers(value, "", fits, &mut found);
    found
}

/// The body with this text in the place of a value.
fn with(body: &Value, pointer: &str, text: &str) -> String {
    let mut body = body.clone();
    *body.pointer_mut(pointer).expect("a place") = json!(HERE);
    body.to_string().replace(&format!("\"{HERE}\""), text)
}

fn refused_for_its_content(asked: &str, answer: &Answer) -> Value {
    assert_eq!(answer.status, 422, "{asked}: {}", answer.text);
    let problem = answer.json();
    assert!(
        ["invalid_field", "invalid_question_set"].contains(&problem["code"].as_str().unwrap()),
        "{asked}: {problem}"
    );
    problem
}

on_both_databases! {
    async fn no_field_can_be_set_that_is_not_documented(app: TestApp) {
        let scene = Scene::set_up(app).await;
        let before = scene.seen_by_the_owner().await;
        for (method, template, body) in operations_with_bodies(&scene) {
            for pointer in all(&body, Value::is_object) {
                for field in TEMPTING {
                    let mut more = body.clone();
                    more.pointer_mut(&pointer).unwrap()[*field] = json!("x");
                    let asked = format!("{method} {template} with {pointer}/{field}");
                    let problem = refused_for_its_content(&asked, &send(&scene, &method, &template, more.to_string()).await);
                    assert_eq!(problem["errors"][0]["pointer"], format!("{pointer}/{field}"), "{asked}: {problem}");
                }
            }
        }
        // What takes no body takes no field.
        for (method, template, operation) in contract::operations() {
            if method == "POST" && operation.get("requestBody").is_none() {
                let asked = format!("{method} {template}");
                refused_for_its_content(&asked, &send(&scene, &method, &template, json!({"status": "finalized"}).to_string()).await);
            }
        }
        assert_eq!(scene.seen_by_the_owner().await, before);
    }

    async fn a_field_that_is_there_twice_is_refused(app: TestApp) {
        let scene = Scene::set_up(app).await;
        for (method, template, body) in operations_with_bodies(&scene) {
            for pointer in all(&body, Value::is_object) {
                let fields = body.pointer(&pointer).unwrap().as_object().unwrap().clone();
                for (name, value) in fields {
                    let mut more = body.clone();
                    more.pointer_mut(&pointer).unwrap()[HERE] = value;
                    let asked = format!("{method} {template} with {pointer}/{name} twice");
                    let text = more.to_string().replace(HERE, &name);
                    refused_for_its_content(&asked, &send(&scene, &method, &template, text).await);
                }
            }
        }
    }

    async fn no_number_is_too_large_to_be_refused(app: TestApp) {
        let scene = Scene::set_up(app).await;
        let mut sent = 0;
        for (method, template, body) in operations_with_bodies(&scene) {
            for pointer in all(&body, Value::is_number) {
                for number in NUMBERS {
                    let answer = send(&scene, &method, &template, with(&body, &pointer, number)).await;
                    assert!(answer.status < 500, "{method} {template} {pointer} {number}: {}", answer.text);
                    sent += 1;
                }
            }
        }
        for number in NUMBERS {
            for path in [format!("/v1/sessions?limit={number}"), format!("/v1/question-sets?limit={number}")] {
                assert_eq!(scene.owner.get(&scene.app, &path).send().await.status, 422, "{path}");
            }
            let path = format!("/v1/question-sets/{}/versions/{number}", scene.set());
            assert_eq!(scene.owner.get(&scene.app, &path).send().await.status, 404, "{path}");
        }
        assert!(sent > 12, "{sent}");
    }

    async fn what_is_nested_deeply_or_of_another_kind_is_refused_wherever_it_stands(app: TestApp) {
        let scene = Scene::set_up(app).await;
        let deep = 20_000;
        let deep = [format!("{}{}", "[".repeat(deep), "]".repeat(deep)), format!("{}0{}", "{\"a\":".repeat(deep), "}".repeat(deep))];
        for (method, template, body) in operations_with_bodies(&scene) {
            for pointer in all(&body, |_| true) {
                for text in &deep {
                    let answer = send(&scene, &method, &template, with(&body, &pointer, text)).await;
                    assert!([400, 422].contains(&answer.status), "{method} {template} {pointer}: {}", answer.text);
                }
                for text in ["null", "true", "[]", "{}", "0", "\"\"", "[[[]]]", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "[null]"] {
                    let answer = send(&scene, &method, &template, with(&body, &pointer, text)).await;
                    assert!(answer.status < 500, "{method} {template} {pointer} {text}: {}", answer.text);
                }
            }
        }
    }

    async fn what_is_compressed_is_refused_and_unpacked_by_nobody(app: TestApp) {
        let scene = Scene::set_up(app).await;
        let resident = || {
            let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
            line.unwrap_or(0_u64)
        };
        let (bomb, before) = (bomb(), resident());
        for (method, template, _) in operations_with_bodies(&scene) {
            let path = scene.path(&template);
            let authorization = authorization(&scene, &method, &template);
            for coding in ["gzip", "x-gzip", "gzip, gzip"] {
                let call = scene.app.call(&method, &path).header("authorization", &authorization);
                call.header("content-encoding", coding).body(JSON, bomb.clone()).refused(Code::UnsupportedMediaType).await;
            }
            // Nor is it read where it does not say what it is.
            let call = scene.app.call(&method, &path).header("authorization", &authorization);
            call.body(JSON, bomb.clone()).refused(Code::MalformedJson).await;
            let head = format!("authorization: {authorization}\r\ncontent-type: {JSON}\r\ntransfer-encoding: gzip, chunked\r\n");
            let refused = exchange(&scene.app, format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{head}\r\n").as_bytes());
            assert!(refused.starts_with("HTTP/1.1 4"), "{method} {template}: {refused}");
        }
        // Other tests run in this process at the same time, none of which takes as much.
        assert!(resident() - before < BOMB_MIB * 1024 / 2, "{} KiB more", resident() - before);
    }

    async fn lists_take_no_parameter_that_is_not_documented(app: TestApp) {
        let scene = Scene::set_up(app).await;
        for (method, template, operation) in contract::operations() {
            let parameters = operation["parameters"].as_array();
            if !parameters.is_some_and(|all| all.iter().any(|parameter| parameter["in"] == "query")) {
                continue;
            }
            for query in ["organization_id=org_1", "limit=1&limit=2", "sort=1%3BDROP%20TABLE%20session", "limit[]=1", "LIMIT=1"] {
                let path = format!("{}?{query}", scene.path(&template));
                assert_eq!(scene.owner.get(&scene.app, &path).send().await.status, 422, "{method} {path}");
            }
        }
    }

    async fn nothing_that_is_sent_becomes_a_header(app: TestApp) {
        let scene = Scene::set_up(app).await;
        let body = json!({"id": "injected", "questions": scene.set_document()["questions"]}).to_string();
        let post = format!(
            "POST /v1/question-sets HTTP/1.1\r\nHost: evil.example.org\r\nX-Forwarded-Host: evil.example.org\r\n\
             Authorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            scene.owner.token, body.len()
        );
        let created = exchange(&scene.app, post.as_bytes());
        assert!(created.starts_with("HTTP/1.1 201") && created.contains("location: /v1/question-sets/"), "{created}");
        assert!(!created.contains("evil"), "{created}");
        for head in [
            "GET /healthz HTTP/1.1\r\nX-Request-Id: a\rSet-Cookie: evil=1",
            "GET /healthz HTTP/1.1\r\nX-Request-Id: a\nSet-Cookie: evil=1",
            "GET /healthz HTTP/1.1\r\nX-Request-Id: a\r\n Set-Cookie: evil=1",
            "GET /healthz HTTP/1.1\r\nX-Request-Id: a%0d%0aSet-Cookie: evil=1",
            "GET /%0d%0aSet-Cookie:%20evil=1 HTTP/1.1",
            "GET /docs%0d%0aSet-Cookie:%20evil=1 HTTP/1.1",
            "GET //evil.example.org/%2f.. HTTP/1.1",
            "GET http://evil.example.org/docs HTTP/1.1",
            "GET /healthz?x=%0d%0aSet-Cookie:%20evil=1 HTTP/1.1",
            "GET /healthz HTTP/1.1\r\nOrigin: http://evil.example.org",
        ] {
            let answer = exchange(&scene.app, format!("{head}\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes());
            let (headers, _) = answer.split_once("\r\n\r\n").unwrap();
            assert!(!headers.contains("evil"), "{head}: {headers}");
            assert!(!headers.to_lowercase().contains("access-control"), "{head}: {headers}");
        }
    }

    async fn requests_that_two_servers_could_read_differently_are_refused(app: TestApp) {
        for framing in [
            "Content-Length: 4\r\nContent-Length: 5",
            "Content-Length: 4\r\nTransfer-Encoding: chunked",
            "Content-Length: +4",
            "Content-Length: -4",
            "Content-Length: 99999999999999999999999",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: xchunked",
        ] {
            let request = format!(
                "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}\r\n\r\n\
                 0\r\n\r\nGET /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            );
            let answer = exchange(&app, request.as_bytes());
            assert!(answer.starts_with("HTTP/1.1 4"), "{framing}: {answer}");
            assert!(!answer.contains("\"openapi\""), "{framing}: a second request was read: {answer}");
        }
    }
}

/// How much a bomb holds.
const BOMB_MIB: u64 = 512;

/// As much white space, compressed, a mebibyte after the other: half a megabyte, less than a body may have.
fn bomb() -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    packed.finish().unwrap().repeat(BOMB_MIB as usize)
}

/// Sends bytes and reads all that comes back until the connection is closed, or nothing comes any more.
fn exchange(app: &TestApp, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.address()).unwrap();
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(3)))
        .unwrap();
    stream.write_all(request).unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}
