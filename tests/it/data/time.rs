//! Times of UWP and those of Rust.

use std::time::{Duration, SystemTime};

use websocket_anywhere::{DateTime, TimeSpan};

use super::assert_out_of_bounds;
use crate::support::{BROWSER, test};

const EPOCH: i64 = 116_444_736_000_000_000;

#[test]
async fn points_in_time_count_from_1601() {
    assert_eq!(DateTime::try_from(SystemTime::UNIX_EPOCH).unwrap().universal_time, EPOCH);
    let later = SystemTime::UNIX_EPOCH + Duration::new(1_795_392_000, 123_456_700);
    let time = DateTime::try_from(later).unwrap();
    assert_eq!(time.universal_time, 134_398_656_001_234_567);
    assert_eq!(SystemTime::try_from(time).unwrap(), later);
}

#[test]
async fn points_before_1970_are_out_of_the_reach_of_a_browser() {
    let time = SystemTime::try_from(DateTime { universal_time: EPOCH - 10_000_001 });
    if BROWSER {
        assert_out_of_bounds(time);
    } else {
        assert_eq!(time.unwrap(), SystemTime::UNIX_EPOCH - Duration::new(1, 100));
    }
}

#[test]
async fn points_before_1601_are_out_of_the_reach_of_a_clock_that_starts_there() {
    let before_1601 = SystemTime::try_from(DateTime { universal_time: -1 });
    // 369 years before 1970, and 100 ns: a browser's clock starts in 1970, that of Windows in 1601.
    let is_reached = SystemTime::UNIX_EPOCH.checked_sub(Duration::new(11_644_473_600, 100)).is_some();
    if is_reached {
        assert_eq!(DateTime::try_from(before_1601.unwrap()).unwrap().universal_time, -1);
    } else {
        assert_out_of_bounds(before_1601);
    }
}

#[test]
async fn less_than_100_ns_is_rounded_down() {
    let nanosecond = Duration::from_nanos(1);
    let later = SystemTime::UNIX_EPOCH + Duration::from_nanos(199);
    assert_eq!(DateTime::try_from(later).unwrap().universal_time, EPOCH + 1);
    assert_eq!(TimeSpan::try_from(Duration::from_nanos(199)).unwrap().duration, 1);
    // The clock of Windows has steps of 100 ns, and so no such point.
    let earlier = SystemTime::UNIX_EPOCH.checked_sub(nanosecond).filter(|time| *time != SystemTime::UNIX_EPOCH);
    if let Some(earlier) = earlier {
        assert_eq!(DateTime::try_from(earlier).unwrap().universal_time, EPOCH - 1);
    }
}

#[test]
async fn times_that_do_not_fit_are_out_of_bounds() {
    assert_out_of_bounds(TimeSpan::try_from(Duration::MAX));
    assert_out_of_bounds(Duration::try_from(TimeSpan { duration: -1 }));
    let longest = Duration::try_from(TimeSpan { duration: i64::MAX }).unwrap();
    assert_eq!(TimeSpan::try_from(longest).unwrap().duration, i64::MAX);
    assert_out_of_bounds(TimeSpan::try_from(longest + Duration::from_nanos(100)));
    // 100 ns above the last point in time; whether the platform has it or not, nothing panics.
    let last = SystemTime::try_from(DateTime { universal_time: i64::MAX });
    if let Some(beyond) = last.ok().and_then(|last| last.checked_add(Duration::from_nanos(100))) {
        assert_out_of_bounds(DateTime::try_from(beyond));
    }
}
