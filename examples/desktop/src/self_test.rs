//! What somebody would do in the window, step by step: talk, cancel a transfer, let another one finish, close. Fails if something else happens.

use std::{
    task::Poll,
    time::{Duration, Instant},
};

use crate::{
    chat::{self, Kind},
    model::Model,
    transfer::{Phase, Source},
};

/// The script, and how far it is.
#[derive(Debug)]
pub struct SelfTest {
    chat_url: String,
    echo_url: String,
    step: Step,
    since: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Connect,
    Talk,
    Hear,
    Cancel,
    BeCancelled,
    Transfer,
    Close,
    Closed,
    Feed,
    End,
}

impl SelfTest {
    /// The script from its beginning, against the URLs of a room and an echo.
    pub fn new(chat_url: String, echo_url: String) -> Self {
        Self { chat_url, echo_url, step: Step::Connect, since: Instant::now() }
    }

    /// Does what is due. To be called whenever there is something new, until it is ready.
    pub fn advance(&mut self, model: &mut Model) -> Poll<Result<(), String>> {
        loop {
            match self.next(model) {
                Ok(Some(Step::End)) => return Poll::Ready(Ok(())),
                Ok(Some(step)) => (self.step, self.since) = (step, Instant::now()),
                Ok(None) if self.since.elapsed() > PATIENCE => {
                    return Poll::Ready(Err(format!("nothing has come of {:?} in {PATIENCE:?}", self.step)));
                }
                Ok(None) => return Poll::Pending,
                Err(error) => return Poll::Ready(Err(format!("{:?}: {error}", self.step))),
            }
        }
    }

    /// The next step, if this one has succeeded.
    fn next(&self, model: &mut Model) -> Result<Option<Step>, String> {
        if let Some(line) = model.chat.view().log.iter().find(|line| line.kind == Kind::Failure) {
            return Err(line.text.clone());
        }
        let phase = model.transfer.progress().phase.clone();
        if let Phase::Failed(error) = phase {
            return Err(error);
        }
        Ok(match self.step {
            Step::Connect => {
                model.chat.connect(&self.chat_url, "");
                Some(Step::Talk)
            }
            Step::Talk => {
                let is_open = model.chat.view().state == chat::State::Open;
                let spoken = is_open && model.chat.send(WORDS.into()).is_ok();
                spoken.then_some(Step::Hear)
            }
            Step::Hear => {
                let view = model.chat.view();
                let heard = view.log.iter().any(|line| line.kind == Kind::Received && line.text.ends_with(WORDS));
                drop(view);
                if heard {
                    model.transfer.start(&self.echo_url, Source::Made(u64::MAX));
                }
                heard.then_some(Step::Cancel)
            }
            Step::Cancel => {
                let returned = model.transfer.progress().returned;
                if returned > 0 {
                    model.transfer.cancel();
                }
                (returned > 0).then_some(Step::BeCancelled)
            }
            Step::BeCancelled => {
                let cancelled = phase == Phase::Cancelled;
                if cancelled {
                    model.transfer.start(&self.echo_url, Source::Made(SIZE));
                }
                cancelled.then_some(Step::Transfer)
            }
            Step::Transfer => match phase {
                Phase::Done { sent, returned } if sent == returned => Some(Step::Close),
                Phase::Done { .. } => return Err("something else came back".to_owned()),
                _ => None,
            },
            Step::Close => {
                model.chat.close();
                Some(Step::Closed)
            }
            Step::Closed => (model.chat.view().state == chat::State::Closed).then_some(Step::Feed),
            Step::Feed => {
                let echoed = model.feed.status().map_or(0, |status| status.echoed);
                (echoed >= SIZE).then_some(Step::End)
            }
            Step::End => Some(Step::End),
        })
    }
}

/// In two scripts: the fonts of the program have one of them, the system may have the other.
const WORDS: &str = "is anybody there? 誰かいますか。";
const SIZE: u64 = 64 * 1024 * 1024;
/// How long a step may take.
const PATIENCE: Duration = Duration::from_secs(60);
