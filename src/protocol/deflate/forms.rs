//! What becomes of a message that is compressed for many.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

/// What a message becomes where it stands by itself: the same for all that have this in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    pub(super) level: u32,
    pub(super) window_bits: u8,
}

/// The compressed forms of one message.
#[derive(Debug, Default)]
pub struct Forms(Mutex<Vec<(Form, Option<Bytes>)>>);

impl Forms {
    /// The message in this form, `None` if it does not become shorter. Whoever comes first makes it, the others wait so long.
    pub fn get(&self, form: Form, make: impl FnOnce() -> Option<Bytes>) -> Option<Bytes> {
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, made)) = forms.iter().find(|(made, _)| *made == form) {
            return made.clone();
        }
        if forms.len() == MAX_FORMS {
            drop(forms);
            return make();
        }
        let made = make();
        forms.push((form, made.clone()));
        made
    }
}

/// How many forms are kept: servers have one, or one for each window that clients ask for.
const MAX_FORMS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::deflate::{Deflated, Deflater};

    #[test]
    fn each_form_is_made_once_and_only_so_many_are_kept() {
        let forms = Forms::default();
        let mut made = 0;
        for _ in 0..3 {
            for level in 0..=MAX_FORMS as u32 {
                let outcome = forms.get(Form { level, window_bits: 15 }, || {
                    made += 1;
                    (level > 0).then(|| Bytes::from(vec![level as u8]))
                });
                assert_eq!(outcome.is_some(), level > 0);
            }
        }
        assert_eq!(made, MAX_FORMS + 3, "the last one is made each time");
    }

    #[test]
    fn what_stands_by_itself_is_shared_by_those_with_the_same_level_and_window() {
        let (message, forms) = ([7; 1000], Forms::default());
        let place = |window_bits, takeover, level, threshold| {
            let mut deflater = Deflater::new(window_bits, takeover, level, threshold);
            match deflater.deflate_shared(&message, &forms) {
                Some(Deflated::Shared(bytes)) => Some(bytes.as_ptr()),
                _ => None,
            }
        };
        let first = place(15, false, 6, 0);
        assert!(first.is_some());
        assert_eq!(place(15, false, 6, 1000), first);
        assert!(place(15, false, 6, 1001).is_none(), "it is shorter than what is compressed");
        assert!(place(15, true, 6, 0).is_none(), "each has a window of its own");
        for other in [place(14, false, 6, 0), place(15, false, 1, 0)] {
            assert!(other.is_some() && other != first);
        }
    }
}
