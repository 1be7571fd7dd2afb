//! The server, asked over sockets as its clients ask it.

mod description; // the API's description is what is in the repository
mod accounts; // signing in, keys, who sees what
mod box_office; // a seat from free to ticket
mod catalogue; // movies, screens, shows, posters
mod client; // a client that says exactly what it is told
mod headers; // what every answer carries
mod joined; // the dashboard's scripts, in few files
mod memory; // what clients send and do does not stay
mod matrix; // every row of the table × everybody who may ask
mod pressure; // limits, slow clients, stopping
mod process; // the real program
mod raw; // what no honest client sends
mod tls; // the same, encrypted, and HTTP/2
mod unread; // answers before the body was read
mod versions; // ETag, If-None-Match, If-Match
mod wrong; // wrong fields, in the words of the request
