//! A network as a file: only weights that are not zero, each with the gap of zeros before it, as Han et al. (2016,
//! "Deep Compression") store them.
//!
//! For each tensor: its name, bits of a gap, bits of a value, which weights share a scale, its shape, how many entries,
//! scales (none for floats), and the entries packed bit by bit. A gap that is too long for its bits is broken by an entry whose value is zero. With gaps of no bits every
//! value is an entry: that is the dense format, and whichever is smaller is taken.

use kindling_protocol::model::ModelError;

use super::prune::is_weight;
use super::quantise::{Coding, Share};
use crate::nn::state::{State, Values};

const MAGIC: &[u8; 4] = b"KPQ2";
const MOST_GAP_BITS: u32 = 8;
/// More than any network here has. What is read must not take all the memory.
const MOST_VALUES: usize = 1 << 24;

/// Matrices as `coding` says, the rest (biases) in floats.
pub fn write(state: &State, coding: &Coding) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(state.len() as u8);
    for (name, tensor) in state {
        let bits = if is_weight(name) { coding.bits } else { 32 };
        let (scales, codes) = encode(tensor, &Coding { bits, ..*coding });
        let size = |gap_bits: u32| entries(&codes, gap_bits).len() * (gap_bits + bits) as usize;
        let gap_bits = (0..=MOST_GAP_BITS).min_by_key(|&gap_bits| size(gap_bits)).expect("there are some");
        let entries = entries(&codes, gap_bits);
        bytes.push(name.len() as u8);
        bytes.extend(name.as_bytes());
        bytes.extend([tensor.shape.len() as u8, gap_bits as u8, bits as u8, coding.share as u8]);
        let counts = tensor.shape.iter().copied().chain([entries.len()]);
        bytes.extend(counts.flat_map(|count| (count as u32).to_le_bytes()));
        bytes.extend(scales.iter().flat_map(|scale| scale.to_le_bytes()));
        let mut packed = Packed { bytes: &mut bytes, used: 8 };
        for (gap, code) in entries {
            packed.push(gap, gap_bits);
            packed.push(code, bits);
        }
    }
    bytes
}

/// Scales, and a code for each value that is zero where the value is.
fn encode(tensor: &Values, coding: &Coding) -> (Vec<f32>, Vec<u32>) {
    let values = &tensor.values;
    if coding.bits == 32 {
        // Minus zero is zero.
        return (vec![], values.iter().map(|&value| if value == 0.0 { 0 } else { value.to_bits() }).collect());
    }
    let outputs = outputs(&tensor.shape);
    let owner = |place| coding.share.scale_of(place, outputs);
    let mut sharing = vec![Vec::new(); coding.share.count(values.len(), outputs)];
    values.iter().enumerate().for_each(|(place, &value)| sharing[owner(place)].push(value));
    let scales: Vec<f32> = sharing.iter().map(|weights| coding.scale(weights)).collect();
    let code = |(place, &value)| coding.quantise(value, scales[owner(place)]) as u32 & (u32::MAX >> (32 - coding.bits));
    let codes = values.iter().enumerate().map(code).collect();
    (scales, codes)
}

/// Output units of a matrix `[in, out]`.
fn outputs(shape: &[usize]) -> usize {
    shape.last().copied().unwrap_or(1)
}

/// Each code with the zeros before it.
fn entries(codes: &[u32], gap_bits: u32) -> Vec<(u32, u32)> {
    let (most, mut gap, mut entries) = ((1 << gap_bits) - 1, 0, Vec::new());
    for &code in codes {
        if code == 0 && gap < most {
            gap += 1;
        } else {
            entries.push((gap, code));
            gap = 0;
        }
    }
    entries
}

/// Bits after one another, the lowest of each number first.
struct Packed<'a> {
    bytes: &'a mut Vec<u8>,
    /// Bits of the last byte that are taken.
    used: u32,
}

impl Packed<'_> {
    fn push(&mut self, number: u32, bits: u32) {
        for bit in 0..bits {
            if self.used == 8 {
                self.bytes.push(0);
                self.used = 0;
            }
            let last = self.bytes.len() - 1;
            self.bytes[last] |= ((number >> bit & 1) as u8) << self.used;
            self.used += 1;
        }
    }
}

/// The network that [`write`] wrote. Nothing is taken on trust.
pub fn read(bytes: &[u8]) -> Result<State, ModelError> {
    parse(bytes).ok_or_else(|| ModelError::Malformed { detail: "no compressed network".into() })
}

fn parse(mut rest: &[u8]) -> Option<State> {
    (take(&mut rest, 4)? == MAGIC).then_some(())?;
    let mut state = State::new();
    for _ in 0..byte(&mut rest)? {
        let length = byte(&mut rest)?;
        let name = std::str::from_utf8(take(&mut rest, length)?).ok()?.to_string();
        let [rank, gap_bits, bits] = [byte(&mut rest)?, byte(&mut rest)?, byte(&mut rest)?];
        let share = [Share::Tensor, Share::Channel, Share::Block].into_iter().nth(byte(&mut rest)?)?;
        let shape: Vec<usize> = (0..rank).map(|_| word(&mut rest).map(|word| word as usize)).collect::<Option<_>>()?;
        let count = shape.iter().try_fold(1usize, |count, &size| count.checked_mul(size))?;
        let entries = word(&mut rest)? as usize;
        let plausible = matches!(bits, 4 | 8 | 32) && gap_bits <= MOST_GAP_BITS as usize;
        (plausible && count <= MOST_VALUES && entries <= count).then_some(())?;
        let outputs = outputs(&shape);
        let scales = if bits == 32 { 0 } else { share.count(count, outputs) };
        // A tensor without values can say that it has any number of outputs.
        (scales <= count).then_some(())?;
        let scales: Vec<f32> = (0..scales).map(|_| word(&mut rest).map(f32::from_bits)).collect::<Option<_>>()?;

        let packed = take(&mut rest, (entries * (gap_bits + bits)).div_ceil(8))?;
        let (mut values, mut at, mut place) = (vec![0f32; count], 0, 0);
        for _ in 0..entries {
            place += unpack(packed, &mut at, gap_bits) as usize;
            let code = unpack(packed, &mut at, bits);
            let value = match bits {
                32 => f32::from_bits(code),
                // With the sign that its highest bit says.
                _ => {
                    ((code << (32 - bits)) as i32 >> (32 - bits)) as f32 * scales.get(share.scale_of(place, outputs))?
                }
            };
            *values.get_mut(place)? = value;
            place += 1;
        }
        values.iter().all(|value| value.is_finite()).then_some(())?;
        state.insert(name, Values { shape, values }).is_none().then_some(())?;
    }
    rest.is_empty().then_some(state)
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn byte(rest: &mut &[u8]) -> Option<usize> {
    Some(usize::from(take(rest, 1)?[0]))
}

fn word(rest: &mut &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(take(rest, 4)?.try_into().ok()?))
}

/// `packed` holds as many bits: its length was made from their number.
fn unpack(packed: &[u8], at: &mut usize, bits: usize) -> u32 {
    let bit = |at: usize| u32::from(packed[at / 8] >> (at % 8) & 1);
    let number = (0..bits).map(|place| bit(*at + place) << place).sum();
    *at += bits;
    number
}
