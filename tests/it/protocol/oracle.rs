//! An independent implementation, tungstenite, must read the same out of the same bytes. Natively only: it needs no
//! browser to agree, and a browser has no tungstenite.

use properties::{
    differential::{Case, Role, Verdict, check, theirs},
    receiver::Outcome,
    streams::{Random, faulty, valid},
};
use websocket_anywhere::{
    CloseCode, Message,
    protocol::{CloseFrame, Opcode, encode, encode_close},
};

use crate::support::test;

#[test]
async fn tungstenite_reads_the_same_out_of_valid_streams() {
    let mut seen = Seen::default();
    for seed in 0..2000 {
        let mut random = Random::new(seed);
        let stream = valid(&mut random).concat();
        let cuts = (0..random.below(5)).map(|_| random.number() as u16).collect();
        seen.count(check(&Case { cuts, stream }));
    }
    assert!(seen.open > 500 && seen.closed > 300, "{seen:?}");
}

#[test]
async fn tungstenite_refuses_the_same_streams() {
    let mut seen = Seen::default();
    for seed in 0..6000 {
        let mut random = Random::new(seed);
        let stream = faulty(&mut random);
        let cuts = (0..random.below(5)).map(|_| random.number() as u16).collect();
        seen.count(check(&Case { cuts, stream }));
    }
    // The streams are of every sort, or the comparison says nothing.
    assert!(seen.open > 500 && seen.closed > 300 && seen.protocol > 300, "{seen:?}");
    assert!(seen.utf8 > 50 && seen.size > 50 && seen.early < seen.protocol, "{seen:?}");
}

#[test]
async fn tungstenite_reads_what_is_encoded() {
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let mut stream = Vec::new();
        let mut expected: Vec<_> = (0..random.below(6)).map(|_| encoded(&mut random, &mut stream)).collect();
        let bye = random.one_in(2).then(|| CloseFrame { code: CloseCode::NORMAL, reason: random.text(50) });
        encode_close(key(&mut random), bye.as_ref(), &mut stream);
        expected.push(Outcome::Close(bye));
        let (outcomes, verdict) = theirs(Role::Server, &stream);
        assert!(outcomes == expected && verdict == Verdict::Ended, "seed {seed}: {outcomes:?}, {verdict:?}");
    }
}

/// Appends a random frame and says what the peer should read.
fn encoded(random: &mut Random, out: &mut Vec<u8>) -> Outcome {
    let len = random.usual_len();
    let (opcode, payload) = match random.below(4) {
        0 => (Opcode::Text, random.text(len).into_bytes()),
        1 => (Opcode::Binary, random.bytes(len)),
        2 => (Opcode::Ping, random.bytes(len.min(125))),
        _ => (Opcode::Pong, random.bytes(len.min(125))),
    };
    encode(key(random), opcode, &payload, out);
    match opcode {
        Opcode::Text => Outcome::Message(Message::from(String::from_utf8(payload).unwrap())),
        Opcode::Binary => Outcome::Message(Message::from(payload)),
        Opcode::Ping => Outcome::Ping(payload),
        _ => Outcome::Pong(payload),
    }
}

fn key(random: &mut Random) -> [u8; 4] {
    (random.number() as u32).to_ne_bytes()
}

/// How many streams ended how.
#[derive(Debug, Default)]
struct Seen {
    open: usize,
    closed: usize,
    protocol: usize,
    utf8: usize,
    size: usize,
    early: usize,
}

impl Seen {
    fn count(&mut self, (verdict, early): (Verdict, bool)) {
        self.early += usize::from(early);
        *match verdict {
            Verdict::Open => &mut self.open,
            Verdict::Ended => &mut self.closed,
            Verdict::Refused(CloseCode::INVALID_PAYLOAD) => &mut self.utf8,
            Verdict::Refused(CloseCode::MESSAGE_TOO_BIG) => &mut self.size,
            Verdict::Refused(_) => &mut self.protocol,
        } += 1;
    }
}
