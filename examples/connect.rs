//! A client for the command line, with every option of a native connection: `cargo run --example connect -- --help`.
//!
//! Lines from the standard input are sent as text, what is received is printed, and at the end the reason of the close.

use std::{fs, net::IpAddr, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use tokio::{
    io::{AsyncBufReadExt, BufReader, stdin},
    select,
};
use websocket_anywhere::{
    ChainValidationResult, CloseCode, Compression, Control, Information, MessageWebSocket, Proxy, TlsVersion,
};

/// Talks to a WebSocket server.
#[derive(Debug, Parser)]
struct Arguments {
    /// The server, such as wss://example.com/chat
    url: String,
    /// A header of the request (may be repeated)
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// A subprotocol to offer (may be repeated)
    #[arg(long, value_name = "NAME")]
    protocol: Vec<String>,
    /// The proxy: none, http://host:port, https://.., socks5://.. or socks5h://..; by default what the environment says
    #[arg(long, value_name = "URL", value_parser = proxy)]
    proxy: Option<Proxy>,
    /// Who you are to the proxy
    #[arg(long, value_name = "USER:PASSWORD", value_parser = credential)]
    proxy_user: Option<(String, String)>,
    /// Who you are to the server
    #[arg(long, value_name = "USER:PASSWORD", value_parser = credential)]
    user: Option<(String, String)>,
    /// How many redirects to follow
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    redirects: u32,
    /// Addresses of a host, instead of a lookup (may be repeated)
    #[arg(long, value_name = "HOST=ADDRESS,..", value_parser = resolution)]
    resolve: Vec<Resolution>,
    /// The address of this machine from which to connect
    #[arg(long, value_name = "ADDRESS")]
    from: Option<IpAddr>,
    /// Speak no older version of TLS than 1.3
    #[arg(long)]
    tls13: bool,
    /// Write the secrets of TLS to the file that SSLKEYLOGFILE names
    #[arg(long)]
    key_log: bool,
    /// Certificates of authorities to trust (may be repeated)
    #[arg(long, value_name = "FILE")]
    cacert: Vec<PathBuf>,
    /// Lists of revoked certificates (may be repeated)
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// Your own certificate, followed by those above it
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The key of your own certificate
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Errors of the server's certificate to ignore: untrusted, expired, incomplete, name, revocation
    #[arg(long, value_name = "ERROR,..", value_delimiter = ',', value_parser = certificate_error)]
    insecure: Vec<ChainValidationResult>,
    /// Seconds that each address may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    timeout: f64,
    /// Seconds that connecting may take over all
    #[arg(long, value_name = "SECONDS")]
    deadline: Option<f64>,
    /// Seconds of silence after which TCP asks for a sign of life
    #[arg(long, value_name = "SECONDS")]
    keep_alive: Option<f64>,
    /// Offer to compress
    #[arg(long)]
    compress: bool,
    /// Print what is known about the connection, when it opens and when it has ended
    #[arg(long)]
    info: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut socket = match MessageWebSocket::connect_with(&arguments.url, control(&arguments)?).await {
        Ok(socket) => socket,
        Err(error) => {
            eprintln!("{:?}, {:?}, {}", error.kind(), error.status(), error.hresult());
            if let Some(server) = error.server_certificates() {
                eprintln!("{server:#?}");
            }
            return Err(error.into());
        }
    };
    println!("connected to {}", socket.information().url().unwrap_or(&arguments.url));
    if arguments.info {
        if let Ok(round_trip) = socket.ping().await {
            println!("{round_trip:?} there and back");
        }
        show(&socket.information());
    }
    let mut lines = BufReader::new(stdin()).lines();
    let closed = loop {
        select! {
            received = socket.receive() => match received? {
                Some(message) => match message.as_text() {
                    Some(text) => println!("< {text}"),
                    None => println!("< {} bytes: {:02x?}", message.as_bytes().len(), message.as_bytes()),
                },
                None => break socket.closed().context("the connection has ended, and nobody knows how")?,
            },
            line = lines.next_line() => match line? {
                Some(line) => socket.send(line).await?,
                None => break socket.close(CloseCode::NORMAL, "").await?,
            },
        }
    };
    if arguments.info {
        show(&socket.information());
    }
    println!("closed: {closed}");
    Ok(())
}

fn control(arguments: &Arguments) -> Result<Control> {
    let mut control = Control::new()
        .supported_protocols(&arguments.protocol)
        .connect_timeout(seconds(arguments.timeout)?)
        .max_redirects(arguments.redirects)
        .key_log(arguments.key_log)
        .deadline(arguments.deadline.map(seconds).transpose()?)
        .tcp_keep_alive(arguments.keep_alive.map(seconds).transpose()?)
        .ignorable_server_certificate_errors(arguments.insecure.iter().copied());
    for (name, value) in &arguments.header {
        control = control.request_header(name, value);
    }
    for file in &arguments.cacert {
        control = control.root_certificate(read(file)?);
    }
    for file in &arguments.crl {
        control = control.revocation_list(read(file)?);
    }
    if let (Some(chain), Some(key)) = (&arguments.cert, &arguments.key) {
        control = control.client_certificate(read(chain)?, read(key)?);
    }
    if let Some(proxy) = &arguments.proxy {
        control = control.proxy(proxy.clone());
    }
    if let Some((user, password)) = &arguments.proxy_user {
        control = control.proxy_credential(user, password);
    }
    if let Some((user, password)) = &arguments.user {
        control = control.server_credential(user, password);
    }
    for (host, addresses) in &arguments.resolve {
        control = control.resolve(host, addresses.iter().copied());
    }
    if let Some(address) = arguments.from {
        control = control.local_address(address);
    }
    if arguments.tls13 {
        control = control.min_tls_version(TlsVersion::Tls13);
    }
    if arguments.compress {
        control = control.compression(Compression::new());
    }
    Ok(control)
}

fn show(information: &Information) {
    println!("{information:#?}");
    println!("certificate errors: {:?}", information.server_certificate_error_severity());
}

fn read(file: &PathBuf) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| file.display().to_string())
}

fn seconds(seconds: f64) -> Result<Duration> {
    Ok(Duration::try_from_secs_f64(seconds)?)
}

fn header(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once(':').context("a header has a colon")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// A host and its addresses.
type Resolution = (String, Vec<IpAddr>);

fn resolution(text: &str) -> Result<Resolution> {
    let (host, addresses) = text.split_once('=').context("an equals sign parts host and addresses")?;
    Ok((host.to_owned(), addresses.split(',').map(str::parse).collect::<Result<_, _>>()?))
}

fn credential(text: &str) -> Result<(String, String)> {
    let (user, password) = text.split_once(':').context("a colon parts user and password")?;
    Ok((user.to_owned(), password.to_owned()))
}

fn proxy(text: &str) -> Result<Proxy> {
    Ok(match text {
        "none" => Proxy::None,
        text if text.starts_with("socks5") => Proxy::Socks5(text.to_owned()),
        text => Proxy::Http(text.to_owned()),
    })
}

fn certificate_error(text: &str) -> Result<ChainValidationResult> {
    Ok(match text {
        "untrusted" => ChainValidationResult::Untrusted,
        "expired" => ChainValidationResult::Expired,
        "incomplete" => ChainValidationResult::IncompleteChain,
        "name" => ChainValidationResult::InvalidName,
        "revocation" => ChainValidationResult::RevocationFailure,
        other => bail!("{other} is none of untrusted, expired, incomplete, name, revocation"),
    })
}
