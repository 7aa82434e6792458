//! "Use StreamWebSocket to connect": sends ten bytes to an echo server while it receives, and closes.

use futures::{channel::oneshot, future::try_join};
use websocket_anywhere::{
    CloseCode, DataReader, DataWriter, Error, Event, InputStream, InputStreamOptions, OutputStream, StreamWebSocket,
};

/// `debug` is `Debug.WriteLine`. Ready when the connection has ended.
pub(crate) async fn stream_web_socket(url: &str, debug: impl Fn(String) + Clone + Send + 'static) -> Result<(), Error> {
    let stream = StreamWebSocket::connect(url).await?;
    let (ended, end) = oneshot::channel::<()>();
    let mut ended = Some(ended);
    let log = debug.clone();
    stream.listen(move |event| {
        match event {
            Event::Closed(closed) => {
                log(format!("WebSocket_Closed; Code: {}, Reason: {:?}", closed.code(), closed.reason()));
            }
            Event::Failed(error) => log(format!("{:?}", error.status())),
            Event::MessageReceived(_) => {} // a stream has none
        }
        ended.take();
    });

    let (input, output) = stream.split();
    let message = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09];
    let (_input, mut output) = try_join(receive_message(input, &debug), send_message(output, &message, &debug)).await?;
    output.close(CloseCode::NORMAL, "").await?;
    // It is never sent to: the handler drops its end of it.
    let _ = end.await;
    Ok(())
}

async fn receive_message(input: InputStream, debug: impl Fn(String)) -> Result<InputStream, Error> {
    let mut data_reader = DataReader::new(input);
    data_reader.set_input_stream_options(InputStreamOptions::Partial);
    data_reader.load(256).await?;
    let mut message = vec![0; data_reader.unconsumed_buffer_length()];
    data_reader.read_bytes(&mut message)?;
    debug(format!("Data received from StreamWebSocket: {} bytes", message.len()));
    Ok(data_reader.detach_stream())
}

async fn send_message(output: OutputStream, message: &[u8], debug: impl Fn(String)) -> Result<OutputStream, Error> {
    let mut data_writer = DataWriter::new(output);
    data_writer.write_bytes(message);
    data_writer.store().await?;
    debug(format!("Sending data using StreamWebSocket: {} bytes", message.len()));
    Ok(data_writer.detach_stream())
}
