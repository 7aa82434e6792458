//! Points and spans of time in UWP's unit, 100 nanoseconds.

use std::time::{Duration, SystemTime};

use crate::error::{Error, ErrorKind, Result};

/// A point in time (UWP: `Windows.Foundation.DateTime`).
///
/// It is a type of its own because `std::time::SystemTime` has no times before 1970 in a browser.
///
/// # Examples
///
/// ```
/// use std::time::SystemTime;
///
/// use websocket_anywhere::DateTime;
///
/// let date_time = DateTime::try_from(SystemTime::UNIX_EPOCH)?;
/// assert_eq!(date_time.universal_time, 116_444_736_000_000_000);
/// assert_eq!(SystemTime::try_from(date_time)?, SystemTime::UNIX_EPOCH);
/// # Ok::<(), websocket_anywhere::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DateTime {
    /// Units of 100 ns since the beginning of 1601, UTC; before it, negative (UWP: `DateTime.UniversalTime`).
    pub universal_time: i64,
}

/// A span of time, which may be negative (UWP: `Windows.Foundation.TimeSpan`).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use websocket_anywhere::TimeSpan;
///
/// let span = TimeSpan::try_from(Duration::from_millis(5))?;
/// assert_eq!(span.duration, 50_000);
/// assert_eq!(Duration::try_from(span)?, Duration::from_millis(5));
/// # Ok::<(), websocket_anywhere::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeSpan {
    /// Units of 100 ns (UWP: `TimeSpan.Duration`).
    pub duration: i64,
}

impl TryFrom<SystemTime> for DateTime {
    type Error = Error;

    /// Rounds down to 100 ns. [`ErrorKind::OutOfBounds`] outside of the years -27627 to 30828.
    fn try_from(time: SystemTime) -> Result<Self> {
        let since_1970 = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => units(after),
            Err(error) => -units(error.duration() + ALMOST_A_UNIT),
        };
        let universal_time = i64::try_from(since_1970 + UNITS_TO_1970).map_err(out_of_bounds)?;
        Ok(Self { universal_time })
    }
}

impl TryFrom<DateTime> for SystemTime {
    type Error = Error;

    /// [`ErrorKind::OutOfBounds`] for times that the platform's clock does not reach: in a browser those before 1970, on
    /// Windows those before 1601.
    fn try_from(time: DateTime) -> Result<Self> {
        let since_1970 = i128::from(time.universal_time) - UNITS_TO_1970;
        let distance = duration(since_1970.unsigned_abs());
        let time = if since_1970 < 0 {
            Self::UNIX_EPOCH.checked_sub(distance)
        } else {
            Self::UNIX_EPOCH.checked_add(distance)
        };
        time.ok_or_else(|| Error::new(ErrorKind::OutOfBounds, "the clock of this platform has no such time"))
    }
}

impl TryFrom<Duration> for TimeSpan {
    type Error = Error;

    /// Rounds down to 100 ns. [`ErrorKind::OutOfBounds`] above 29,247 years.
    fn try_from(duration: Duration) -> Result<Self> {
        let duration = i64::try_from(units(duration)).map_err(out_of_bounds)?;
        Ok(Self { duration })
    }
}

impl TryFrom<TimeSpan> for Duration {
    type Error = Error;

    /// [`ErrorKind::OutOfBounds`] if the span is negative.
    fn try_from(span: TimeSpan) -> Result<Self> {
        let units = u64::try_from(span.duration)
            .map_err(|error| Error::with_source(ErrorKind::OutOfBounds, "the time span is negative", error))?;
        Ok(duration(u128::from(units)))
    }
}

/// Whole units; it cannot overflow: a `Duration` has less than 2^94 nanoseconds.
const fn units(duration: Duration) -> i128 {
    (duration.as_nanos() / 100) as i128
}

/// For at most 2^65 units, which are less seconds than a `Duration` holds.
const fn duration(units: u128) -> Duration {
    Duration::new((units / UNITS_PER_SECOND) as u64, (units % UNITS_PER_SECOND) as u32 * 100)
}

fn out_of_bounds(error: std::num::TryFromIntError) -> Error {
    Error::with_source(ErrorKind::OutOfBounds, "the time does not fit into 64 bits", error)
}

const UNITS_PER_SECOND: u128 = 10_000_000;

/// 369 years, 89 of them leap years.
const UNITS_TO_1970: i128 = (369 * 365 + 89) * 86_400 * UNITS_PER_SECOND as i128;

/// Added before 1970, so that rounding is downwards there, too.
const ALMOST_A_UNIT: Duration = Duration::from_nanos(99);
