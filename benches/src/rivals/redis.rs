//! Redis: one Lua script for all three commands, `appendfsync always`, a connection for each client.

use crate::Outcome;
use crate::clients::{Load, Round, run_with};
use crate::place::Place;
use crate::rivals::process::Server;
use crate::work::Block;
use rustix::process::Signal;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCRIPT: &str = include_str!("../../rivals/command.lua");

/// A server of its own, on a socket, stopped when dropped.
#[derive(Debug)]
pub struct Redis {
    _server: Server,
    socket: PathBuf,
    script: String,
}

struct Connection {
    stream: BufReader<UnixStream>,
    number: usize,
    command: u64,
}

impl Redis {
    /// Starts it with an empty log.
    pub fn start(place: &Place) -> Outcome<Self> {
        let folder = place.fresh_folder("redis")?;
        let socket = folder.join("socket");
        let mut serve = Command::new("redis-server");
        serve.current_dir(&folder).args(["--port", "0", "--save", "", "--maxclients", "4096"]);
        serve.args(["--appendonly", "yes", "--appendfsync", "always"]).arg("--unixsocket");
        serve.arg(&socket).arg("--dir").arg(&folder);
        let answers = || ask(&socket, &["PING"]).is_ok_and(|said| said == "+PONG");
        let server = Server::start(serve, &place.path("redis.log"), Signal::TERM, answers)?;
        // The digest comes as a bulk string: a line with its length, then the digest.
        let mut stream = BufReader::new(UnixStream::connect(&socket)?);
        send(&mut stream, &["SCRIPT", "LOAD", SCRIPT])?;
        let (_, script) = (line(&mut stream)?, line(&mut stream)?);
        Ok(Self { _server: server, socket, script })
    }

    /// One round on free seats.
    pub fn round(&self, load: Load) -> Outcome<Round> {
        ask(&self.socket, &["FLUSHALL"])?;
        let make = |number| {
            let stream = UnixStream::connect(&self.socket).ok()?;
            Some(Connection { stream: BufReader::new(stream), number, command: 0 })
        };
        let ask = |connection: &mut Option<Connection>| {
            connection.as_mut().is_some_and(|it| it.command(&self.script).unwrap_or(false))
        };
        Ok(run_with(load, make, ask))
    }
}

impl Connection {
    /// A client whose command was refused asks again.
    fn command(&mut self, script: &str) -> Outcome<bool> {
        let Block { show, first } = Block::of(self.number);
        let seats = [0, 1, 2, 3].map(|seat| format!("{show}:{}", first + seat));
        let (step, who) = ((self.command % 3).to_string(), self.number.to_string());
        let [a, b, c, d] = &seats;
        send(&mut self.stream, &["EVALSHA", script, "4", a, b, c, d, &step, &who])?;
        let granted = line(&mut self.stream)? == ":1";
        self.command += u64::from(granted);
        Ok(granted)
    }
}

fn ask(socket: &Path, words: &[&str]) -> Outcome<String> {
    let mut stream = BufReader::new(UnixStream::connect(socket)?);
    send(&mut stream, words)?;
    line(&mut stream)
}

fn send(stream: &mut BufReader<UnixStream>, words: &[&str]) -> Outcome<()> {
    let mut text = format!("*{}\r\n", words.len());
    for word in words {
        text.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    Ok(stream.get_mut().write_all(text.as_bytes())?)
}

fn line(stream: &mut BufReader<UnixStream>) -> Outcome<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let line = line.trim_end().to_owned();
    if line.starts_with('-') { Err(format!("redis: {line}").into()) } else { Ok(line) }
}
