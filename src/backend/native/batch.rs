//! What a read gave, on its way to the program.

use std::collections::VecDeque;

use crate::{
    backend::Chunk,
    error::Result,
    message::Message,
    protocol::{Block, Violation},
};

/// Chunks in order, then perhaps the end, which is an error or the peer's Close.
///
/// Most of what arrives are whole messages one behind the other; they stay together in a block. What comes before and
/// behind it is kept one by one.
#[derive(Debug, Default)]
pub(super) struct Batch {
    before: VecDeque<Result<Option<Chunk>>>,
    block: Block,
    behind: VecDeque<Result<Option<Chunk>>>,
    /// The rule that the peer broke behind all of it: acted on when the program gets there, so that it can still answer what
    /// came before.
    violation: Option<Violation>,
}

impl Batch {
    /// Takes the next item if it is a message of the block.
    #[inline]
    pub(super) fn take_message(&mut self) -> Option<Message> {
        if self.before.is_empty() { self.block.take_message() } else { None }
    }

    /// Takes the next item.
    pub(super) fn pop(&mut self) -> Option<Result<Option<Chunk>>> {
        if !self.before.is_empty() {
            return self.before.pop_front();
        }
        match self.block.take_message() {
            Some(message) => Some(Ok(Some(Chunk::Message(message)))),
            None => self.behind.pop_front(),
        }
    }

    /// Appends an item.
    pub(super) fn push(&mut self, item: Result<Option<Chunk>>) {
        let place = if self.takes_block() { &mut self.before } else { &mut self.behind };
        place.push_back(item);
    }

    /// Remembers the broken rule that ends the batch.
    pub(super) const fn set_violation(&mut self, violation: Violation) {
        self.violation = Some(violation);
    }

    /// Takes the broken rule that ends the batch, for whoever got to it or will not get to it.
    pub(super) const fn take_violation(&mut self) -> Option<Violation> {
        self.violation.take()
    }

    /// The block, if what is put into it now is in its place.
    pub(super) fn empty_block(&mut self) -> Option<&mut Block> {
        self.takes_block().then_some(&mut self.block)
    }

    fn takes_block(&self) -> bool {
        self.block.is_empty() && self.behind.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.before.len() + self.block.len() + self.behind.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn clear(&mut self) {
        self.before.clear();
        self.block.clear();
        self.behind.clear();
    }

    /// Gives back room that is not needed while nothing arrives.
    pub(super) fn rest(&mut self) {
        self.block.rest();
        for items in [&mut self.before, &mut self.behind] {
            if items.capacity() > ITEMS_KEPT {
                *items = VecDeque::new();
            }
        }
    }
}

/// Room for more items is not kept while there is nothing to receive.
const ITEMS_KEPT: usize = 4;
