//! The server's side of a request that a web server has read by HTTP/2 (RFC 8441).

use websocket_anywhere::{
    Compression, Control, ErrorKind, ServerControl, ServerDecision, ServerMessageWebSocket, ServerRequest,
};

use crate::support::test;

const VERSION: (&str, &str) = ("sec-websocket-version", "13");

#[test]
async fn a_request_is_answered_by_200_without_anything_about_the_connection() {
    let control = Control::new().supported_protocol("chat").compression(Compression::new());
    let control = ServerControl::new().settings(control);
    let refusing =
        ServerControl::new().on_request(|_| ServerDecision::refuse(404).header("X-Why", "none").body("nothing here"));
    let protocol = ("sec-websocket-protocol", "other, chat");
    let extension = ("sec-websocket-extensions", "permessage-deflate");
    // Names and values that are in the answer to these headers, and how many there are.
    type Row<'a> = (&'a ServerControl, &'a [(&'a str, &'a str)], u16, &'a [(&'a str, &'a str)]);
    let rows: [Row<'_>; 7] = [
        (&control, &[VERSION], 200, &[]),
        (&control, &[VERSION, protocol], 200, &[("sec-websocket-protocol", "chat")]),
        (&control, &[VERSION, extension], 200, &[extension]),
        (&control, &[], 400, &[("content-length", "0")]),
        (&control, &[("sec-websocket-version", "12")], 400, &[("content-length", "0")]),
        (&control, &[VERSION, VERSION], 400, &[("content-length", "0")]),
        (&refusing, &[VERSION], 404, &[("content-length", "12"), ("X-Why", "none")]),
    ];
    for (control, headers, status, expected) in rows {
        let request = ServerRequest::over_http2("/chat?room=1", headers.iter().copied()).unwrap();
        assert_eq!((request.path(), request.query()), ("/chat", Some("room=1")));
        let response = control.respond(&request);
        assert_eq!(response.status(), status, "{headers:?}");
        assert_eq!(response.headers().collect::<Vec<_>>(), expected, "{headers:?}");
        assert_eq!(response.is_accepted(), status == 200, "{headers:?}");
        let opened = ServerMessageWebSocket::upgraded(tokio::io::duplex(100).0, &response, control);
        match opened {
            Ok(socket) => assert_eq!((socket.information().extensions(), status), (expected_extension(expected), 200)),
            Err(error) => assert_eq!(error.kind(), ErrorKind::HttpStatus(status), "{headers:?}"),
        }
    }
}

fn expected_extension<'a>(expected: &[(&str, &'a str)]) -> Option<&'a str> {
    expected.iter().find(|(name, _)| *name == "sec-websocket-extensions").map(|(_, value)| *value)
}

#[test]
async fn what_is_no_connect_of_http_2_is_held_to_http_1() {
    let request = ServerRequest::new("/", [VERSION]).unwrap();
    assert_eq!(ServerControl::new().respond(&request).status(), 400);
}
