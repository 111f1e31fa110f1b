//! Frames between a run and a member of its crew: a length in four bytes, little-endian, and so many bytes.

use std::io::{self, ErrorKind, Read, Write};

/// The longest frame: eight times the largest setup of a lab. A greater length is none.
pub const MOST: u32 = 1 << 28;

pub fn write(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MOST);
    let length = length.ok_or_else(|| too_long(bytes.len()))?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(bytes)?;
    out.flush()
}

/// The next frame, or none where the stream ends before it. Memory is taken for bytes that come, not for a length that is
/// claimed.
pub fn read(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = Vec::new();
    from.by_ref().take(4).read_to_end(&mut length)?;
    if length.is_empty() {
        return Ok(None);
    }
    let length = u32::from_le_bytes(length.try_into().map_err(|_| cut())?);
    if length > MOST {
        return Err(too_long(length as usize));
    }
    let mut bytes = Vec::new();
    from.by_ref().take(length.into()).read_to_end(&mut bytes)?;
    if bytes.len() < length as usize { Err(cut()) } else { Ok(Some(bytes)) }
}

fn too_long(length: usize) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("a frame has {length} bytes, expected at most {MOST}"))
}

fn cut() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "a frame is cut short")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_as_they_went_in() {
        let mut stream = Vec::new();
        for frame in [&b"one"[..], &[], &[7; 100_000]] {
            write(&mut stream, frame).unwrap();
        }
        let mut rest = &stream[..];
        assert_eq!(read(&mut rest).unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(read(&mut rest).unwrap().as_deref(), Some(&[][..]));
        assert_eq!(read(&mut rest).unwrap(), Some(vec![7; 100_000]));
        assert_eq!(read(&mut rest).unwrap(), None);
    }

    #[test]
    fn a_stream_that_is_cut_or_claims_too_much_is_refused() {
        let mut whole = Vec::new();
        write(&mut whole, b"answer").unwrap();
        for end in 1..whole.len() {
            let error = read(&mut &whole[..end]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "cut after {end} bytes");
        }
        let mut claims = (MOST + 1).to_le_bytes().to_vec();
        claims.extend(b"no more than that");
        assert_eq!(read(&mut &claims[..]).unwrap_err().kind(), ErrorKind::InvalidData);
        let too_long = write(&mut io::sink(), &vec![0; MOST as usize + 1]).unwrap_err();
        assert_eq!(too_long.kind(), ErrorKind::InvalidData);
    }
}
