//! The bench page on a port of its own: a folder over HTTP, and batches of MNIST in it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use flate2::read::GzDecoder;
use kindling_tests::data_dir;

/// Serves the folder as long as this program runs, and says where its page is.
pub fn open(folder: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/index.html", listener.local_addr().expect("an address"));
    let folder = folder.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            std::thread::spawn(move || answer(stream, &folder));
        }
    });
    url
}

/// The first 8,192 training images and labels, without the files' headers.
pub fn write_batches(folder: &Path) -> Result<(), String> {
    const SAMPLES: usize = 8192;
    for (file, header, bytes, name) in [
        ("train-images-idx3-ubyte.gz", 16, SAMPLES * 784, "images.bin"),
        ("train-labels-idx1-ubyte.gz", 8, SAMPLES, "labels.bin"),
    ] {
        let path = data_dir().join("mnist").join(file);
        let mut content = vec![0; header + bytes];
        File::open(&path)
            .and_then(|packed| GzDecoder::new(packed).read_exact(&mut content))
            .and_then(|()| std::fs::write(folder.join(name), &content[header..]))
            .map_err(|error| format!("{}: {error}. `kindling data fetch mnist` gets it", path.display()))?;
    }
    Ok(())
}

fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let types = HashMap::from([("html", "text/html"), ("js", "text/javascript"), ("wasm", "application/wasm")]);
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        let path = line.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
        // The rest of the request says nothing that matters here.
        loop {
            line.clear();
            if reader.read_line(&mut line)? <= 2 {
                break;
            }
        }
        let plain = path.split('/').all(|part| !part.starts_with('.'));
        let content = if plain { std::fs::read(folder.join(&path)).ok() } else { None };
        let (status, body) = content.map_or(("404 Not Found", vec![]), |body| ("200 OK", body));
        let kind = types.get(path.rsplit('.').next().unwrap_or_default()).unwrap_or(&"application/octet-stream");
        write!(stream, "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len())?;
        stream.write_all(&body)?;
        line.clear();
    }
    Ok(())
}
