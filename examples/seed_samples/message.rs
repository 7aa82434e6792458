//! "Use MessageWebSocket to connect": sends a text to an echo server, and closes when it comes back.

use futures::channel::oneshot;
use websocket_anywhere::{
    Control, DataWriter, Error, Event, Message, MessageSender, MessageWebSocket, SocketMessageType,
};

/// `debug` is `Debug.WriteLine`. Ready when the connection has ended.
pub(crate) async fn message_web_socket(url: &str, debug: impl Fn(String) + Send + Sync + 'static) -> Result<(), Error> {
    // In this example, we send/receive a string, so we need to set the message type to UTF-8.
    let control = Control::new().message_type(SocketMessageType::Utf8);
    let mut socket = MessageWebSocket::connect_with(url, control).await?;
    send_message(socket.output_stream(), "Hello, World!", &debug).await?;

    // No event is lost before this line. The handler keeps the socket as the page did, and drops it to dispose of it.
    let (sender, receiver) = socket.split();
    let mut socket = Some(sender);
    let (ended, end) = oneshot::channel::<()>();
    let mut ended = Some(ended);
    receiver.listen(move |event| match event {
        Event::MessageReceived(message) => {
            match text(&message) {
                Ok(text) => debug(format!("Message received from MessageWebSocket: {text}")),
                Err(error) => debug(format!("{:?}", error.status())),
            }
            drop(socket.take());
        }
        Event::Closed(closed) => {
            debug(format!("WebSocket_Closed; Code: {}, Reason: {:?}", closed.code(), closed.reason()));
            ended.take();
        }
        Event::Failed(error) => {
            debug(format!("{:?}", error.status()));
            ended.take();
        }
    });
    // It is never sent to: the handler drops its end of it.
    let _ = end.await;
    Ok(())
}

async fn send_message(output: &mut MessageSender, message: &str, debug: impl Fn(String)) -> Result<(), Error> {
    let mut data_writer = DataWriter::new(output);
    data_writer.write_string(message);
    data_writer.store().await?;
    data_writer.detach_stream();
    debug(format!("Sending message using MessageWebSocket: {message}"));
    Ok(())
}

fn text(message: &Message) -> Result<String, Error> {
    let mut data_reader = message.get_data_reader();
    data_reader.read_string(data_reader.unconsumed_buffer_length())
}
