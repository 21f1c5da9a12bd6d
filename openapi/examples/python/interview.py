"""The README's first interview, with the client that openapi-python-client generates."""

import sys
import uuid

from viva_client import AuthenticatedClient, Client
from viva_client.api.auth import register
from viva_client.api.candidate import open_session, save_answer, start_session, submit_session
from viva_client.api.sessions import create_session, get_report
from viva_client.models import (
    AnswerRequest,
    CandidateRequest,
    Feedback,
    InviteCodeRequest,
    Problem,
    RegisterRequest,
    SessionRequest,
    SessionStatus,
    Verdict,
)

ANSWER = (
    "The GIL is a lock around the interpreter, so only one thread runs Python bytecode at a time. "
    "CPU-bound threads run faster on several cores. "
    "While one thread waits for the network the lock is let go, so another can run."
)


def right(answer):
    """What was asked for; a problem ends the interview."""
    if answer is None or isinstance(answer, Problem):
        sys.exit(f"refused: {answer}")
    return answer


def main(url: str) -> None:
    # The recruiter signs up, and creates a session for a candidate.
    anyone = Client(base_url=url, raise_on_unexpected_status=True)
    email = f"ada.{uuid.uuid4().hex}@example.org"
    registration = RegisterRequest(organization="Example", name="Ada", email=email, password="correct horse")
    tokens = right(register.sync(client=anyone, body=registration))
    recruiter = AuthenticatedClient(base_url=url, token=tokens.access_token, raise_on_unexpected_status=True)
    wanted = SessionRequest(
        question_set="python-core-mechanics",
        candidate=CandidateRequest(name="Grace", email="grace@example.org"),
        feedback=Feedback.ON_SUBMIT,
        time_limit_minutes=45,
    )
    session = right(create_session.sync(client=recruiter, body=wanted))

    # The candidate opens it with the invite code, starts, answers a question and submits.
    opened = right(open_session.sync(client=anyone, body=InviteCodeRequest(invite_code=session.invite_code)))
    candidate = AuthenticatedClient(base_url=url, token=opened.access_token, raise_on_unexpected_status=True)
    assert right(start_session.sync(client=candidate)).status == SessionStatus.ACTIVE
    saved = right(save_answer.sync(question_id="gil", client=candidate, body=AnswerRequest(text=ANSWER)))
    assert (saved.text, saved.revision) == (ANSWER, 1)
    assert right(submit_session.sync(client=candidate)).status == SessionStatus.SUBMITTED

    # The recruiter reads the report: a verdict for every concept, and the evidence for it.
    report = right(get_report.sync(id=session.id, client=recruiter))
    gil = next(question for question in report.questions if question.question_id == "gil")
    for concept in gil.concepts:
        print(f"{concept.verdict}: {concept.explanation}")
        for evidence in concept.evidence:
            assert ANSWER[evidence.start : evidence.end] == evidence.quote
    verdicts = {concept.verdict for concept in gil.concepts}
    assert {Verdict.MET, Verdict.CONTRADICTED} <= verdicts, verdicts
    assert 0 < gil.points < gil.max_points


if __name__ == "__main__":
    main(sys.argv[1])
