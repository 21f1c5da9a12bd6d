// The README's first interview, with the types that openapi-typescript generates and the fetch that knows them.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./viva.js";

const ANSWER =
  "The GIL is a lock around the interpreter, so only one thread runs Python bytecode at a time. " +
  "CPU-bound threads run faster on several cores. " +
  "While one thread waits for the network the lock is let go, so another can run.";

type Problem = components["schemas"]["Problem"];

/** What was asked for; a problem ends the interview. What the server's parser refuses has no problem to tell. */
function right<T>(answer: { data?: T; error?: Problem | undefined }): T {
  if (answer.data === undefined) {
    throw new Error(`${answer.error?.code}: ${answer.error?.detail}`);
  }
  return answer.data;
}

function client(baseUrl: string, token?: string) {
  return createClient<paths>({ baseUrl, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
}

async function main(url: string): Promise<void> {
  // The recruiter signs up, and creates a session for a candidate.
  const anyone = client(url);
  const email = `ada.${randomUUID()}@example.org`;
  const registration = { organization: "Example", name: "Ada", email, password: "correct horse" };
  const tokens = right(await anyone.POST("/v1/auth/register", { body: registration }));
  const recruiter = client(url, tokens.access_token);
  const session = right(
    await recruiter.POST("/v1/sessions", {
      body: {
        question_set: "python-core-mechanics",
        candidate: { name: "Grace", email: "grace@example.org" },
        feedback: "on_submit",
        time_limit_minutes: 45,
      },
    }),
  );

  // The candidate opens it with the invite code, which is shown once, starts, answers a question and submits.
  assert(session.invite_code !== undefined, "a new session has a code");
  const opened = right(await anyone.POST("/v1/candidate/token", { body: { invite_code: session.invite_code } }));
  const candidate = client(url, opened.access_token);
  assert.equal(right(await candidate.POST("/v1/candidate/session/start")).status, "active");
  const saved = right(
    await candidate.PUT("/v1/candidate/answers/{question_id}", {
      params: { path: { question_id: "gil" } },
      body: { text: ANSWER },
    }),
  );
  assert.deepEqual([saved.text, saved.revision], [ANSWER, 1]);
  assert.equal(right(await candidate.POST("/v1/candidate/session/submit")).status, "submitted");

  // The recruiter reads the report: a verdict for every concept, and the evidence for it.
  const report = right(await recruiter.GET("/v1/sessions/{id}/report", { params: { path: { id: session.id } } }));
  const gil = report.questions.find((question) => question.question_id === "gil");
  assert(gil !== undefined && gil.points > 0 && gil.points < gil.max_points);
  const text = [...ANSWER];
  for (const concept of gil.concepts) {
    console.log(`${concept.verdict}: ${concept.explanation}`);
    for (const evidence of concept.evidence) {
      assert.equal(text.slice(evidence.start, evidence.end).join(""), evidence.quote);
    }
  }
  const verdicts = gil.concepts.map((concept) => concept.verdict);
  assert(verdicts.includes("met") && verdicts.includes("contradicted"), verdicts.join());
}

const [url] = process.argv.slice(2);
assert(url !== undefined, "which server?");
await main(url);
