//! One terabyte in chunks of 8 MiB, alone in its process: seconds of CPU and tens of MiB, whatever the size.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "only Clippy does not see that these helpers are a test's")]

use std::fs;

use upferry_engine::{ChunkSize, Config};
use upferry_protocol::ChunkLimits;
use upferry_sim::{Kind, Pair, Setup, SimFile};

const MIB: u64 = 1 << 20;

/// User and system time of this process, in seconds (proc(5): fields 14 and 15, in ticks of 10 ms).
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
    ticks as f64 / 100.0
}

/// The most memory that this process has had resident, in MiB.
fn peak_rss_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
}

#[test]
fn within_5_seconds_of_cpu_and_64_mib() {
    let config = Config { chunk_size: ChunkSize::Fixed(8 * MIB), ..Config::default() };
    let mut setup = Setup { config, traced: false, ..Setup::new(1) };
    setup.model.limits = Some(ChunkLimits { unit: 8 * MIB, max: 64 * MIB });
    setup.faults.bandwidth = 1_000_000;
    let mut pair = Pair::with(setup);
    let upload = pair.add_new(SimFile::new("terabyte", 1 << 40));
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.checks.sent(Kind::Put), 131_072);
    let (cpu, rss) = (cpu_seconds(), peak_rss_mib());
    println!("1 TiB in 131,072 chunks: {cpu:.2} s of CPU, {rss} MiB at most");
    assert!(cpu < 5.0 && rss < 64, "{cpu:.2} s of CPU, {rss} MiB");
}
