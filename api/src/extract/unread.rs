//! A body that is answered before it has been read, and what comes of its connection.
//!
//! Where the rest of a body in chunks belongs to nobody any more, the server would read on to its end, however long somebody
//! draws that out. So the body is kept until the answer is on its way: then the server hangs up.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    web::Bytes,
};
use futures_util::Stream;

/// A request's body, which its reader and the answer share.
#[derive(Clone)]
pub struct Shared(Rc<RefCell<Payload>>);

impl Shared {
    /// Shares the body of a request, where it has one.
    pub fn of(request: &mut ServiceRequest) -> Option<Self> {
        let payload = match request.take_payload() {
            Payload::None => return None,
            payload => payload,
        };
        let shared = Self(Rc::new(RefCell::new(payload)));
        request.set_payload(Payload::Stream {
            payload: Box::pin(shared.clone()),
        });
        Some(shared)
    }

    /// Keeps it until the whole answer has been sent.
    pub fn keep_with(self, answer: BoxBody) -> BoxBody {
        Answered {
            answer,
            _request: self,
        }
        .boxed()
    }
}

/// The body of an answer, and that of its request.
struct Answered {
    answer: BoxBody,
    /// It is there to be there.
    _request: Shared,
}

impl MessageBody for Answered {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(context)
    }
}

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // The answer only keeps it: nobody else ever has it in hand.
        match self.0.try_borrow_mut() {
            Ok(mut payload) => Pin::new(&mut *payload).poll_next(context),
            Err(_) => Poll::Ready(None),
        }
    }
}
