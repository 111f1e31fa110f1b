//! The IDX format that MNIST comes in: a magic number, sizes, and bytes.

/// Pictures of one size with one label each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digits {
    /// `len * height * width` bytes, row by row; 0 is no ink.
    pub images: Vec<u8>,
    pub labels: Vec<u8>,
    pub height: usize,
    pub width: usize,
}

impl Digits {
    /// Reads a pair of IDX files that belong together. Every label must be below `classes`.
    pub fn from_idx(images: &[u8], labels: &[u8], classes: u8) -> Result<Self, IdxError> {
        let ([count, height, width], pixels) = parse::<3>(images)?;
        let ([labels_count], labels) = parse::<1>(labels)?;
        if count != labels_count {
            return Err(IdxError::Counts { images: count, labels: labels_count });
        }
        if let Some(index) = labels.iter().position(|&label| label >= classes) {
            return Err(IdxError::Label { index, label: labels[index], classes });
        }
        Ok(Digits { images: pixels.to_vec(), labels: labels.to_vec(), height, width })
    }

    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The picture at `index`; panics past the end, as a slice does.
    pub fn image(&self, index: usize) -> &[u8] {
        let size = self.height * self.width;
        &self.images[index * size..(index + 1) * size]
    }

    /// Adds a picture of the set's size.
    pub fn push(&mut self, image: &[u8], label: u8) {
        assert_eq!(image.len(), self.height * self.width, "a picture of another size");
        self.images.extend_from_slice(image);
        self.labels.push(label);
    }

    /// Those pictures, in that order.
    pub fn pick(&self, indices: impl IntoIterator<Item = usize>) -> Digits {
        let mut picked = Digits { images: vec![], labels: vec![], height: self.height, width: self.width };
        indices.into_iter().for_each(|index| picked.push(self.image(index), self.labels[index]));
        picked
    }
}

/// Sizes and bytes of an IDX file of unsigned bytes with `N` dimensions. The bytes are borrowed, so a
/// file that lies about its sizes costs nothing.
pub fn parse<const N: usize>(file: &[u8]) -> Result<([usize; N], &[u8]), IdxError> {
    let header = 4 + 4 * N;
    let [zero_a, zero_b, kind, dimensions] =
        *file.first_chunk::<4>().ok_or(IdxError::Short { needed: header, got: file.len() })?;
    if [zero_a, zero_b] != [0, 0] {
        return Err(IdxError::Magic { found: [zero_a, zero_b, kind, dimensions] });
    }
    if kind != UNSIGNED_BYTE {
        return Err(IdxError::Type { found: kind });
    }
    if usize::from(dimensions) != N {
        return Err(IdxError::Dimensions { expected: N, found: dimensions });
    }
    if file.len() < header {
        return Err(IdxError::Short { needed: header, got: file.len() });
    }
    let (sizes, bytes) = file[4..].split_at(4 * N);
    let mut shape = [0; N];
    for (size, word) in shape.iter_mut().zip(sizes.chunks_exact(4)) {
        *size = u32::from_be_bytes([word[0], word[1], word[2], word[3]]) as usize;
    }
    let needed = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    let needed = needed.and_then(|bytes| bytes.checked_add(header)).ok_or(IdxError::TooLarge)?;
    match file.len() {
        got if got < needed => Err(IdxError::Short { needed, got }),
        got if got > needed => Err(IdxError::Trailing { extra: got - needed }),
        _ => Ok((shape, bytes)),
    }
}

/// Why an IDX file was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdxError {
    #[error("not an IDX file: it begins with {found:02x?}, expected two zero bytes")]
    Magic { found: [u8; 4] },
    #[error("holds values of type {found:#04x}, expected 0x08 (unsigned bytes)")]
    Type { found: u8 },
    #[error("has {found} dimensions, expected {expected}")]
    Dimensions { expected: usize, found: u8 },
    #[error("is cut short: {got} bytes, expected {needed}")]
    Short { needed: usize, got: usize },
    #[error("has {extra} bytes too many at its end")]
    Trailing { extra: usize },
    #[error("its sizes multiply to more than can be addressed")]
    TooLarge,
    #[error("{images} images, but {labels} labels")]
    Counts { images: usize, labels: usize },
    #[error("label {index} is {label}, expected less than {classes}")]
    Label { index: usize, label: u8, classes: u8 },
}

/// The type code of unsigned bytes.
const UNSIGNED_BYTE: u8 = 0x08;

#[cfg(test)]
mod tests {
    use super::*;

    fn file(kind: u8, shape: &[u32], bytes: &[u8]) -> Vec<u8> {
        let mut file = vec![0, 0, kind, shape.len() as u8];
        shape.iter().for_each(|size| file.extend(size.to_be_bytes()));
        file.extend(bytes);
        file
    }

    #[test]
    fn a_pair_of_files_is_a_set() {
        let images = file(8, &[2, 2, 3], &(0..12).collect::<Vec<u8>>());
        let digits = Digits::from_idx(&images, &file(8, &[2], &[7, 9]), 10).unwrap();
        assert_eq!((digits.len(), digits.height, digits.width), (2, 2, 3));
        assert_eq!(digits.image(1), [6, 7, 8, 9, 10, 11]);
        assert_eq!(digits.pick([1, 0, 1]).labels, [9, 7, 9]);
    }

    #[test]
    fn each_fault_has_its_own_error() {
        let good = file(8, &[2, 1, 1], &[1, 2]);
        assert!(parse::<3>(&good).is_ok());
        for length in 0..good.len() {
            assert!(matches!(parse::<3>(&good[..length]), Err(IdxError::Short { .. })), "{length} bytes were taken");
        }
        let mut long = good.clone();
        long.push(0);
        assert_eq!(parse::<3>(&long), Err(IdxError::Trailing { extra: 1 }));
        assert_eq!(parse::<1>(&good), Err(IdxError::Dimensions { expected: 1, found: 3 }));
        assert_eq!(parse::<3>(&file(0x0d, &[2, 1, 1], &[1, 2])), Err(IdxError::Type { found: 0x0d }));
        assert!(matches!(parse::<3>(&[0x1f, 0x8b, 8, 3]), Err(IdxError::Magic { .. })));
        let huge = file(8, &[u32::MAX, u32::MAX, u32::MAX], &[]);
        assert!(matches!(parse::<3>(&huge), Err(IdxError::TooLarge)));
        let labels = |labels: &[u8]| file(8, &[labels.len() as u32], labels);
        assert_eq!(Digits::from_idx(&good, &labels(&[1]), 10), Err(IdxError::Counts { images: 2, labels: 1 }));
        let label = IdxError::Label { index: 1, label: 10, classes: 10 };
        assert_eq!(Digits::from_idx(&good, &labels(&[9, 10]), 10), Err(label));
    }
}
