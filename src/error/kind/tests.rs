//! Writes the page `docs::errors` from the tables in code, and holds the two together.

use std::{env, fs, io};

use crate::{HResult, WebErrorStatus, WebSocketError};

/// What is known of a kind.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    pub(super) hresult: HResult,
    pub(super) hresult_name: &'static str,
    pub(super) io_kind: io::ErrorKind,
    pub(super) native: &'static str,
    pub(super) browser: &'static str,
}

#[test]
fn the_page_of_errors_is_the_table_in_code() -> io::Result<()> {
    let page = page();
    if env::var_os("UPDATE_DOCS").is_some() {
        return fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/docs/errors.md"), &page);
    }
    assert!(page == include_str!("../../docs/errors.md"), "src/docs/errors.md is old: {HOW_TO_WRITE}");
    Ok(())
}

#[test]
fn every_cell_says_whether_and_why() {
    for row in super::TABLE {
        for cell in [row.native, row.browser] {
            assert!(cell == "yes" || cell.starts_with("yes, ") || cell.starts_with("no: "), "{}: {cell}", row.name);
        }
    }
}

fn page() -> String {
    let kinds: Vec<_> = super::TABLE.iter().map(kind_row).collect();
    let statuses: Vec<_> = WebErrorStatus::ALL.iter().map(|status| status_row(*status)).collect();
    format!(
        "{INTRODUCTION}\n## Kinds\n\n{KIND_HEAD}\n{}\n\n{STATUS_INTRODUCTION}\n{STATUS_HEAD}\n{}\n",
        kinds.join("\n"),
        statuses.join("\n")
    )
}

fn kind_row(row: &Row) -> String {
    let Row { name, hresult_name, io_kind, native, browser, .. } = row;
    let meaning = row.meaning.trim();
    let status = WebSocketError::get_status(row.hresult);
    let (hresult, status) = if *name == "HttpStatus" {
        ("0x80190000 + status".to_owned(), "that of the status".to_owned())
    } else {
        (
            format!("[`{hresult_name}`](crate::HResult::{hresult_name}) {}", row.hresult),
            format!("{} [`{status:?}`](crate::WebErrorStatus::{status:?})", status.number()),
        )
    };
    format!(
        "| [`{name}`](crate::ErrorKind::{name}) | {meaning} | {hresult} | {status} | `{io_kind:?}` | {native} | {browser} |"
    )
}

fn status_row(status: WebErrorStatus) -> String {
    format!("| {} | [`{status:?}`](crate::WebErrorStatus::{status:?}) | {} |", status.number(), status.hresult())
}

const HOW_TO_WRITE: &str = "UPDATE_DOCS=1 cargo test --lib the_page_of_errors";

const INTRODUCTION: &str = "\
Every kind of error, and the numbers by which UWP reports it.

UWP reports errors as HRESULTs, which `WebSocketError.GetStatus` converts into a `WebErrorStatus`. An [`Error`](crate::Error) of
this crate has a [`kind`](crate::Error::kind) to branch on, and UWP's numbers as [`hresult`](crate::Error::hresult) and
[`status`](crate::Error::status); [`WebSocketError::get_status`](crate::WebSocketError::get_status) converts any HRESULT. The I/O
traits return an `io::Error` with the `io::ErrorKind` of the table, which contains the `Error`.

Microsoft documents few of these HRESULTs; the others are the nearest ones of `winerror.h`. If an HRESULT has no status of the same
name, the status is `Unknown`, as in UWP.

A browser does not report why a connection failed, so that scripts cannot explore its network (WHATWG WebSockets, \"feedback from the
protocol\"). The last two columns tell which kinds can occur, and which kind occurs instead.
";

const KIND_HEAD: &str = "\
| kind | meaning | HRESULT | status | `io::ErrorKind` | natively | in a browser |
|---|---|---|---|---|---|---|";

const STATUS_INTRODUCTION: &str = "\
## All values of `WebErrorStatus`

Each with the HRESULT that stands for it: the namesakes of `winerror.h`, and `0x80190000 + status` for HTTP. An HTTP status
without a value of its own gives `UnexpectedRedirection` (3xx), `UnexpectedClientError` (4xx), `UnexpectedServerError` (5xx) or
`UnexpectedStatusCode`. `WININET_E_INVALID_CA`, an unknown authority, is `CertificateContainsErrors`.
";

const STATUS_HEAD: &str = "\
| number | status | HRESULT |
|---|---|---|";
