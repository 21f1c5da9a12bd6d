//! Two organizations, their members and candidates, and everything that one of them would not show the other.

use std::collections::BTreeSet;

use api::auth::{keys::SigningKeys, permissions::Access};
use serde_json::{Value, json};
use tests::{
    Candidate, Member, TestApp,
    forgery::Forger,
    people::{PASSWORD, small_set},
};

use super::identities::Expected;

/// Stands in everything that the victim's organization has written.
const ORGANIZATION_WORD: &str = "zanzibar";
/// Stands in everything that is about the victim's session.
const SESSION_WORD: &str = "pemba";

pub struct Scene {
    pub app: TestApp,
    pub forger: Forger,
    pub owner: Member,
    pub colleague: Member,
    pub removed: Member,
    pub stranger: Member,
    pub candidate: Candidate,
    pub other_candidate: Candidate,
    pub strange_candidate: Candidate,
    retired: (String, String),
    set: Value,
}

impl Scene {
    pub async fn set_up(app: TestApp) -> Self {
        let owner = register(&app).await;
        let set = publish(&app, &owner).await;
        let body = json!({
            "question_set": set["id"], "feedback": "immediate", "time_limit_minutes": 60,
            "external_id": "pemba-zanzibar-1",
            "candidate": {"name": "Pemba Zanzibar", "email": "pemba@zanzibar.example.org"}
        });
        let early = app.interview_with(&owner, &body).await;
        early
            .save(&app, "idempotence", "Pemba says that PUT is idempotent.")
            .await
            .is(201);
        let retired = (owner.token.clone(), early.token.clone());
        // The key that signed these tokens is retired: from now on another one signs.
        let app = with_another_key(app).await;
        let owner = log_in(&app, &owner.email).await;
        let (colleague, removed) = (joined(&app, &owner, "1").await, joined(&app, &owner, "2").await);
        app.execute(&format!("DELETE FROM refresh_token WHERE family_id IN (SELECT id FROM refresh_family WHERE member_id = '{0}')", id(&removed))).await;
        app.execute(&format!(
            "DELETE FROM refresh_family WHERE member_id = '{0}'",
            id(&removed)
        ))
        .await;
        app.execute(&format!("DELETE FROM member WHERE id = '{0}'", id(&removed)))
            .await;
        let other = json!({"question_set": set["id"], "candidate": {"name": "Somebody", "email": "x@example.org"}, "feedback": "never"});
        let stranger = app.member().await;
        Self {
            forger: Forger::new(&app).await,
            candidate: reopened(&app, early).await,
            other_candidate: app.interview_with(&owner, &other).await,
            strange_candidate: app.interview(&stranger, "immediate").await,
            app,
            owner,
            colleague,
            removed,
            stranger,
            retired,
            set,
        }
    }

    /// The victim's question set.
    pub fn set(&self) -> &str {
        self.set["id"].as_str().unwrap()
    }

    /// What the set says.
    pub fn set_document(&self) -> &Value {
        &self.set
    }

    /// A token that opens what is the victim's by an operation of this kind.
    pub fn genuine(&self, access: Access) -> &str {
        if access == Access::Candidate {
            &self.candidate.token
        } else {
            &self.owner.token
        }
    }

    /// The same, as the retired key signed it.
    pub fn retired(&self, access: Access) -> &str {
        if access == Access::Candidate {
            &self.retired.1
        } else {
            &self.retired.0
        }
    }

    /// All that may change, as its owner sees it, and how much there is of it.
    pub async fn seen_by_the_owner(&self) -> Value {
        let mut seen = json!({});
        for path in [
            "/v1/me".to_owned(),
            "/v1/sessions".to_owned(),
            format!("/v1/sessions/{}", self.candidate.session),
            format!("/v1/sessions/{}/report", self.candidate.session),
            "/v1/question-sets".to_owned(),
            format!("/v1/question-sets/{}", self.set()),
            format!("/v1/question-sets/{}/versions", self.set()),
            format!("/v1/question-sets/{}/versions/1", self.set()),
        ] {
            seen[&path] = self.owner.get(&self.app, &path).ok().await;
        }
        let organization = &self.owner.answer["member"]["organization_id"];
        // The other candidate of the organization may do in their own session what they like.
        let events = format!(
            "SELECT COUNT(*) FROM audit_event WHERE organization_id = '{}' AND actor <> 'candidate'",
            organization.as_str().unwrap()
        );
        seen["events"] = json!(self.app.count(&events).await);
        seen["/v1/sessions"]["data"]
            .as_array_mut()
            .unwrap()
            .retain(|row| row["id"] != self.other_candidate.session);
        seen
    }

    /// What somebody who is received like this must never be shown.
    pub fn secrets(&self, expected: Expected) -> BTreeSet<String> {
        let mut secrets = BTreeSet::new();
        if expected == Expected::Owner {
            return secrets;
        }
        secrets.insert(SESSION_WORD.to_owned());
        secrets.insert(self.candidate.invite_code.to_lowercase());
        ids(
            &json!([
                self.candidate.created["id"],
                self.candidate.created["candidate"]["id"]
            ]),
            &mut secrets,
        );
        if expected != Expected::Neighbour {
            secrets.insert(ORGANIZATION_WORD.to_owned());
            for known in [
                &self.candidate.created,
                &self.other_candidate.created,
                &self.owner.answer,
                &self.colleague.answer,
                &self.set,
            ] {
                ids(known, &mut secrets);
            }
        }
        secrets
    }
}

/// Every prefixed id in a document.
fn ids(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let is_id = text.split_once('_').is_some_and(|(prefix, rest)| {
                prefix.len() == 3 && rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
            });
            if is_id {
                found.insert(text.clone());
            }
        }
        Value::Array(values) => values.iter().for_each(|value| ids(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| ids(value, found)),
        _ => {}
    }
}

fn id(member: &Member) -> &str {
    member.answer["member"]["id"].as_str().unwrap()
}

async fn register(app: &TestApp) -> Member {
    let body = json!({"organization": "Zanzibar Ltd", "name": "Zanzibar Ada", "email": "ada@zanzibar.example.org", "password": PASSWORD});
    Member::from_tokens(
        &app.post("/v1/auth/register")
            .json(&body)
            .send()
            .await
            .is(201)
            .json(),
    )
}

async fn log_in(app: &TestApp, email: &str) -> Member {
    let body = json!({"email": email, "password": PASSWORD});
    Member::from_tokens(&app.post("/v1/auth/login").json(&body).ok().await)
}

async fn publish(app: &TestApp, owner: &Member) -> Value {
    let mut set = small_set("zanzibar-set");
    set["title"] = json!("Zanzibar's questions");
    set["questions"][0]["prompt"] = json!("Zanzibar asks: which methods are idempotent?");
    let set = owner.post(app, "/v1/question-sets", &set).await.is(201).json();
    app.post("/v1/question-sets/zanzibar-set/publish")
        .token(&owner.token)
        .send()
        .await
        .is(201);
    set
}

/// A member of the same organization: over HTTP nobody joins one yet.
async fn joined(app: &TestApp, owner: &Member, number: &str) -> Member {
    let (id, email) = (
        format!("mem_{}{number}", "f".repeat(31)),
        format!("zanzibar.{number}@example.org"),
    );
    app.execute(&format!(
        "INSERT INTO member (id, organization_id, name, email, email_key, password_hash, created_at) \
         SELECT '{id}', organization_id, 'Zanzibar {number}', '{email}', '{email}', password_hash, created_at \
         FROM member WHERE email = '{}'",
        owner.email
    ))
    .await;
    log_in(app, &email).await
}

async fn with_another_key(app: TestApp) -> TestApp {
    let folder = app.folder().join("signing-keys");
    let kid = app.get("/.well-known/jwks.json").ok().await["keys"][0]["kid"]
        .as_str()
        .unwrap()
        .to_owned();
    let database = app.stop();
    SigningKeys::generate(&folder).unwrap();
    SigningKeys::retire(&folder, &kid).unwrap();
    database
        .execute("UPDATE signing_key SET retired_at = first_seen_at")
        .await;
    TestApp::start(database).await
}

async fn reopened(app: &TestApp, candidate: Candidate) -> Candidate {
    let body = json!({"invite_code": candidate.invite_code});
    let answer = app.post("/v1/candidate/token").json(&body).ok().await;
    Candidate {
        token: answer["access_token"].as_str().unwrap().to_owned(),
        ..candidate
    }
}
