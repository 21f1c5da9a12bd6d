//! Who calls: members who have registered, candidates who were invited.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::{Answer, TestApp, client::Call};

/// The password of every member that [`TestApp::member`] registers.
pub const PASSWORD: &str = "correct horse battery staple";
/// The slug of the built-in set.
pub const BUILT_IN: &str = "python-core-mechanics";

/// A member who has signed in.
#[derive(Debug, Clone)]
pub struct Member {
    /// Their address.
    pub email: String,
    /// Their access token.
    pub token: String,
    /// Their refresh token.
    pub refresh_token: String,
    /// The whole token answer.
    pub answer: Value,
}

/// A candidate who has opened their session.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The session's id.
    pub session: String,
    /// What opened it.
    pub invite_code: String,
    /// Their token.
    pub token: String,
    /// The session as it was created.
    pub created: Value,
}

/// What registers somebody.
pub fn registration(email: &str) -> Value {
    json!({"organization": "Analytical Engines", "name": "Ada Lovelace", "email": email, "password": PASSWORD})
}

/// A small question set of somebody's own: one question, two concepts.
pub fn small_set(slug: &str) -> Value {
    json!({
        "id": slug,
        "title": "HTTP in short",
        "questions": [{
            "id": "idempotence",
            "prompt": "Which HTTP methods are idempotent, and what does that mean?",
            "reference": "A PUT that is repeated leaves the resource as the first one did, which a POST does not promise.",
            "concepts": [
                {
                    "id": "same-effect",
                    "statement": "Sending an idempotent request twice has the same effect as sending it once.",
                    "accept": ["repeating the request changes nothing further"],
                    "reject": ["an idempotent request may only be sent once"]
                },
                {"id": "put", "statement": "PUT is idempotent.", "weight": 0.5}
            ]
        }]
    })
}

impl TestApp {
    /// Registers an organization and its first member.
    pub async fn member(&self) -> Member {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let email = format!("ada.{}@example.org", NUMBER.fetch_add(1, Ordering::Relaxed));
        let answer = self
            .post("/v1/auth/register")
            .json(&registration(&email))
            .send()
            .await;
        Member::from_tokens(&answer.is(201).json())
    }

    /// A session with the built-in set, opened but not started.
    pub async fn invited(&self, member: &Member, feedback: &str) -> Candidate {
        self.invited_with(member, &json!({"feedback": feedback})).await
    }

    /// The same, with more said about the session.
    pub async fn invited_with(&self, member: &Member, more: &Value) -> Candidate {
        let created = self.session(member, more).await;
        let invite_code = created["invite_code"]
            .as_str()
            .expect("an invite code")
            .to_owned();
        let answer = self
            .post("/v1/candidate/token")
            .json(&json!({"invite_code": invite_code}))
            .ok()
            .await;
        Candidate {
            session: created["id"].as_str().expect("an id").to_owned(),
            invite_code,
            token: answer["access_token"].as_str().expect("a token").to_owned(),
            created,
        }
    }

    /// A session with the built-in set that has been started.
    pub async fn interview(&self, member: &Member, feedback: &str) -> Candidate {
        self.interview_with(member, &json!({"feedback": feedback})).await
    }

    /// The same, with more said about the session.
    pub async fn interview_with(&self, member: &Member, more: &Value) -> Candidate {
        let candidate = self.invited_with(member, more).await;
        candidate.post(self, "start").await.is(200);
        candidate
    }

    /// A session as `POST /v1/sessions` answers it.
    pub async fn session(&self, member: &Member, more: &Value) -> Value {
        let mut body = json!({
            "question_set": BUILT_IN,
            "candidate": {"name": "Charles Babbage", "email": "charles@example.org"},
            "feedback": "on_submit"
        });
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        member.post(self, "/v1/sessions", &body).await.is(201).json()
    }

    /// A published set of the member's own, as it was created.
    pub async fn published(&self, member: &Member, slug: &str) -> Value {
        let set = member
            .post(self, "/v1/question-sets", &small_set(slug))
            .await
            .is(201)
            .json();
        let publish = format!("/v1/question-sets/{slug}/publish");
        self.post(&publish).token(&member.token).send().await.is(201);
        set
    }
}

impl Member {
    /// Whom a token answer is for.
    pub fn from_tokens(answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        Self {
            email: text(&answer["member"]["email"]),
            token: text(&answer["access_token"]),
            refresh_token: text(&answer["refresh_token"]),
            answer: answer.clone(),
        }
    }

    /// A GET request of theirs.
    pub fn get(&self, app: &TestApp, path: &str) -> Call {
        app.get(path).token(&self.token)
    }

    /// Sends a POST request of theirs.
    pub async fn post(&self, app: &TestApp, path: &str, body: &Value) -> Answer {
        app.post(path).token(&self.token).json(body).send().await
    }

    /// Reads a session.
    pub async fn session(&self, app: &TestApp, id: &str) -> Value {
        self.get(app, &format!("/v1/sessions/{id}")).ok().await
    }

    /// Reads a session's report.
    pub async fn report(&self, app: &TestApp, id: &str) -> Value {
        self.get(app, &format!("/v1/sessions/{id}/report")).ok().await
    }

    /// Sends `cancel`, `finalize` or `release`.
    pub async fn change(&self, app: &TestApp, id: &str, what: &str) -> Answer {
        app.post(&format!("/v1/sessions/{id}/{what}"))
            .token(&self.token)
            .send()
            .await
    }

    /// The ids of a list, in its order, of one page.
    pub async fn ids(&self, app: &TestApp, path: &str) -> Vec<String> {
        let page = self.get(app, path).ok().await;
        let rows = page["data"].as_array().expect("rows");
        rows.iter()
            .map(|row| row["id"].as_str().expect("an id").to_owned())
            .collect()
    }
}

impl Candidate {
    /// A GET request of theirs, below `/v1/candidate/`.
    pub fn get(&self, app: &TestApp, what: &str) -> Call {
        app.get(&format!("/v1/candidate/{what}")).token(&self.token)
    }

    /// Sends `start`, `submit` or `decline`.
    pub async fn post(&self, app: &TestApp, what: &str) -> Answer {
        app.post(&format!("/v1/candidate/session/{what}"))
            .token(&self.token)
            .send()
            .await
    }

    /// A request that saves an answer.
    pub fn saving(&self, app: &TestApp, question: &str, text: &str) -> Call {
        app.put(&format!("/v1/candidate/answers/{question}"))
            .token(&self.token)
            .json(&json!({"text": text}))
    }

    /// Saves an answer.
    pub async fn save(&self, app: &TestApp, question: &str, text: &str) -> Answer {
        self.saving(app, question, text).send().await
    }
}
