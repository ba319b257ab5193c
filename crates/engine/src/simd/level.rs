//! The levels of vectors, and which of them a machine has.

#[cfg(target_arch = "x86_64")]
use super::avx512;

/// A set of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Plain Rust.
    Portable,
    /// 128-bit vectors of 64-bit ARM.
    Neon,
    /// 256-bit vectors with fused multiply-add.
    Avx2,
    /// 512-bit vectors (F, BW, DQ, VL).
    Avx512,
    /// The same, and a matrix unit for bf16, which takes products of bytes; see `specialized::matrix_unit`.
    Amx,
}

impl Level {
    /// All levels, rising.
    pub const ALL: [Level; 5] = [Level::Portable, Level::Neon, Level::Avx2, Level::Avx512, Level::Amx];

    /// The highest level of this machine, or the one that the environment
    /// variable `TENSORLET_SIMD` names, if the machine has it.
    pub fn detect() -> Level {
        let wanted = std::env::var("TENSORLET_SIMD").ok();
        let available = Level::available();
        let named = available.iter().find(|level| Some(level.name()) == wanted.as_deref());
        *named.or(available.last()).unwrap_or(&Level::Portable)
    }

    /// The levels that this machine has, rising.
    pub fn available() -> Vec<Level> {
        Level::ALL.into_iter().filter(|level| level.is_available()).collect()
    }

    /// Numbers in a vector.
    pub fn lanes(self) -> usize {
        match self {
            Level::Neon => 4,
            Level::Portable | Level::Avx2 => 8,
            Level::Avx512 | Level::Amx => 16,
        }
    }

    /// The level as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Portable => "portable",
            Level::Neon => "neon",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
            Level::Amx => "amx",
        }
    }

    /// Whether this machine has the level.
    pub fn is_available(self) -> bool {
        match self {
            Level::Portable => true,
            Level::Neon => cfg!(target_arch = "aarch64"),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("fma")
                    && is_x86_feature_detected!("popcnt")
                    && is_x86_feature_detected!("bmi1")
                    && is_x86_feature_detected!("bmi2")
            }
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => {
                Level::Avx2.is_available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(target_arch = "x86_64")]
            Level::Amx => {
                static UNIT: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
                cfg!(feature = "matrix-unit")
                    && Level::Avx512.is_available()
                    && *UNIT.get_or_init(avx512::matrix_unit)
            }
            #[cfg(not(target_arch = "x86_64"))]
            Level::Avx2 | Level::Avx512 | Level::Amx => false,
        }
    }
}
