//! The oracle of the inflater: zlib itself, in C, which also tells whether it stands where a block ends.

#![allow(unsafe_code, reason = "zlib has no other interface, and no safe one tells where it stands")]

use std::{ffi::c_int, mem::MaybeUninit, ptr};

use libz_sys::{
    Z_BUF_ERROR, Z_OK, Z_STREAM_END, Z_SYNC_FLUSH, inflate, inflateEnd, inflateInit2_, inflateReset, z_stream,
    zlibVersion,
};

use super::reference::TAIL;

unsafe extern "C" {
    /// Of the same library; the crate leaves it out.
    fn inflateSyncPoint(stream: *mut z_stream) -> c_int;
}

/// What receives compressed messages as RFC 7692 section 7.2.2 says, with a window of 32 KiB.
#[allow(missing_debug_implementations, reason = "the state of a library in C has none")]
pub struct Zlib(Box<z_stream>);

/// What a piece of a message led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// All of it was used.
    Used,
    /// The same, and a final block ended with it.
    Ended,
}

impl Default for Zlib {
    fn default() -> Self {
        Self::new()
    }
}

impl Zlib {
    /// # Panics
    ///
    /// If there is no memory.
    #[must_use]
    pub fn new() -> Self {
        // The library's state points to the stream, so it may not move. Zeros ask for the library's own functions.
        let mut stream = Box::new(MaybeUninit::<z_stream>::zeroed());
        let (version, size) = (zlibVersion, size_of::<z_stream>() as c_int);
        // SAFETY: zeros are the documented beginning, and version and size are those of the library that is linked.
        let result = unsafe { inflateInit2_(stream.as_mut_ptr(), -15, version(), size) };
        assert_eq!(result, Z_OK);
        // SAFETY: the library has set the functions, which alone may not be zero.
        Self(unsafe { stream.assume_init() })
    }

    /// Decompresses a message: `None` if it is damaged or cut short.
    pub fn read(&mut self, payload: &[u8], context_takeover: bool) -> Option<Vec<u8>> {
        let mut output = Vec::new();
        if !payload.is_empty() && self.run(payload, &mut output)? == Step::Used {
            let len = output.len();
            // A sender that left the tail where it was ended the empty block itself, so another one starts.
            if payload.ends_with(&TAIL) {
                self.run(&[0], &mut output)?;
            }
            let is_whole = self.awaits_the_tail() && self.run(&TAIL, &mut output).is_some();
            if !is_whole || output.len() > len {
                return None;
            }
        }
        if !context_takeover {
            self.start_over();
        }
        Some(output)
    }

    /// Decompresses a piece, in which streams may end and others begin.
    fn run(&mut self, input: &[u8], output: &mut Vec<u8>) -> Option<Step> {
        let mut piece = vec![0; 64 * 1024];
        let stream = &mut *self.0;
        stream.next_in = input.as_ptr().cast_mut();
        stream.avail_in = input.len() as u32;
        loop {
            stream.next_out = piece.as_mut_ptr();
            stream.avail_out = piece.len() as u32;
            // SAFETY: the stream was made by the library; input and output outlive the call and are as long as it says.
            let result = unsafe { inflate(stream, Z_SYNC_FLUSH) };
            output.extend_from_slice(&piece[..piece.len() - stream.avail_out as usize]);
            match result {
                Z_STREAM_END => {
                    // SAFETY: as above.
                    unsafe { inflateReset(stream) };
                    if stream.avail_in == 0 {
                        return Some(Step::Ended);
                    }
                }
                Z_OK | Z_BUF_ERROR if stream.avail_out > 0 => return Some(Step::Used),
                Z_OK => {}
                _ => return None,
            }
        }
    }

    /// Whether the header of a block without compression is the last thing that was read.
    fn awaits_the_tail(&mut self) -> bool {
        // SAFETY: the stream was made by the library.
        unsafe { inflateSyncPoint(&mut *self.0) == 1 }
    }

    fn start_over(&mut self) {
        // SAFETY: the stream was made by the library.
        unsafe { inflateReset(&mut *self.0) };
    }
}

impl Drop for Zlib {
    fn drop(&mut self) {
        self.0.next_in = ptr::null_mut();
        // SAFETY: the stream was made by the library, and nobody uses it again.
        unsafe { inflateEnd(&mut *self.0) };
    }
}
