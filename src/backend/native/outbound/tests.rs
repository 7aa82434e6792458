//! What gathers, what is taken, and what is thrown away.

use super::*;
use crate::message::Message;

/// Of a server, whose frames have no masks and so are known.
fn outbound() -> Outbound {
    Outbound::new(None)
}

fn given_away(len: usize) -> Payload<'static> {
    Payload::from(Message::from(vec![7; len]))
}

/// Takes all of it, as the wire does.
fn take(outbound: &mut Outbound) -> (Vec<u8>, Option<usize>) {
    let mut taken = Vec::new();
    let long = outbound.take(&mut taken);
    (taken, long.map(|long| long.len()))
}

#[test]
fn a_pong_waits_for_room_and_only_the_last_one_is_sent() {
    let filling = given_away(MAX_GATHERED_FOR_PONG - 10);
    for (more, waits) in [(0, false), (1, true)] {
        let mut outbound = outbound();
        outbound.part(&filling, true, true).unwrap();
        // The header of a short frame has two bytes.
        let rest = MAX_GATHERED_FOR_PONG - outbound.queued() - 3 + more;
        outbound.part(&given_away(rest), true, true).unwrap();
        assert_eq!(outbound.queued(), MAX_GATHERED_FOR_PONG - 1 + more);
        outbound.pong(Bytes::from_static(b"1"));
        outbound.pong(Bytes::from_static(b"2"));
        let (taken, _) = take(&mut outbound);
        let (first, last) = (&b"\x8a\x011"[..], &b"\x8a\x012"[..]);
        assert_eq!(taken.ends_with(first), !waits, "{more}");
        assert_eq!(take(&mut outbound).0, last, "the older one needs no answer");
        assert_eq!(outbound.queued(), 0);
    }
}

#[test]
fn a_long_payload_stays_where_it_is_and_counts() {
    for (payload, is_long) in [(given_away(MIN_LARGE_UNMASKED - 1), false), (given_away(MIN_LARGE_UNMASKED), true)] {
        let len = payload.as_bytes().len();
        let mut outbound = outbound();
        outbound.message(&payload, None).unwrap();
        assert_eq!(outbound.queued(), 4 + len);
        let (taken, long) = take(&mut outbound);
        assert_eq!((taken.len(), long), if is_long { (4, Some(len)) } else { (4 + len, None) });
        assert_eq!(outbound.queued(), 0);
    }
    // One that is only lent is copied at once, and one that is followed by another frame when that comes.
    let lent = vec![7; MIN_LARGE_UNMASKED];
    let mut outbound = outbound();
    outbound.message(&Payload::from(&lent), None).unwrap();
    assert!(outbound.long.is_none());
    outbound.message(&given_away(MIN_LARGE_UNMASKED), None).unwrap();
    assert!(outbound.long.is_some());
    outbound.ping(b"p");
    assert!(outbound.long.is_none());
    assert_eq!(take(&mut outbound).0.len(), 2 * (4 + MIN_LARGE_UNMASKED) + 3);
}

#[test]
fn there_is_room_for_as_much_as_the_last_burst_at_once() {
    for (len, expected) in [(100, 102), (MAX_EXPECTED + 100, MAX_EXPECTED)] {
        let mut outbound = outbound();
        let lent = vec![7; len];
        outbound.part(&Payload::from(&lent), true, true).unwrap();
        let _ = take(&mut outbound);
        // A look at nothing does not make it forget.
        let _ = take(&mut outbound);
        assert_eq!((outbound.burst, outbound.gathered.capacity()), (expected, 0));
        outbound.ping(b"");
        assert_eq!(outbound.gathered.capacity(), expected);
    }
}

#[test]
fn an_empty_buffer_is_given_back_and_a_full_one_is_not() {
    let mut outbound = outbound();
    outbound.ping(b"");
    outbound.trim();
    assert_eq!(outbound.queued(), 2);
    outbound.gathered.clear();
    outbound.trim();
    assert_eq!(outbound.gathered.capacity(), 0);
}

#[test]
fn what_can_no_longer_leave_is_thrown_away_whatever_it_is() {
    let mut outbound = outbound();
    outbound.part(&given_away(MAX_GATHERED_FOR_PONG), true, true).unwrap();
    outbound.pong(Bytes::from_static(b"waits"));
    outbound.ping(b"");
    outbound.message(&given_away(MIN_LARGE_UNMASKED), None).unwrap();
    assert!(outbound.is_ping_queued());
    outbound.forget();
    assert!(!outbound.is_ping_queued());
    assert_eq!((outbound.queued(), take(&mut outbound), take(&mut outbound).0.len()), (0, (Vec::new(), None), 0));
}

#[test]
fn a_ping_is_queued_until_it_is_taken() {
    let mut outbound = outbound();
    assert!(!outbound.is_ping_queued());
    outbound.ping(b"");
    assert!(outbound.is_ping_queued());
    let _ = take(&mut outbound);
    assert!(!outbound.is_ping_queued());
}

#[test]
fn no_message_falls_between_the_parts_of_another() {
    let beat = given_away(1);
    let mut outbound = outbound();
    assert!(outbound.between_messages(&beat).unwrap());
    assert_eq!(take(&mut outbound).0, b"\x82\x01\x07");
    for (is_first, is_last, may_follow) in [(true, false, false), (false, false, false), (false, true, true)] {
        outbound.part(&given_away(2), is_first, is_last).unwrap();
        let _ = take(&mut outbound);
        assert_eq!(outbound.between_messages(&beat).unwrap(), may_follow);
        assert_eq!(take(&mut outbound).0.is_empty(), !may_follow);
    }
    let _ = outbound.life.close();
    assert!(outbound.between_messages(&beat).is_err());
}

#[test]
fn messages_and_their_bytes_are_counted_as_the_program_sent_them() {
    let mut outbound = outbound();
    outbound.message(&given_away(10), Some(&Deflated::Lent(b"deflated"))).unwrap();
    outbound.message(&given_away(5), None).unwrap();
    outbound.part(&given_away(3), true, false).unwrap();
    assert_eq!((outbound.sent.messages, outbound.sent.bytes), (2, 18));
    outbound.part(&given_away(4), false, true).unwrap();
    assert_eq!((outbound.sent.messages, outbound.sent.bytes), (3, 22));
}
