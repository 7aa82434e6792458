//! Errors as UWP's numbers, as I/O errors, and as text.

use std::{error::Error as _, io, time::Duration};

use websocket_anywhere::{Control, Error, ErrorKind, HResult, MessageWebSocket, WebErrorStatus, WebSocketError};

use crate::support::{BROWSER, message_socket, message_socket_with, soon, test};

/// Every kind with its HRESULT and its `WebErrorStatus`.
const KINDS: [(ErrorKind, u32, i32); 32] = [
    (ErrorKind::CannotConnect, 0x8007_2EFD, 14),
    (ErrorKind::CertificateExpired, 0x8007_2F05, 2),
    (ErrorKind::CertificateInvalid, 0x8007_2F89, 5),
    (ErrorKind::CertificateNameMismatch, 0x8007_2F06, 1),
    (ErrorKind::CertificateRejected, 0x800C_000E, 0),
    (ErrorKind::CertificateRevoked, 0x8007_2F8A, 4),
    (ErrorKind::CertificateUntrusted, 0x8007_2F0D, 3),
    (ErrorKind::ClientCertificate, 0x8007_2F0C, 0),
    (ErrorKind::Closed, 0x8000_0013, 0),
    (ErrorKind::ClosedByPeer, 0x8007_2F83, 11),
    (ErrorKind::ConnectionAborted, 0x8007_2EFE, 9),
    (ErrorKind::HandlerPanicked, 0x8000_FFFF, 0),
    (ErrorKind::HostNameNotResolved, 0x8007_2EE7, 15),
    (ErrorKind::HttpStatus(404), 0x8019_0194, 404),
    (ErrorKind::InboundBufferFull, 0x8007_2747, 0),
    (ErrorKind::InvalidArgument, 0x8007_0057, 0),
    (ErrorKind::InvalidResponse, 0x8007_2F78, 8),
    (ErrorKind::InvalidText, 0x8007_0459, 0),
    (ErrorKind::InvalidUrl, 0x8007_0057, 0),
    (ErrorKind::InvalidUtf8, 0x8007_0459, 0),
    (ErrorKind::MessageIncomplete, 0x8000_000E, 0),
    (ErrorKind::MessageTooBig, 0x8007_2738, 0),
    (ErrorKind::NoRuntime, 0x8000_000E, 0),
    (ErrorKind::NotAllowed, 0x800C_000E, 0),
    (ErrorKind::NotSupported, 0x8000_4001, 0),
    (ErrorKind::OutOfBounds, 0x8000_000B, 0),
    (ErrorKind::Protocol, 0x8007_2F78, 8),
    (ErrorKind::ProxyAuthentication, 0x8019_0197, 407),
    (ErrorKind::Timeout, 0x8007_2EE2, 7),
    (ErrorKind::Tls, 0x8007_2F7D, 0),
    (ErrorKind::UnexpectedText, 0x8007_000D, 0),
    (ErrorKind::WrongThread, 0x8001_010E, 0),
];

/// The values of `Windows.Web.WebErrorStatus` below 100: number, name, HRESULT (`winerror.h`).
const STATUSES: [(i32, &str, u32); 23] = [
    (1, "CertificateCommonNameIsIncorrect", 0x8007_2F06),
    (2, "CertificateExpired", 0x8007_2F05),
    (3, "CertificateContainsErrors", 0x8007_2F17),
    (4, "CertificateRevoked", 0x8007_2F8A),
    (5, "CertificateIsInvalid", 0x8007_2F89),
    (6, "ServerUnreachable", 0x8007_2F84),
    (7, "Timeout", 0x8007_2EE2),
    (8, "ErrorHttpInvalidServerResponse", 0x8007_2F78),
    (9, "ConnectionAborted", 0x8007_2EFE),
    (10, "ConnectionReset", 0x8007_2EFF),
    (11, "Disconnected", 0x8007_2F83),
    (12, "HttpToHttpsOnRedirection", 0x8007_2F07),
    (13, "HttpsToHttpOnRedirection", 0x8007_2F08),
    (14, "CannotConnect", 0x8007_2EFD),
    (15, "HostNameNotResolved", 0x8007_2EE7),
    (16, "OperationCanceled", 0x8007_2EF1),
    (17, "RedirectFailed", 0x8007_2F7C),
    (18, "UnexpectedStatusCode", 0x8019_0001),
    (19, "UnexpectedRedirection", 0x8019_0003),
    (20, "UnexpectedClientError", 0x8019_0004),
    (21, "UnexpectedServerError", 0x8019_0005),
    (22, "InsufficientRangeSupport", 0x8020_0013),
    (23, "MissingContentLengthSupport", 0x8020_0011),
];

/// Those whose number is an HTTP status.
const HTTP: [(i32, &str); 31] = [
    (300, "MultipleChoices"),
    (301, "MovedPermanently"),
    (302, "Found"),
    (303, "SeeOther"),
    (304, "NotModified"),
    (305, "UseProxy"),
    (307, "TemporaryRedirect"),
    (400, "BadRequest"),
    (401, "Unauthorized"),
    (402, "PaymentRequired"),
    (403, "Forbidden"),
    (404, "NotFound"),
    (405, "MethodNotAllowed"),
    (406, "NotAcceptable"),
    (407, "ProxyAuthenticationRequired"),
    (408, "RequestTimeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "LengthRequired"),
    (412, "PreconditionFailed"),
    (413, "RequestEntityTooLarge"),
    (414, "RequestUriTooLong"),
    (415, "UnsupportedMediaType"),
    (416, "RequestedRangeNotSatisfiable"),
    (417, "ExpectationFailed"),
    (500, "InternalServerError"),
    (501, "NotImplemented"),
    (502, "BadGateway"),
    (503, "ServiceUnavailable"),
    (504, "GatewayTimeout"),
    (505, "HttpVersionNotSupported"),
];

#[test]
async fn every_kind_has_its_hresult_and_its_status() {
    for (kind, hresult, status) in KINDS {
        assert_eq!(kind.hresult().code(), hresult, "{kind:?}");
        assert_eq!(WebSocketError::get_status(kind.hresult()).number(), status, "{kind:?}");
    }
}

#[test]
async fn all_55_statuses_are_those_of_uwp() {
    let http = HTTP.map(|(number, name)| (number, name, 0x8019_0000 + number as u32));
    let expected = [(0, "Unknown", 0x8000_4005)].into_iter().chain(STATUSES).chain(http);
    let actual = WebErrorStatus::ALL.map(|status| (status.number(), format!("{status:?}"), status.hresult().code()));
    let expected: Vec<_> = expected.map(|(number, name, hresult)| (number, name.to_owned(), hresult)).collect();
    assert_eq!((expected.len(), actual.to_vec()), (55, expected));
}

#[test]
async fn statuses_round_trip_through_their_hresult() {
    for status in WebErrorStatus::ALL {
        assert_eq!(WebSocketError::get_status(status.hresult()), status);
        // As Windows passes it around, with a sign.
        assert_eq!(WebSocketError::get_status(i32::from(status.hresult())), status);
        assert!(status == WebErrorStatus::Unknown || i32::from(status.hresult()) < 0);
    }
}

#[test]
async fn what_is_no_status_is_unknown() {
    for code in [0, 1, 0x8000_4005, 0x8007_0057, 0x8019_0000, 0x8019_0002, 0x8019_0006, 0x8018_0194, 0xffff_ffff] {
        assert_eq!(WebSocketError::get_status(HResult::new(code)), WebErrorStatus::Unknown, "{code:#x}");
    }
}

#[test]
async fn http_statuses_without_a_value_fall_into_their_class() {
    let expected = [
        (100, WebErrorStatus::UnexpectedStatusCode),
        (200, WebErrorStatus::UnexpectedStatusCode),
        (226, WebErrorStatus::UnexpectedStatusCode),
        (306, WebErrorStatus::UnexpectedRedirection),
        (308, WebErrorStatus::UnexpectedRedirection),
        (399, WebErrorStatus::UnexpectedRedirection),
        (418, WebErrorStatus::UnexpectedClientError),
        (429, WebErrorStatus::UnexpectedClientError),
        (499, WebErrorStatus::UnexpectedClientError),
        (506, WebErrorStatus::UnexpectedServerError),
        (511, WebErrorStatus::UnexpectedServerError),
        (600, WebErrorStatus::UnexpectedStatusCode),
        (999, WebErrorStatus::UnexpectedStatusCode),
    ];
    for (number, status) in expected {
        let hresult = ErrorKind::HttpStatus(number).hresult();
        assert_eq!((hresult.code(), hresult.http_status()), (0x8019_0000 + u32::from(number), Some(number)));
        assert_eq!(WebSocketError::get_status(hresult), status, "{number}");
    }
}

#[test]
async fn hresults_are_shown_as_they_are_written() {
    assert_eq!(HResult::RO_E_CLOSED.to_string(), "0x80000013");
    assert_eq!(HResult::new(0x57).to_string(), "0x00000057");
    assert_eq!(i32::from(HResult::E_INVALIDARG), -2_147_024_809);
    assert_eq!(HResult::from(-2_147_024_809), HResult::E_INVALIDARG);
}

#[test]
async fn an_io_error_tells_the_kind_and_holds_the_error() {
    for (error, kind) in [
        (closed().await, io::ErrorKind::BrokenPipe),
        (aborted().await, io::ErrorKind::ConnectionAborted),
        (invalid_url().await, io::ErrorKind::InvalidInput),
        (timeout().await, io::ErrorKind::TimedOut),
        (refused().await, io::ErrorKind::ConnectionRefused),
        (too_big().await, io::ErrorKind::InvalidData),
    ] {
        let (own, text) = (error.kind(), error.to_string());
        let error = io::Error::from(error);
        assert_eq!((error.kind(), error.to_string()), (kind, text));
        assert_eq!(error.get_ref().unwrap().downcast_ref::<Error>().unwrap().kind(), own);
    }
}

#[test]
async fn an_error_shows_its_own_level_and_leaves_the_rest_to_its_source() {
    let error = too_big().await;
    let source = error.source().unwrap();
    assert_eq!(source.to_string(), "message over the limit");
    assert!(!error.to_string().contains("message over the limit"), "{error}");
    assert!(format!("{error:?}").contains("MessageTooBig"), "{error:?}");
    assert!(error.close().is_none());
    let copy = error.clone();
    assert_eq!((copy.kind(), copy.to_string()), (error.kind(), error.to_string()));
}

#[test]
async fn no_error_repeats_its_source() {
    for error in [closed().await, aborted().await, invalid_url().await, timeout().await, refused().await] {
        let text = error.to_string();
        assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
        let mut source = error.source();
        while let Some(cause) = source {
            assert!(!text.contains(&cause.to_string()), "{text}: {cause}");
            source = cause.source();
        }
    }
}

async fn closed() -> Error {
    let mut socket = message_socket("/raw").await.unwrap();
    soon(socket.close(1000, "")).await.unwrap();
    expect(soon(socket.send("late")).await.unwrap_err(), ErrorKind::Closed)
}

async fn aborted() -> Error {
    let mut socket = message_socket("/drop").await.unwrap();
    expect(soon(socket.receive()).await.unwrap_err(), ErrorKind::ConnectionAborted)
}

async fn invalid_url() -> Error {
    expect(soon(MessageWebSocket::connect("ws://127.0.0.1:x/")).await.unwrap_err(), ErrorKind::InvalidUrl)
}

async fn timeout() -> Error {
    let control = Control::new().connect_timeout(Duration::from_millis(100));
    expect(message_socket_with("/stall-upgrade", control).await.unwrap_err(), ErrorKind::Timeout)
}

async fn refused() -> Error {
    let kind = if BROWSER { ErrorKind::CannotConnect } else { ErrorKind::HttpStatus(403) };
    expect(message_socket("/reject/403").await.unwrap_err(), kind)
}

async fn too_big() -> Error {
    let control = Control::new().max_message_size(Some(1));
    let mut socket = message_socket_with("/text?body=long", control).await.unwrap();
    expect(soon(socket.receive()).await.unwrap_err(), ErrorKind::MessageTooBig)
}

#[track_caller]
fn expect(error: Error, kind: ErrorKind) -> Error {
    assert_eq!(error.kind(), kind, "{error:?}");
    error
}
