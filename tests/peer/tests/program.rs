//! The peer as a program, and the table of its paths in the README.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use peer::Peer;

const README: &str = include_str!("../README.md");

/// The files that know paths.
const SOURCES: [&str; 5] = [
    include_str!("../src/faults.rs"),
    include_str!("../src/inspection.rs"),
    include_str!("../src/login.rs"),
    include_str!("../src/raw_half.rs"),
    include_str!("../src/tungstenite_half.rs"),
];

/// Ended when dropped.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only for a program that has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_websocket-anywhere-peer"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The status line that the server gives for this path.
fn status(host: &str, path: &str) -> String {
    let mut tcp = TcpStream::connect(host).unwrap();
    // No request for a WebSocket: each path refuses it in its own way, and none stays open.
    write!(tcp, "GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    tcp.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    tcp.take(1000).read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

/// The paths of the table, without their parameters.
fn told() -> BTreeSet<&'static str> {
    let rows = README.lines().filter_map(|line| line.strip_prefix("| `/"));
    let cells = rows.map(|row| &README[offset(row)..][..row.find('|').unwrap() + 1]);
    cells.flat_map(|cell| cell.split('`')).filter_map(path).collect()
}

/// Where a row begins in the table, its slash included.
fn offset(row: &str) -> usize {
    row.as_ptr() as usize - README.as_ptr() as usize - 1
}

/// A path up to its parameters; a part in capitals stands for anything.
fn path(text: &'static str) -> Option<&'static str> {
    let path = text.split('?').next().filter(|path| path.starts_with('/'))?;
    Some(
        path.rsplit_once('/')
            .filter(|(start, end)| !start.is_empty() && end.chars().all(char::is_uppercase))
            .map_or(path, |(start, _)| start),
    )
}

/// The paths of the code: each is a literal that begins with a slash.
fn known() -> BTreeSet<&'static str> {
    let code = SOURCES.iter().flat_map(|source| source.lines()).filter(|line| !line.trim_start().starts_with("//"));
    let literals = code.flat_map(|line| line.split('"').skip(1).step_by(2)).filter(|text| text.starts_with('/'));
    literals.map(|text| text.trim_end_matches('/')).filter(|text| text.len() > 1).collect()
}

#[test]
fn the_table_of_the_readme_has_every_path_and_no_other() {
    assert!(known().len() > 25, "the paths of the code were found");
    assert_eq!(told(), known());
}

#[test]
fn every_path_of_the_table_is_one() {
    let peer = Peer::start().unwrap();
    let host = peer.addr().to_string();
    assert!(status(&host, "/no-such-path").contains(" 404 "));
    for path in told() {
        let path = if path == "/reject" { "/reject/503" } else { path };
        let status = status(&host, path);
        assert!(!status.contains(" 404 "), "{path}: {status}");
    }
}

#[test]
fn the_program_says_where_it_listens_and_serves() {
    let mut program = Program(program(&["--port", "0"]).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(program.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let host = line.trim().strip_prefix("ws://").unwrap();
    assert!(status(host, "/no-such-path").contains(" 404 "));
    // It is there, and this is no request for a WebSocket.
    assert!(status(host, "/echo").contains(" 400 "));
}

#[test]
fn a_port_that_is_taken_is_an_error_in_words() {
    let peer = Peer::start().unwrap();
    let output = program(&["--port", &peer.addr().port().to_string()]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot listen on port"), "{output:?}");
}
