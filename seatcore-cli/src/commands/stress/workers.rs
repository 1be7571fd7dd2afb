//! The same race over several processes: this program is started again, once for each.

use super::race::{Race, Tally};
use super::this_program;
use crate::error::CliError;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What a worker says when its database is open.
pub const READY: &str = "ready";
/// What it waits for.
const START: &[u8] = b"start\n";

/// Runs a race over several processes.
pub fn run(path: &Path, race: &Race, processes: u32) -> Result<Tally, CliError> {
    let processes = processes.min(race.users);
    let shares: Vec<_> = (0..processes).map(|process| share(race, process, processes)).collect();
    let workers: Result<Vec<_>, _> = shares.iter().map(|part| Worker::begin(path, part)).collect();
    let mut workers = workers?;
    // Everybody has the file open before anybody starts: the race is about seats, not start-up.
    workers.iter_mut().try_for_each(Worker::wait_ready)?;
    workers.iter_mut().try_for_each(Worker::start)?;
    let mut whole = Tally::default();
    for worker in workers {
        whole.add(worker.finish()?);
    }
    Ok(whole)
}

/// A process' part of the users: numbers go on from one process to the next.
fn share(race: &Race, process: u32, processes: u32) -> Race {
    let (each, rest) = (race.users / processes, race.users % processes);
    let before = each * process + rest.min(process);
    let users = each + u32::from(process < rest);
    Race { first: race.first + before, users, ..race.clone() }
}

struct Worker {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    fn begin(path: &Path, race: &Race) -> Result<Self, CliError> {
        let program = this_program()?;
        let mut process = Command::new(&program)
            .arg("--db")
            .arg(path)
            .args(["stress-worker", &race.show.to_string()])
            .args(["--first", &race.first.to_string(), "--users", &race.users.to_string()])
            .args(&race.seats)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| CliError::file(&program, error))?;
        let pipes = process.stdin.take().zip(process.stdout.take());
        let (input, output) = pipes.ok_or_else(stopped)?;
        Ok(Self { process, input, output: BufReader::new(output) })
    }

    fn wait_ready(&mut self) -> Result<(), CliError> {
        if self.read_line()?.trim() == READY { Ok(()) } else { Err(stopped()) }
    }

    fn start(&mut self) -> Result<(), CliError> {
        self.input.write_all(START)?;
        Ok(self.input.flush()?)
    }

    fn finish(mut self) -> Result<Tally, CliError> {
        let line = self.read_line()?;
        self.process.wait()?;
        serde_json::from_str(&line).map_err(|_| stopped())
    }

    fn read_line(&mut self) -> Result<String, CliError> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line)
    }
}

fn stopped() -> CliError {
    CliError::Output(std::io::Error::other("a process of the race stopped early"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_cover_every_user_once() {
        let show = seatcore::ShowId::new(1).expect("a show");
        let race = Race { show, seats: vec!["A1".into()], first: 1, users: 10 };
        let parts: Vec<_> = (0..4).map(|process| share(&race, process, 4)).collect();
        let numbers: Vec<_> = parts.iter().flat_map(|p| p.first..p.first + p.users).collect();
        assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    }
}
