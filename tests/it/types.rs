//! What the types are to the compiler, on every target: `Send`, `Sync`, `Unpin`, and so are the futures `Send`.

use std::{error::Error as StdError, fmt::Debug, future::Future, hash::Hash, mem::size_of};

#[cfg(feature = "http2")]
use websocket_anywhere::SharedConnections;
use websocket_anywhere::{
    Backend, BandwidthStatistics, ByteOrder, Certificate, ChainValidationResult, CloseCode, Closed, Compression,
    Control, DataReader, DataWriter, DateTime, Error, ErrorKind, Event, HResult, Headers, HttpResponse, HttpVersion,
    Information, InputStream, InputStreamOptions, Message, MessageReceiver, MessageSender, MessageWebSocket,
    OutputStream, Part, Payload, PreparedMessage, Proxy, ReceiveMode, Reconnect, ReuniteError, ServerCertificates,
    ServerValidation, SocketMessageType, SocketSslErrorSeverity, StreamWebSocket, Text, TimeSpan, TlsVersion, Traffic,
    TrySendError, UnicodeEncoding, WebErrorStatus, WebSocketError,
};

use crate::support::{message_socket, peer, stream_socket, test};

pub(crate) const fn is_free<T: Send + Sync + Unpin + Debug + 'static>() {}
const fn is_value<T: Clone + PartialEq + Eq>() {}
const fn is_key<T: Hash + Eq>() {}
const fn is_error<T: StdError + Send + Sync + 'static>() {}

/// Every public type.
const _: () = {
    is_free::<Backend>();
    is_free::<BandwidthStatistics>();
    is_free::<Certificate>();
    is_free::<ChainValidationResult>();
    is_free::<ByteOrder>();
    is_free::<CloseCode>();
    is_free::<Closed>();
    is_free::<Compression>();
    is_free::<Control>();
    is_free::<DataReader>();
    is_free::<DataReader<InputStream>>();
    is_free::<DataWriter>();
    is_free::<DataWriter<MessageSender>>();
    is_free::<DataWriter<OutputStream>>();
    is_free::<DateTime>();
    is_free::<Error>();
    is_free::<ErrorKind>();
    is_free::<Event>();
    is_free::<HResult>();
    is_free::<Headers>();
    is_free::<HttpResponse>();
    is_free::<HttpVersion>();
    is_free::<Information>();
    is_free::<InputStream>();
    is_free::<InputStreamOptions>();
    is_free::<Message>();
    is_free::<MessageReceiver>();
    is_free::<MessageSender>();
    is_free::<MessageWebSocket>();
    is_free::<OutputStream>();
    is_free::<Part>();
    is_free::<Payload<'static>>();
    is_free::<PreparedMessage>();
    is_free::<Proxy>();
    is_free::<ReceiveMode>();
    is_free::<Reconnect>();
    is_free::<Reconnect<StreamWebSocket>>();
    is_free::<ReuniteError<MessageSender, MessageReceiver>>();
    is_free::<ReuniteError<OutputStream, InputStream>>();
    is_free::<ServerCertificates>();
    is_free::<ServerValidation>();
    #[cfg(feature = "http2")]
    is_free::<SharedConnections>();
    is_free::<SocketSslErrorSeverity>();
    is_free::<SocketMessageType>();
    is_free::<StreamWebSocket>();
    is_free::<Text>();
    is_free::<TimeSpan>();
    is_free::<TlsVersion>();
    is_free::<Traffic>();
    is_free::<TrySendError>();
    is_free::<UnicodeEncoding>();
    is_free::<WebErrorStatus>();
    is_free::<WebSocketError>();
};

/// What can be compared, kept and counted.
const _: () = {
    is_value::<Backend>();
    is_value::<BandwidthStatistics>();
    is_value::<Certificate>();
    is_value::<ChainValidationResult>();
    is_value::<ByteOrder>();
    is_value::<CloseCode>();
    is_value::<Closed>();
    is_value::<Compression>();
    is_value::<DateTime>();
    is_value::<ErrorKind>();
    is_value::<HResult>();
    is_value::<Headers>();
    is_value::<HttpResponse>();
    is_value::<HttpVersion>();
    is_value::<Information>();
    is_value::<InputStreamOptions>();
    is_value::<Message>();
    is_value::<Part>();
    is_value::<Payload<'static>>();
    is_value::<PreparedMessage>();
    is_value::<Proxy>();
    is_value::<ReceiveMode>();
    is_value::<ServerCertificates>();
    is_value::<ServerValidation>();
    is_value::<SocketSslErrorSeverity>();
    is_value::<SocketMessageType>();
    is_value::<Text>();
    is_value::<TimeSpan>();
    is_value::<TlsVersion>();
    is_value::<Traffic>();
    is_value::<UnicodeEncoding>();
    is_value::<WebErrorStatus>();
    is_key::<Backend>();
    is_key::<ChainValidationResult>();
    is_key::<ByteOrder>();
    is_key::<CloseCode>();
    is_key::<Closed>();
    is_key::<DateTime>();
    is_key::<ErrorKind>();
    is_key::<HResult>();
    is_key::<HttpVersion>();
    is_key::<InputStreamOptions>();
    is_key::<Message>();
    is_key::<ReceiveMode>();
    is_key::<SocketMessageType>();
    is_key::<Text>();
    is_key::<TimeSpan>();
    is_key::<TlsVersion>();
    is_key::<UnicodeEncoding>();
    is_key::<WebErrorStatus>();
    is_error::<Error>();
    is_error::<TrySendError>();
    is_error::<ReuniteError<MessageSender, MessageReceiver>>();
    is_error::<ReuniteError<OutputStream, InputStream>>();
};

/// An error is as small as a pointer: it is part of every result.
const _: () = assert!(size_of::<Error>() == size_of::<usize>() && size_of::<Result<(), Error>>() == size_of::<usize>());

/// The future need not run: this is about its type.
pub(crate) fn is_send<F: Future + Send>(future: F) {
    drop(future);
}

#[test]
async fn futures_of_messages_are_send() {
    let mut socket = message_socket("/echo").await.unwrap();
    is_send(MessageWebSocket::connect(&peer("/echo")));
    is_send(MessageWebSocket::connect_with(&peer("/echo"), Control::new()));
    is_send(socket.send("text"));
    is_send(socket.send(vec![1]));
    is_send(socket.feed("text"));
    is_send(Reconnect::new(&peer("/echo"), Control::new()).next());
    is_send(Reconnect::new_stream(&peer("/echo"), Control::new()).next());
    is_send(socket.receive());
    is_send(socket.receive_part());
    is_send(socket.send_part("text", true));
    is_send(socket.flush());
    is_send(socket.ping());
    is_send(socket.close(CloseCode::NORMAL, ""));
    let (mut sender, mut receiver) = socket.split();
    is_send(sender.send(&[1, 2]));
    is_send(sender.feed(&[1, 2]));
    is_send(sender.flush());
    is_send(sender.close(1000_u16, ""));
    is_send(receiver.receive());
    is_send(receiver.close(1000_u16, ""));
    let mut writer = DataWriter::new(&mut sender);
    is_send(writer.store());
    is_send(writer.flush());
    writer.detach_stream();
    assert_eq!(sender.information().sent().messages, 0, "no future has run");
}

#[test]
async fn futures_of_bytes_are_send() {
    let mut stream = stream_socket("/echo").await.unwrap();
    is_send(StreamWebSocket::connect(&peer("/echo")));
    is_send(StreamWebSocket::connect_with(&peer("/echo"), Control::new()));
    is_send(stream.read_chunk());
    is_send(stream.flush());
    is_send(stream.ping());
    is_send(stream.close(CloseCode::NORMAL, ""));
    is_send(tokio::io::copy(&mut &b"bytes"[..], &mut stream));
    let (mut input, mut output) = stream.split();
    is_send(input.read_chunk());
    is_send(input.close(1000_u16, ""));
    is_send(output.flush());
    is_send(output.close(1000_u16, ""));
    is_send(DataReader::new(&mut input).load(1));
    assert_eq!(output.information().sent().messages, 0, "no future has run");
}
