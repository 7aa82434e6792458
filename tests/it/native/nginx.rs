//! Through nginx, which ends TLS in front of the peer. It is ignored by a plain `cargo test`, which must not need nginx.

use std::{fs, process::Stdio};

use peer::Peer;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    task::yield_now,
};
use websocket_anywhere::{CloseCode, Control, MessageWebSocket, SocketSslErrorSeverity};

use crate::support::{soon, unique_id};

#[tokio::test]
#[ignore = "cargo xtask test runs it, after installing nginx"]
async fn messages_travel_through_nginx() {
    let (certificate, port, mut nginx) = start().await;
    let url = format!("wss://localhost:{port}/echo");
    let control = Control::new().root_certificate(certificate);
    let mut socket = soon(MessageWebSocket::connect_with(&url, control)).await.unwrap();
    let binary: Vec<u8> = (0..1_000_000).map(|index| (index % 251) as u8).collect();
    soon(socket.send("through nginx")).await.unwrap();
    soon(socket.send(&binary)).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("through nginx"));
    assert!(soon(socket.receive()).await.unwrap().unwrap().as_bytes() == binary, "not the bytes that were sent");
    let information = socket.information();
    assert_eq!(information.remote_address().unwrap().port(), port);
    assert_eq!(information.server_certificate_error_severity(), SocketSslErrorSeverity::None);
    let closed = soon(socket.close(CloseCode::NORMAL, "thanks")).await.unwrap();
    assert_eq!((closed.code(), closed.reason(), closed.was_clean()), (CloseCode::NORMAL, "thanks", true));
    nginx.kill().await.unwrap();
}

/// Starts nginx on a free port; gives the certificate that it shows, the port, and the process.
async fn start() -> (Vec<u8>, u16, Child) {
    let folder = std::env::temp_dir().join(format!("websocket-anywhere-nginx-{}", unique_id()));
    fs::create_dir_all(&folder).unwrap();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("certificate.pem"), cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    // Free a moment ago: nginx cannot tell which port it has chosen.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let here = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {here}/{kind};\n"))
        .concat();
    let configuration = format!(
        "daemon off;\nmaster_process off;\npid {here}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n\
         {temporary}server {{\nlisten 127.0.0.1:{port} ssl;\nssl_certificate {here}/certificate.pem;\n\
         ssl_certificate_key {here}/key.pem;\nlocation / {{\nproxy_pass http://{peer};\nproxy_http_version 1.1;\n\
         proxy_set_header Host $host;\nproxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection upgrade;\n\
         }}\n}}\n}}\n",
        peer = Peer::shared().addr(),
    );
    fs::write(folder.join("nginx.conf"), configuration).unwrap();
    let mut nginx = Command::new("nginx");
    nginx.arg("-p").arg(&folder).arg("-c").arg("nginx.conf").stdin(Stdio::null()).kill_on_drop(true);
    let mut child = nginx.spawn().expect("nginx is installed: `cargo xtask test` does that");
    soon(async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert_eq!(child.try_wait().unwrap(), None, "nginx has ended");
            yield_now().await;
        }
    })
    .await;
    fs::remove_dir_all(&folder).unwrap();
    (cert.der().to_vec(), port, child)
}
