//! Every operation of the OpenAPI document, called by every identity of [`identities::IDENTITIES`]: each is let in or
//! refused as the two tables say, and nobody sees a word of what belongs to somebody else.

use api::{
    auth::permissions::{Access, access},
    error::Code,
};
use serde_json::{Value, json};
use tests::{Answer, TestApp, client::Call, contract, on_both_databases};

use self::{
    identities::{Expected, IDENTITIES, Identity},
    scene::Scene,
};

mod bodies;
mod identities;
mod scene;

/// Something of the victim's, for a path.
type Segment = fn(&Scene) -> &str;
/// Something of the victim's, for a body.
type Field = fn(&Scene) -> Value;

/// What stands for a parameter of a path: where the path begins, the parameter, and what is the victim's there.
/// A new parameter needs a line.
const PARAMETERS: &[(&str, &str, Segment)] = &[
    ("/v1/question-sets", "{id}", |scene| scene.set()),
    ("/v1/question-sets", "{number}", |_| "1"),
    ("/v1/sessions", "{id}", |scene| &scene.candidate.session),
    ("/v1/candidate", "{question_id}", |_| "idempotence"),
];

/// What stands for a field of a body, so that it aims at what is the victim's.
const FIELDS: &[(&str, Field)] = &[
    ("question_set", |scene| json!(scene.set())),
    ("question_id", |_| json!("idempotence")),
    ("current_password", |_| json!(tests::people::PASSWORD)),
    ("new_password", |_| json!(tests::people::PASSWORD)),
];

impl Scene {
    /// The path as somebody calls it who is after what is the victim's.
    fn path(&self, template: &str) -> String {
        let filled = PARAMETERS
            .iter()
            .filter(|(beginning, ..)| template.starts_with(beginning))
            .fold(template.to_owned(), |path, (_, name, value)| {
                path.replace(name, value(self))
            });
        assert!(
            !filled.contains('{'),
            "no line of PARAMETERS stands for one of {template}"
        );
        filled
    }

    /// A request that is right in all but who sends it: the document's example, aimed at what is the victim's.
    fn request(&self, method: &str, template: &str, operation: &Value) -> Call {
        let call = self.app.call(method, &self.path(template));
        match contract::example(operation) {
            Some(mut body) => {
                self.aim(&mut body);
                call.json(&body)
            }
            None => call,
        }
    }

    fn aim(&self, body: &mut Value) {
        let fields = body.as_object_mut().into_iter().flatten();
        for (name, value) in fields {
            match FIELDS.iter().find(|(field, _)| field == name) {
                Some((_, aimed)) => *value = aimed(self),
                None => self.aim(value),
            }
        }
    }

    async fn ask(&self, identity: &Identity, method: &str, template: &str, operation: &Value) -> Answer {
        let access = access(method, template).expect("a line of the table of permissions");
        let call = self.request(method, template, operation);
        match (identity.authorization)(self, access) {
            Some(authorization) => call.header("authorization", &authorization).send().await,
            None => call.send().await,
        }
    }

    /// Calls everything as somebody, and holds every answer against the tables.
    async fn attack(&self, identity: &Identity) {
        for (method, template, operation) in contract::operations() {
            let asked = format!("{} calls {method} {template}", identity.name);
            let answer = self.ask(identity, &method, &template, operation).await;
            let expected = match access(&method, &template) {
                Some(Access::Member) => identity.of_members,
                Some(Access::Candidate) => identity.of_candidates,
                _ => Expected::Anyone,
            };
            judge(&asked, expected, &answer, template.contains('{'));
            if let Some(secret) = self
                .secrets(expected)
                .into_iter()
                .find(|secret| shows(&answer, secret))
            {
                panic!("{asked}: {} shows {secret}: {}", answer.status, answer.text);
            }
        }
    }
}

fn judge(asked: &str, expected: Expected, answer: &Answer, names_something: bool) {
    let (status, text) = (answer.status, &answer.text);
    assert!(status < 500, "{asked}: {text}");
    match expected {
        Expected::Refused(code) => {
            assert_eq!(answer.refused(code)["detail"], code.title(), "{asked}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{asked}");
        }
        Expected::Owner => assert!(![401, 403, 404].contains(&status), "{asked}: {text}"),
        Expected::Stranger if names_something => drop(answer.refused(Code::NotFound)),
        Expected::Stranger | Expected::Neighbour => assert!(![401, 403].contains(&status), "{asked}: {text}"),
        // No token is asked for, so none is looked at. Some of these refuse what stands in the body.
        Expected::Anyone => {
            for code in [Code::MissingToken, Code::InvalidToken, Code::NotFound] {
                assert!(
                    status < 400 || answer.json()["code"] != code.word(),
                    "{asked}: {text}"
                );
            }
        }
    }
}

fn shows(answer: &Answer, secret: &str) -> bool {
    let headers = answer.headers.values().filter_map(|value| value.to_str().ok());
    headers
        .chain([answer.text.as_str()])
        .any(|text| text.to_lowercase().contains(secret))
}

on_both_databases! {
    async fn every_identity_gets_from_every_operation_what_the_tables_say(app: TestApp) {
        let scene = Scene::set_up(app).await;
        let before = scene.seen_by_the_owner().await;
        let (owners, others): (Vec<_>, Vec<_>) = IDENTITIES.iter().partition(|identity| identity.owns_something());
        for identity in others {
            scene.attack(identity).await;
        }
        for (place, after) in scene.seen_by_the_owner().await.as_object().unwrap() {
            assert!(before[place] == *after, "somebody else changed {place}: {after}");
        }
        for identity in owners {
            scene.attack(identity).await;
        }
    }
}
